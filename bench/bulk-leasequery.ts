/**
 * How fast bulk leasequery is answered: `node bench/bulk-leasequery.ts [--rows 1000000] [--repeat 5] [--family 4|6]`.
 *
 * A server process with a table that is filled directly, and a requestor that is a process of its own, on loopback.
 * Bindings as in bench/bindings.ts: client identifier of 7 octets (v6: DUID of 14), option 82 (v6: relay data) with a
 * circuit-id, a remote-id of 32 octets and a relay-id of 32, which all of them share here. The requestor asks for what a
 * relay agent needs, counts frames, decodes every 1000th, and checks that as many came as there are bindings.
 *
 * Printed: messages a second by the clock, from the query to the last message, and messages a second of the server's
 * processor time, which other work on the machine does not change; medians, lowest to highest. Then what memory the
 * server takes while three requestors do not read, and how long a query over UDP waits while bulk answers run.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type BindingInput, BindingTable } from "@leasewire/bindings";
import { LeasequeryConnections, type ResponderScopes4, type ResponderScopes6, respond4 } from "@leasewire/engines";
import { type Ipv4Address, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import { serveLeasequery } from "@leasewire/transport";
import {
  type BulkQuery4,
  bulkLeasequery4,
  decodeMessage4,
  decodeMessage6,
  encodeOptions6,
  frame,
  leasequery4,
  leasequery6,
  type Query6,
  query6,
} from "@leasewire/wire";

const INSTANCE = "default:default";
const RELAY_ID = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0 : i === 1 ? 2 : 0xa0 + i));
const LINK = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(12).fill(0));
const bulk = {
  connectionsMax: 10,
  emptyRepliesMax: 100,
  timeoutSeconds: 300,
  restrictedRequestor: false,
  queriesParallelMax: 4,
};

const { values: args } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    repeat: { type: "string", default: "5" },
    family: { type: "string" },
    role: { type: "string" },
    /** Number of the first binding: several servers have bindings of their own each. */
    first: { type: "string", default: "0" },
    /** Absent: loopback. */
    address: { type: "string" },
  },
});
const rows = Number(args.rows);
const first = Number(args.first);

