import { execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { addon, addonAbsence } from "./addon.ts";
import {
  arrivalWord,
  arrivalWords,
  type DatagramArrival,
  type DatagramEndpoint,
  type DatagramHandlers,
  type DatagramImplementation,
  datagramLimits,
  openServerDatagrams,
  type ServerDatagrams,
} from "./index.ts";

const open: ServerDatagrams[] = [];
const foreign: Socket[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((datagrams) => datagrams.close()));
  for (const socket of foreign.splice(0)) socket.close();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

interface Received {
  readonly address: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  readonly arrival: DatagramArrival;
}

function collector() {
  const received: Received[] = [];
  const failed: string[] = [];
  const faults: Error[] = [];
  const handlers: DatagramHandlers = {
    onDatagram: (address, port, bytes, arrival) => void received.push({ address, port, bytes, arrival }),
    onSendFailed: (address, port, reason) => void failed.push(`${address} ${port}: ${reason}`),
    onFault: (error) => void faults.push(error),
  };
  return { received, failed, faults, handlers };
}

async function opened(endpoint: DatagramEndpoint, handlers: DatagramHandlers): Promise<ServerDatagrams> {
  const result = await openServerDatagrams(endpoint, handlers);
  if (!result.ok) throw new Error(result.error.message);
  open.push(result.value);
  return result.value;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 4000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

const oneTurn = () => new Promise((resolve) => setImmediate(resolve));

const implementations: readonly DatagramImplementation[] = ["batched", "plain"];
const families = [
  { family: 4, address: "127.0.0.1", largest: 65_507 },
  { family: 6, address: "::1", largest: 65_527 },
] as const;
const cases = implementations.flatMap((implementation) =>
  families.map((family) => ({ implementation, ...family, absent: implementation === "batched" && addon() === null })),
);
const root = process.getuid?.() === 0;
if (!root) console.log("Echo probes and devices are not tested here: that needs root.");
if (addon() === null) console.log(`Batched datagrams are not tested here: ${addonAbsence()}.`);

describe.each(cases)("$implementation sockets, IPv$family", ({ implementation, family, address, largest, absent }) => {
  const base = { implementation, family, address, port: 0 };

  test.skipIf(absent)(
    "what is dealt with where it lies is answered from there, the rest is told one by one",
    async () => {
      const a = collector();
      const b = collector();
      const one = await opened(base, a.handlers);
      const two: ServerDatagrams = await opened(base, {
        ...b.handlers,
        onArrival({ bytes, words }, index) {
          const at = index * arrivalWords;
          const from = words[at + arrivalWord.offset]!;
          const length = words[at + arrivalWord.length]!;
          if (bytes[from] !== 1) return false;
          const number = bytes[from + 1]!;
          const place = two.place(4);
          two.sendOctets.set([9, length, number, 7], place);
          // Runs of equal length, and others in between.
          const octets = number % 9 === 0 ? 4 : 3;
          const port = words[at + arrivalWord.sourcePort]!;
          two.sendPlaced(place, octets, words, at + arrivalWord.sourceAddress, port, words, -1);
          return true;
        },
      });
      for (let i = 0; i < 200; i += 1) one.send(address, two.port, Uint8Array.of(i % 4 === 0 ? 2 : 1, i));
      await until(() => a.received.length === 150 && b.received.length === 50);
      expect(a.received.map(({ bytes }) => [...bytes])).toEqual(
        Array.from({ length: 200 }, (_, i) => i)
          .filter((i) => i % 4 !== 0)
          .map((i) => (i % 9 === 0 ? [9, 2, i, 7] : [9, 2, i])),
      );
      expect(a.received.every((from) => from.address === address && from.port === two.port)).toBe(true);
      expect(b.received.map(({ bytes }) => bytes[1])).toEqual(Array.from({ length: 50 }, (_, i) => i * 4));
      expect([...a.faults, ...b.faults]).toEqual([]);
      expect(two.place(1 << 21)).toBe(-1);
    },
  );

  test.skipIf(absent)("datagrams go from the bound port to the peer and back", async () => {
    const a = collector();
    const b = collector();
    const one = await opened(base, a.handlers);
    const two = await opened(base, b.handlers);
    expect(one.batched).toBe(implementation === "batched");
    one.send(address, two.port, Uint8Array.of(1, 2, 3));
    await until(() => b.received.length === 1);
    two.send(address, one.port, Uint8Array.of(4));
    await until(() => a.received.length === 1);
    expect(b.received[0]).toMatchObject({ address, port: one.port, bytes: Uint8Array.of(1, 2, 3) });
    expect(a.received[0]).toMatchObject({ address, port: two.port, bytes: Uint8Array.of(4) });
    expect(a.failed).toEqual([]);
    expect(one.statistics()).toMatchObject({ received: 1, receivedOctets: 1, sent: 1, sentOctets: 3, sendFailed: 0 });
  });

  test.skipIf(absent)("the smallest and the largest datagram arrive as they were, among ordinary ones", async () => {
    const b = collector();
    const one = await opened(base, collector().handlers);
    const two = await opened(base, b.handlers);
    const sizes = [0, 1, 300, 2047, 2048, 2049, largest, 300, 0, largest];
    const sent = sizes.map((size, i) => new Uint8Array(size).map((_, at) => (at * 7 + i) & 255));
    // No more than one large datagram at a time: the system counts small buffers generously.
    for (const [i, bytes] of sent.entries()) {
      one.send(address, two.port, bytes);
      await until(() => b.received.length === i + 1);
    }
    expect(b.received.map(({ bytes }) => bytes.length)).toEqual(sizes);
    for (const [i, { bytes }] of b.received.entries()) expect(bytes).toEqual(sent[i]);
  });

  test.skipIf(absent)("a burst of 20,000 datagrams arrives whole, or what is lost is counted", async () => {
    const count = 20_000;
    const seen = new Uint8Array(count);
    const two = await opened(base, {
      onDatagram(_address, _port, bytes) {
        const at = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        seen[at]! += 1;
      },
      onFault: (error) => {
        throw error;
      },
    });
    const one = await opened(base, collector().handlers);
    const bytes = new Uint8Array(300);
    for (let i = 0; i < count; i += 1) {
      new DataView(bytes.buffer).setUint32(0, i);
      one.send(address, two.port, Uint8Array.from(bytes));
      // The sender pauses for its own queue, never for the receiver, which gets no turn before all are sent.
      if (i % 1000 === 999 && implementation === "plain") await oneTurn();
    }
    await until(
      () => two.statistics().received + (two.statistics().lost ?? 0) + one.statistics().sendDropped === count,
    );
    const { received } = two.statistics();
    expect(one.statistics().sent + one.statistics().sendDropped).toBe(count);
    expect(received).toBeGreaterThan(0);
    expect(seen.reduce((sum, times) => sum + times, 0)).toBe(received);
    expect(seen.every((times) => times <= 1)).toBe(true);
  });

  test.skipIf(absent)("a batch tells where each datagram is and where it comes from, without a text", async () => {
    const taken: { source: number[]; port: number; bytes: number[] }[] = [];
    const two = await opened(base, {
      onBatch({ count, bytes, words }) {
        for (let i = 0; i < count; i += 1) {
          const at = i * arrivalWords;
          const offset = words[at + arrivalWord.offset]!;
          taken.push({
            source: [...words.subarray(at + arrivalWord.sourceAddress, at + arrivalWord.sourceAddress + 4)],
            port: words[at + arrivalWord.sourcePort]!,
            bytes: [...bytes.subarray(offset, offset + words[at + arrivalWord.length]!)],
          });
        }
      },
      onFault: (error) => {
        throw error;
      },
    });
    const one = await opened(base, collector().handlers);
    for (let i = 0; i < 100; i += 1) one.send(address, two.port, Uint8Array.of(i, 255 - i));
    await until(() => taken.length === 100);
    expect(taken.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 100 }, (_, i) => [i, 255 - i]));
    expect(new Set(taken.map(({ port }) => port))).toEqual(new Set([one.port]));
    expect(taken[0]?.source).toEqual(family === 4 ? [0x7f00_0001, 0, 0, 0] : [0, 0, 0, 1]);
  });

  test.skipIf(absent)("what is kept of a datagram does not change when others come", async () => {
    const b = collector();
    const one = await opened(base, collector().handlers);
    const two = await opened(base, b.handlers);
    for (let i = 0; i < 300; i += 1) one.send(address, two.port, new Uint8Array(64).fill(i & 255));
    await until(() => b.received.length === 300);
    for (const [i, { bytes }] of b.received.entries()) expect(bytes).toEqual(new Uint8Array(64).fill(i & 255));
  });

  test.skipIf(absent)("closing during traffic ends deliveries at once, and is harmless twice", async () => {
    let after = 0;
    let closed = false;
    let closing: Promise<void> | undefined;
    const two: ServerDatagrams = await opened(base, {
      onDatagram() {
        if (closed) after += 1;
        closed = true;
        closing ??= two.close();
        two.send(address, two.port, Uint8Array.of(9));
      },
      onFault: (error) => {
        throw error;
      },
    });
    const one = await opened(base, collector().handlers);
    for (let i = 0; i < 1000; i += 1) one.send(address, two.port, new Uint8Array(100));
    await until(() => closing !== undefined);
    await closing;
    await two.close();
    two.flush();
    two.send(address, one.port, Uint8Array.of(1));
    expect(await two.probe(undefined, address, 10)).toBe(false);
    await oneTurn();
    expect(after).toBe(0);
    // The port is free again.
    const again = await opened({ ...base, port: two.port }, collector().handlers);
    expect(again.port).toBe(two.port);
  });

  test.skipIf(absent)("a worker thread serves, and ending it frees the port", async () => {
    const worker = new Worker(new URL("../test/echo-worker.ts", import.meta.url), { workerData: base });
    workers.push(worker);
    const [port] = (await once(worker, "message")) as [number];
    const a = collector();
    const one = await opened(base, a.handlers);
    for (let i = 0; i < 50; i += 1) one.send(address, port, Uint8Array.of(i));
    await until(() => a.received.length === 50);
    // It is ended in the middle of its work.
    for (let i = 0; i < 500; i += 1) one.send(address, port, Uint8Array.of(i & 255));
    one.flush();
    await worker.terminate();
    const probe = createSocket({ type: family === 4 ? "udp4" : "udp6" });
    foreign.push(probe);
    const bound = once(probe, "listening");
    probe.bind({ port, address, exclusive: true });
    await bound;
  });

  test.skipIf(absent)("a port another program holds is refused with the remedy", async () => {
    const socket = createSocket({ type: family === 4 ? "udp4" : "udp6" });
    foreign.push(socket);
    socket.bind(0, address);
    await once(socket, "listening");
    const { port } = socket.address();
    const result = await openServerDatagrams({ ...base, port }, collector().handlers);
    expect(result).toEqual({
      ok: false,
      error: {
        code: "port-in-use",
        message: `Cannot listen on ${address} port ${port}: another program uses it. Stop that program ("ss -ulpn" names it), or choose another listen-port.`,
      },
    });
  });

  test.skipIf(absent)("an address of another machine is refused with the remedy", async () => {
    const other = family === 4 ? "198.51.100.77" : "2001:db8::77";
    const result = await openServerDatagrams({ ...base, address: other }, collector().handlers);
    expect(result.ok ? "" : result.error.code).toBe("address-not-ours");
  });

  test.skipIf(absent)("a handler that throws reaches onFault, and the rest is delivered", async () => {
    const b = collector();
    const two = await opened(base, {
      ...b.handlers,
      onDatagram(from, port, bytes, arrival) {
        if (bytes[0] === 1) throw new Error("fault");
        b.handlers.onDatagram?.(from, port, bytes, arrival);
      },
    });
    const one = await opened(base, collector().handlers);
    for (const octet of [0, 1, 2]) one.send(address, two.port, Uint8Array.of(octet));
    await until(() => b.received.length === 2);
    expect(b.faults.map(({ message }) => message)).toEqual(["fault"]);
    expect(b.received.map(({ bytes }) => bytes[0])).toEqual([0, 2]);
  });

  test.skipIf(absent)("what cannot be sent is told in a later turn with its reason, and the rest goes on", async () => {
    const a = collector();
    const b = collector();
    const one = await opened(base, a.handlers);
    const two = await opened(base, b.handlers);
    one.send(address, two.port, new Uint8Array(largest + 1));
    one.send("not an address", 67, Uint8Array.of(1));
    one.send(address, two.port, Uint8Array.of(2));
    expect(a.failed).toEqual([]);
    await until(() => a.failed.length === 2 && b.received.length === 1);
    expect(a.failed.sort()).toEqual([
      `${address} ${two.port}: message too long for the network`,
      "not an address 67: invalid argument: not an address cannot be reached from the listen-address",
    ]);
    expect(one.statistics()).toMatchObject({ sendFailed: 2, sent: 1 });
  });
});

