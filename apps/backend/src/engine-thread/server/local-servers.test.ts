import { seededRandom } from "@leasewire/engines";
import { formatIpv4, type Ipv4Address } from "@leasewire/net";
import { discover4, type Lease4, type RelayedClient4, readLease4, request4 } from "@leasewire/sim";
import { type DatagramArrival, explainBindFailure, type openServerDatagrams } from "@leasewire/transport";
import { decodeMessage4, leasequery4, MessageType4 } from "@leasewire/wire";
import { afterEach, describe, expect, test } from "vitest";
import type { ChangeBatch } from "../../persistence-thread/messages.ts";
import { EngineService } from "../service.ts";

const pool = "set access address-assignment pool";
const server = "set system services dhcp-local-server";
const configuration = `${pool} homes family inet network 10.1.0.0/24
${server} listen-address 192.0.2.1
${server} address-probe disable
${server} allow-leasequery
${server} group access interface ge-0/0/1.0
set interfaces ge-0/0/1 unit 0 device eth1`;

/** A database that takes its time, or refuses. */
class Database {
  readonly last = { 4: 0, 6: 0 };
  refuse = false;
  #held: (() => void)[] | null = null;

  hold() {
    this.#held = [];
  }
  release() {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }
  async writeChanges(batch: ChangeBatch) {
    const held = this.#held;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    if (this.refuse) throw new Error("disk full");
    for (const family of [4, 6] as const) this.last[family] = Math.max(this.last[family], batch.last[family]);
    return { durableSequence: { ...this.last } };
  }
  async writeRun() {}
  async readBindings() {
    const none = { 4: 0, 6: 0 };
    return { bindings: { bytes: new Uint8Array(0), texts: [], count: 0, first: none, last: none }, next: null };
  }
  async lastSequence() {
    return 0;
  }
}

/** Sockets without a network: what is sent is kept, what arrives is said by the test. */
class Network {
  readonly open = new Map<string, (bytes: Uint8Array, arrival: DatagramArrival, source: string) => void>();
  readonly sent: { readonly through: string; readonly to: string; readonly bytes: Uint8Array }[] = [];
  readonly taken = new Set<string>();

  readonly opener: typeof openServerDatagrams = async ({ address, port, device }, handlers) => {
    const name = `${address ?? "*"}#${port}${device === undefined ? "" : `%${device}`}`;
    if (this.taken.has(name)) return { ok: false, error: explainBindFailure("EADDRINUSE", name, port) };
    this.open.set(name, (bytes, arrival, source) => handlers.onDatagram?.(source, 67, bytes, arrival));
    return {
      ok: true,
      value: {
        port,
        batched: true,
        linkRefusal: null,
        send: (to, toPort, bytes) => void this.sent.push({ through: name, to: `${to}#${toPort}`, bytes }),
        sendOnLink: (link, to, toPort, _hardware, bytes) =>
          void this.sent.push({ through: name, to: `${to}#${toPort}%${link}`, bytes }),
        probe: async () => false,
        flush: () => {},
        interfaceName: () => undefined,
        multicastInterfaces: () => {},
        statistics: () => ({
          received: 0,
          receivedOctets: 0,
          batches: 0,
          sent: 0,
          sentOctets: 0,
          sendFailed: 0,
          sendDropped: 0,
          linkRefused: 0,
          probesRefused: 0,
          lost: null,
        }),
        close: async () => void this.open.delete(name),
      },
    };
  };