if (args.role === "server") await serve(args.family === "6" ? 6 : 4);
else if (args.role === "requestor") request();
else {
  console.log(
    `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
  );
  for (const family of args.family === undefined ? [4, 6] : [Number(args.family)]) await measure(family as 4 | 6);
}

// ---- the server

type Order = { readonly kind: "cpu" } | { readonly kind: "memory" };

async function serve(family: 4 | 6): Promise<void> {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  const now = Math.floor(Date.now() / 1000);
  const source = family === 4 ? source4(now) : source6(now);
  for (let n = 0; n < rows; n += 1) {
    const put = tables[family].put(source(first + n), "import", now);
    if (put.outcome !== "inserted") throw new Error(JSON.stringify(put));
  }
  const scopes4: ResponderScopes4 = {
    instance: INSTANCE,
    serverIdentifier: ipv4FromBytes(Uint8Array.of(127, 0, 0, 1)),
    managed: [{ address: 0x0a00_0000 as Ipv4Address, length: 8 }],
    configured: [{ low: 0x0a00_0000 + first, high: 0x0a00_0000 + first + rows - 1 }],
    origins: "own",
    bulk,
  };
  const link = ipv6FromBytes(LINK);
  const scopes6: ResponderScopes6 = {
    instance: INSTANCE,
    serverDuid: Uint8Array.of(0, 3, 0, 1, 2, 2, 2, 2, 2, 2),
    links: [{ linkAddress: link, prefixes: [{ address: link, length: 32 }] }],
    origins: "own",
    bulk,
  };
  const engine = new LeasequeryConnections({ tables, durable: (one) => tables[one].sequence });
  engine.configure({ servers4: [scopes4], servers6: [scopes6] }, Date.now());
  const onFault = (error: Error): void => {
    throw error;
  };
  const opened = await serveLeasequery(
    { family, instance: INSTANCE, address: args.address ?? (family === 4 ? "127.0.0.1" : "::1"), port: 0 },
    engine,
    { onFault },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const udp = createSocket("udp4");
  udp.on("message", (bytes, from) => {
    const message = decodeMessage4(bytes);
    if (!message.ok) return;
    const response = respond4(tables[4], scopes4, message.value, Date.now());
    if (response.kind === "reply") udp.send(response.bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  process.on("message", (order: Order) => {
    if (order.kind === "cpu") {
      const { user, system } = process.threadCpuUsage();
      process.send!({ ms: (user + system) / 1000 });
    } else {
      globalThis.gc?.();
      process.send!({ bytes: process.memoryUsage().rss });
    }
  });
  globalThis.gc?.();
  process.send!({ port: opened.value.port, udp: udp.address().port });
}

function common(now: number): Omit<BindingInput, "address" | "prefixLength" | "linkAddress"> {
  return {
    instance: INSTANCE,
    kind: "address",
    state: 2,
    hardwareType: 1,
    startTimeOfStateSeconds: now - 100,
    clientLastTransactionTimeSeconds: now - 50,
    expiresAtSeconds: now + 86_400,
    serverIdentifier: Uint8Array.of(127, 0, 0, 1),
    dataSource: 0,
    origin: "import",
  };
}

/** Writes the number of a binding where it makes the remote-id, and the circuit-id, its own. */
function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function source4(now: number): (n: number) => BindingInput {
  const relay = new Uint8Array(2 + 14 + 2 + 32 + 2 + 32).fill(0xa5);
  relay.set([1, 14], 0);
  relay.set([2, 32], 16);
  relay.set([12, 32, ...RELAY_ID], 50);
  const input: BindingInput = {
    ...common(now),
    address: new Uint8Array(4),
    prefixLength: 32,
    hardwareAddress: new Uint8Array(6),
    clientId: new Uint8Array(7),
    linkAddress: Uint8Array.of(10, 0, 0, 1),
    relayAgentInformation: relay,
    circuitId: relay.subarray(2, 16),
    remoteId: relay.subarray(18, 50),
    relayId: relay.subarray(52, 84),
  };
  return (n) => {
    write32(input.address, 0, 0x0a00_0000 + n);
    write32(input.hardwareAddress!, 2, n);
    input.clientId![0] = 1;
    input.clientId!.set(input.hardwareAddress!, 1);
    write32(relay, 4, n);
    write32(relay, 20, n);
    return input;
  };
}

function source6(now: number): (n: number) => BindingInput {
  const options = encodeOptions6([
    { code: 18, data: new Uint8Array(14).fill(0xa5) },
    { code: 37, data: new Uint8Array(32).fill(0xa5) },
    { code: 53, data: RELAY_ID },
  ]);
  const relay = new Uint8Array(16 + 34 + options.length);
  relay.set(LINK, 0);
  relay[16] = 12;
  relay.set(LINK, 18);
  relay.set(LINK, 34);
  relay.set(options, 50);
  const input: BindingInput = {
    ...common(now),
    address: Uint8Array.from(LINK),
    prefixLength: 128,
    clientId: Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0),
    iaid: 1,
    preferredUntilSeconds: now + 43_200,
    linkAddress: LINK,
    relayAgentInformation: relay,
    circuitId: relay.subarray(54, 68),
    remoteId: relay.subarray(72, 104),
    relayId: relay.subarray(108, 140),
  };
  return (n) => {
    write32(input.address, 12, n);
    write32(input.clientId!, 10, n);
    write32(relay, 56, n);
    write32(relay, 74, n);
    return input;
  };
}

// ---- the requestor

interface Request {
  readonly port: number;
  readonly family: 4 | 6;
  readonly query: string;
  /** Stop reading after the first octets. */
  readonly stuck?: boolean;
}

function queryOf({ family, query }: Request): Uint8Array {
  if (family === 4) {
    const key: BulkQuery4 = query === "all" ? { kind: "all" } : { kind: "relay-id", relayId: RELAY_ID };
    return bulkLeasequery4({ xid: 7, query: key, parameterRequestList: [152, 51, 153, 91, 156, 61, 82] });
  }
  const key: Query6 = query === "link-address" ? { kind: "link-address" } : { kind: "relay-id", relayDuid: RELAY_ID };
  return leasequery6({
    transactionId: 7,
    clientDuid: RELAY_ID,
    ...(query === "link-address" ? { linkAddress: ipv6FromBytes(LINK) } : {}),
    ...query6(key, [47]),
  });
}

function request(): void {
  const stuck: Socket[] = [];
  process.on("message", (order: Request) => {
    const socket = connect({ port: order.port, host: order.family === 4 ? "127.0.0.1" : "::1" });
    if (order.stuck === true) {
      stuck.push(socket);
      socket.write(frame(queryOf(order)));
      socket.pause();
      return;
    }
    let begun = 0;
    let messages = 0;
    let octets = 0;
    /** Octets of the next frame's size and message still to come; the size may be cut in two. */
    let rest = 0;
    let half = -1;
    let sampled: Uint8Array[] | undefined;
    let samples = 0;
    const judge = (bytes: Uint8Array): void => {
      const decoded = order.family === 4 ? decodeMessage4(bytes) : decodeMessage6(bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      samples += 1;
    };
    socket.on("connect", () => {
      begun = performance.now();
      socket.write(frame(queryOf(order)));
    });
    socket.on("data", (bytes: Uint8Array) => {
      octets += bytes.length;
      let at = 0;
      while (at < bytes.length) {
        if (rest === 0) {
          if (half < 0) {
            half = bytes[at]!;
            at += 1;
            if (at === bytes.length) break;
          }
          rest = (half << 8) | bytes[at]!;
          half = -1;
          at += 1;
          if (messages % 1000 === 0) sampled = [];
          continue;
        }
        const take = Math.min(rest, bytes.length - at);
        if (sampled !== undefined) sampled.push(Uint8Array.from(bytes.subarray(at, at + take)));
        rest -= take;
        at += take;
        if (rest === 0) {
          messages += 1;
          if (sampled !== undefined) {
            judge(Uint8Array.from(Buffer.concat(sampled)));
            sampled = undefined;
          }
        }
      }
      if (messages === rows + 1) {
        process.send!({ ms: performance.now() - begun, messages, octets, samples });
        messages = 0;
        socket.destroy();
      }
    });
    socket.on("error", (error) => {
      throw error;
    });
  });
  process.send!({});
}

// ---- the measurement

async function measure(family: 4 | 6): Promise<void> {
  const server = start("server", family);
  const { port, udp } = await told<{ port: number; udp: number }>(server);
  const requestor = start("requestor", family);
  await told(requestor);
  console.log(`\nDHCPv${family}, ${rows.toLocaleString("en")} bindings`);
  for (const query of family === 4 ? ["all", "relay-id"] : ["relay-id", "link-address"]) {
    const byClock: number[] = [];
    const byCpu: number[] = [];
    let size = 0;
    // The first is not counted: the code is not compiled yet.
    for (let i = 0; i <= Number(args.repeat); i += 1) {
      const before = await cpu(server);
      requestor.send({ port, family, query } satisfies Request);
      const { ms, messages, octets } = await told<{ ms: number; messages: number; octets: number }>(requestor);
      const used = (await cpu(server)) - before;
      if (i === 0) continue;
      byClock.push((messages / ms) * 1000);
      byCpu.push((messages / used) * 1000);
      size = octets / messages;
    }
    print(`${query}: messages/s by the clock`, byClock);
    print(`${query}: messages/s of the server's processor time`, byCpu);
    console.log(`  ${`${query}: octets a message`.padEnd(56)} ${size.toFixed(0).padStart(12)}`);
  }

  if (family === 4) {
    const calm = await probe(udp, 3_000);
    console.log(`  ${"query over UDP, nothing else: p50, p99, worst, ms".padEnd(56)} ${calm}`);
    const running = (async () => {
      for (let i = 0; i < 3; i += 1) {
        requestor.send({ port, family, query: "all" } satisfies Request);
        await told(requestor);
      }
    })();
    const busy = await probe(udp, 3_000);
    await running;
    console.log(`  ${"the same while bulk answers run".padEnd(56)} ${busy}`);
  }

  const before = await memory(server);
  for (let i = 0; i < 3; i += 1)
    requestor.send({ port, family, query: family === 4 ? "all" : "relay-id", stuck: true } satisfies Request);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const grown = ((await memory(server)) - before) / 1024 / 1024;
  console.log(`  ${"memory for three requestors that do not read, MiB".padEnd(56)} ${grown.toFixed(1).padStart(12)}`);
  requestor.kill();
  server.kill();
}