describe("plain sockets say what they cannot do", () => {
  test("a device is refused", async () => {
    const result = await openServerDatagrams(
      { implementation: "plain", family: 4, port: 0, device: "eth1" },
      collector().handlers,
    );
    expect(result.ok ? "" : result.error).toEqual({
      code: "addon-required",
      message:
        "Cannot listen on every address port 0 at device eth1: plain sockets are not bound to devices, and LEASEWIRE_DATAGRAMS or the program asks for plain sockets.",
    });
  });

  test("a send by hardware address and a probe are refused and counted", async () => {
    const a = collector();
    const one = await opened({ implementation: "plain", family: 4, address: "127.0.0.1", port: 0 }, a.handlers);
    one.sendOnLink("lo", "192.0.2.9", 68, Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(1));
    expect(await one.probe("lo", "192.0.2.9", 10)).toBe(false);
    await until(() => a.failed.length === 1);
    expect(a.failed[0]).toBe(
      "192.0.2.9 68: clients that are attached directly cannot be served: LEASEWIRE_DATAGRAMS or the program asks for plain sockets",
    );
    expect(one.statistics()).toMatchObject({ linkRefused: 1, probesRefused: 1 });
  });
});

describe.skipIf(addon() === null)("batched sockets", () => {
  const base = { implementation: "batched", family: 4, port: 0 } as const;

  test("a datagram names its interface and the address it was sent to", async () => {
    const b = collector();
    const two = await opened(base, b.handlers);
    const one = await opened({ ...base, address: "127.0.0.1" }, collector().handlers);
    one.send("127.0.0.77", two.port, Uint8Array.of(1));
    await until(() => b.received.length === 1);
    expect(b.received[0]).toMatchObject({
      address: "127.0.0.1",
      arrival: { interfaceName: "lo", localAddress: "127.0.0.77", unicast: true },
    });
  });

  test("a datagram leaves from the address that is asked for", async () => {
    const b = collector();
    const two = await opened({ ...base, address: "127.0.0.1" }, b.handlers);
    const one = await opened(base, collector().handlers);
    one.send("127.0.0.1", two.port, Uint8Array.of(1), { localAddress: "127.0.0.9" });
    one.sendOnLink("lo", "127.0.0.1", two.port, Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(2), "127.0.0.10");
    await until(() => b.received.length === 2);
    expect(b.received.map(({ address }) => address)).toEqual(["127.0.0.9", "127.0.0.10"]);
  });

  test("what does not fit into the queue is dropped and counted, never more than that", async () => {
    const b = collector();
    const two = await opened({ ...base, address: "127.0.0.1" }, b.handlers);
    const one = await opened({ ...base, address: "127.0.0.1" }, collector().handlers);
    one.send("127.0.0.1", two.port, new Uint8Array(datagramLimits.sendQueueOctetsMax + 1));
    expect(one.statistics().sendDropped).toBe(1);
    // Many times round the ring, in sizes that do not divide it.
    let octets = 0;
    for (let i = 0; i < 5000; i += 1) {
      const size = (i * 389) % 2500;
      octets += size;
      one.send("127.0.0.1", two.port, new Uint8Array(size).fill(i & 255));
      if (i % 500 === 499) await until(() => b.received.length === i + 1);
    }
    expect(one.statistics()).toMatchObject({ sent: 5000, sentOctets: octets, sendDropped: 1 });
    for (const [i, { bytes }] of b.received.entries()) {
      expect(bytes.length).toBe((i * 389) % 2500);
      expect(bytes.every((octet) => octet === (i & 255))).toBe(true);
    }
  });

  test("timers get their turn while datagrams pour in", async () => {
    let received = 0;
    const two: ServerDatagrams = await opened(
      { ...base, address: "127.0.0.1" },
      {
        onBatch({ count }) {
          received += count;
          // Each one received brings another: without a limit on a turn this would never end.
          for (let i = 0; i < count && received < 50_000; i += 1) two.send("127.0.0.1", two.port, Uint8Array.of(1));
        },
        onFault: (error) => {
          throw error;
        },
      },
    );
    for (let i = 0; i < 1000; i += 1) two.send("127.0.0.1", two.port, Uint8Array.of(1));
    let turns = 0;
    while (received < 50_000) {
      await oneTurn();
      turns += 1;
      expect(received).toBeLessThanOrEqual(turns * 128);
    }
  });

  test.skipIf(!root)("an echo tells whether an address is in use", async () => {
    const one = await opened(base, collector().handlers);
    expect(await one.probe(undefined, "127.0.0.1", 5000)).toBe(true);
    // Nobody is asked twice for one address, and all are answered.
    expect(await Promise.all([1, 2, 3].map(() => one.probe(undefined, "127.0.0.2", 5000)))).toEqual([true, true, true]);
    expect(one.statistics().probesRefused).toBe(0);
  });

  test.skipIf(!root)("without the privilege for packets it says so, and serves relayed clients all the same", () => {
    const script = `
      import { openServerDatagrams } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
      const told = { failed: [], received: 0 };
      const opened = await openServerDatagrams({ implementation: "batched", family: 4, address: "127.0.0.1", port: 0 }, {
        onDatagram() { told.received += 1; },
        onSendFailed(address, port, reason) { told.failed.push(reason); },
        onFault(error) { throw error; },
      });
      const socket = opened.value;
      socket.send("127.0.0.1", socket.port, Uint8Array.of(1));
      while (told.received === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      console.log(JSON.stringify({ refusal: socket.linkRefusal, ...told }));
      await socket.close();
    `;
    // Root that lacks this one capability, as a service that was given only the others.
    const command = ["--bounding-set=-net_raw", process.execPath, "--input-type=module", "-e", script];
    const output = execFileSync("setpriv", command, { encoding: "utf8" });
    expect(JSON.parse(output)).toEqual({
      refusal:
        "clients that are attached directly cannot be served, nor addresses probed: packet sockets are refused (EPERM). Give the program CAP_NET_RAW, or start it as root",
      received: 1,
      failed: [],
    });
  });

  test.skipIf(!root)("an unknown device is refused with the remedy", async () => {
    const result = await openServerDatagrams({ ...base, device: "nosuch0" }, collector().handlers);
    expect(result.ok ? "" : result.error).toEqual({
      code: "device-unknown",
      message:
        'Cannot listen on every address port 0: this machine has no device nosuch0. Correct the name ("ip link" lists them), or add the device.',
    });
  });

  test("sends to an interface that is not there are told", async () => {
    const a = collector();
    const one = await opened(base, a.handlers);
    one.sendOnLink("nosuch0", "192.0.2.1", 68, undefined, Uint8Array.of(1));
    await until(() => a.failed.length === 1);
    expect(a.failed[0]).toBe("192.0.2.1 68: no such device: the interface is gone");
  });
});