  /** The last message that was sent; undefined when nothing was since the last call. */
  take() {
    const message = this.sent.at(-1);
    this.sent.length = 0;
    if (message === undefined) return undefined;
    const decoded = decodeMessage4(message.bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return { ...message, message: decoded.value };
  }
}

let service: EngineService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function started(text = configuration) {
  const database = new Database();
  const network = new Network();
  service = new EngineService({
    node: "test",
    persistence: database,
    emit: () => {},
    random: seededRandom(1),
    openServer: network.opener,
  });
  await service.start();
  const configured = await service.configure(text);
  expect(configured.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  return { service, database, network };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const relay = "10.1.0.1";

function client(n: number, giaddr = (10 << 24) | (1 << 16) | 1): RelayedClient4 {
  return { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, n), giaddr: giaddr as Ipv4Address };
}

/** A message of a relay to the server's address. */
function arrive(network: Network, bytes: Uint8Array): void {
  network.open.get("192.0.2.1#67")!(bytes, { localAddress: "192.0.2.1", unicast: true }, relay);
}

function offered(network: Network, n: number): Lease4 {
  arrive(network, discover4(client(n), n));
  const offer = network.take();
  expect(offer?.message.messageType).toBe(MessageType4.DHCPOFFER);
  return readLease4(offer!.message)!;
}

describe("a reply that promises", () => {
  test("leaves when the database has it, not before", async () => {
    const { network, database } = await started();
    const offer = offered(network, 1);
    database.hold();
    arrive(network, request4(client(1), 1, offer));
    await turn();
    expect(network.take()).toBeUndefined();
    database.release();
    await expect.poll(() => network.take()?.message.messageType).toBe(MessageType4.DHCPACK);
  });

  test("what is decided while one transaction is being written goes into the next, and leaves together", async () => {
    const { network, database } = await started();
    const offers = [1, 2, 3].map((n) => offered(network, n));
    database.hold();
    for (const [index, offer] of offers.entries()) {
      arrive(network, request4(client(index + 1), index + 1, offer));
      await turn();
    }
    expect(network.sent).toEqual([]);
    database.release();
    await expect.poll(() => network.sent.length).toBe(3);
    expect(database.last[4]).toBe(3);
  });
});

describe("a database that refuses", () => {
  test("nothing is granted, queries are answered, and all goes on by itself", async () => {
    const { network, database } = await started();
    const first = offered(network, 1);
    arrive(network, request4(client(1), 1, first));
    await expect.poll(() => network.take()?.message.messageType).toBe(MessageType4.DHCPACK);
    const second = offered(network, 2);
    database.refuse = true;
    arrive(network, request4(client(2), 2, second));
    await turn();
    // An offer promises that an address can be had.
    arrive(network, discover4(client(3), 3));
    await turn();
    expect(network.take()).toBeUndefined();
    const giaddr = client(0).giaddr;
    const query = { kind: "address", address: first.address } as const;
    arrive(network, leasequery4({ xid: 9, giaddr, query, parameterRequestList: [] }));
    await turn();
    expect(network.take()?.message.messageType).toBe(MessageType4.DHCPLEASEACTIVE);
    database.refuse = false;
    await expect.poll(() => network.take()?.message.messageType, { timeout: 5000 }).toBe(MessageType4.DHCPACK);
    await expect
      .poll(() => {
        arrive(network, discover4(client(3), 3));
        return network.take()?.message.messageType;
      })
      .toBe(MessageType4.DHCPOFFER);
  });
});

describe("sockets", () => {
  test("one of its own address, and one for each client interface; a reply goes out where the client is", async () => {
    const { network } = await started();
    expect([...network.open.keys()]).toEqual(["192.0.2.1#67", "*#67%eth1"]);
    const direct = client(7, 0);
    const bytes = discover4(direct, 7);
    // Hops are those of the relay; a client on the link has none.
    bytes[3] = 0;
    network.open.get("*#67%eth1")!(bytes, { interfaceName: "eth1", localAddress: "10.1.0.1" }, "0.0.0.0");
    await turn();
    // No pool serves the link: eth1 has no address on this machine.
    expect(network.take()).toBeUndefined();
    expect(await service!.serverStatistics(4, {})).toMatchObject({ dropsTotal: 1 });
  });

  test("a port in use refuses the configuration whole", async () => {
    const { service, network } = await started();
    network.taken.add("192.0.2.2#67");
    const answer = await service.configure(configuration.replace("192.0.2.1", "192.0.2.2"));
    expect(answer).toMatchObject({
      ok: false,
      findings: [
        {
          rule: "listen-port-in-use",
          path: "system services dhcp-local-server listen-port",
          remedy: "set system services dhcp-local-server listen-port PORT",
        },
      ],
    });
    expect([...network.open.keys()]).toEqual(["192.0.2.1#67", "*#67%eth1"]);
    offered(network, 1);
  });

  test("without servers no socket stays", async () => {
    const { service, network } = await started();
    await service.configure("");
    expect(network.open.size).toBe(0);
    expect(await service.serverPools({})).toEqual({ pools: [], servers: [] });
  });
});

describe("what people do", () => {
  test("a cleared binding is RESET and its address free", async () => {
    const { service, network } = await started();
    const offer = offered(network, 1);
    arrive(network, request4(client(1), 1, offer));
    await expect.poll(() => network.take()?.message.messageType).toBe(MessageType4.DHCPACK);
    expect((await service.serverPools({})).pools).toMatchObject([{ name: "homes", active: 1, served: true }]);
    const address = formatIpv4(offer.address);
    const cleared = await service.clearBindings({ family: 4, role: "server", address }, "ann");
    expect(cleared).toEqual({ ok: true, value: { cleared: 1 } });
    expect((await service.serverPools({})).pools).toMatchObject([{ active: 0 }]);
    expect(await service.bindingDetail(`4/default:default/${address}/32`)).toMatchObject({
      ok: true,
      value: { row: { state: "RESET" } },
    });
  });

  test("a requestor in quarantine is not answered until it is released", async () => {
    const { service, network } = await started();
    const query = { kind: "address", address: 1 as Ipv4Address } as const;
    const ask = () =>
      arrive(network, leasequery4({ xid: 9, giaddr: client(0).giaddr, query, parameterRequestList: [] }));
    const input = { family: 4, address: relay } as const;
    expect(await service.quarantineRequestor({ ...input, reason: "too eager" }, "ann")).toEqual({
      ok: true,
      value: { changed: 1 },
    });
    ask();
    expect(network.take()).toBeUndefined();
    expect(await service.guardRequestors({})).toMatchObject({
      requestors: [{ address: relay, dropped: 1, quarantine: { reason: "too eager", by: "ann" } }],
    });
    expect(await service.serverStatistics(4, {})).toMatchObject({
      drops: [{ name: "requestor-quarantined", value: 1 }],
      received: [{ name: "DHCPLEASEQUERY", value: 1 }],
    });
    expect(await service.releaseRequestor(input)).toEqual({ ok: true, value: { changed: 1 } });
    ask();
    expect(network.take()?.message.messageType).toBe(MessageType4.DHCPLEASEUNKNOWN);
    expect(await service.releaseRequestor(input)).toMatchObject({ ok: false, refusal: { code: "NOT_FOUND" } });
  });

  test.each([
    ["an address that is none", { address: "relay" }, "BAD_REQUEST"],
    ["an instance without a server", { address: relay, logicalSystem: "edge" }, "CONFLICT"],
  ])("quarantine refused: %s", async (_what, input, code) => {
    const { service } = await started();
    expect(await service.quarantineRequestor({ family: 4, ...input }, "ann")).toMatchObject({
      ok: false,
      refusal: { code },
    });
  });

  test("a query is counted and not answered where allow-leasequery is not configured", async () => {
    const { service, network } = await started(configuration.replace(`${server} allow-leasequery\n`, ""));
    const query = { kind: "address", address: 1 as Ipv4Address } as const;
    arrive(network, leasequery4({ xid: 9, giaddr: client(0).giaddr, query, parameterRequestList: [] }));
    expect(network.take()).toBeUndefined();
    expect(await service.serverStatistics(4, {})).toMatchObject({
      drops: [{ name: "leasequery-not-allowed", value: 1 }],
    });
  });
});