function start(role: string, family: 4 | 6): ChildProcess {
  return fork(import.meta.filename, ["--role", role, "--family", String(family), "--rows", String(rows)], {
    execArgv: ["--expose-gc"],
  });
}

function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("the process has ended"));
    child.once("exit", gone);
    child.once("message", (message) => {
      child.off("exit", gone);
      resolve(message as T);
    });
  });
}

async function cpu(server: ChildProcess): Promise<number> {
  server.send({ kind: "cpu" } satisfies Order);
  return (await told<{ ms: number }>(server)).ms;
}

async function memory(server: ChildProcess): Promise<number> {
  server.send({ kind: "memory" } satisfies Order);
  return (await told<{ bytes: number }>(server)).bytes;
}

/** A thousand queries a second, one answer each. */
async function probe(port: number, ms: number): Promise<string> {
  const socket = createSocket("udp4");
  const sent = new Map<number, number>();
  const delays: number[] = [];
  socket.on("message", (bytes) => {
    const message = decodeMessage4(bytes);
    if (message.ok) delays.push(performance.now() - (sent.get(message.value.xid) ?? 0));
  });
  const until = performance.now() + ms;
  let xid = 0;
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    xid += 1;
    sent.set(xid, performance.now());
    socket.send(
      leasequery4({
        xid,
        giaddr: 0x7f00_0001 as Ipv4Address,
        query: { kind: "address", address: (0x0a00_0000 + ((xid * 7919) % rows)) as Ipv4Address },
        parameterRequestList: [51, 82, 91],
      }),
      port,
      "127.0.0.1",
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.close();
  delays.sort((a, b) => a - b);
  const at = (part: number): string => (delays[Math.floor(delays.length * part)] ?? Number.NaN).toFixed(2);
  return `${at(0.5)}, ${at(0.99)}, ${delays.at(-1)?.toFixed(2)} (${delays.length} of ${xid} answered)`;
}

function print(name: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const text = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!].map((value) =>
    Math.round(value).toLocaleString("en"),
  );
  console.log(`  ${name.padEnd(56)} ${text[0]!.padStart(12)}   ${text[1]} – ${text[2]}`);
}
