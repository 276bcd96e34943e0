import { seededRandom } from "@leasewire/engines";
import {
  formatIpv4,
  formatIpv6,
  type Ipv4Address,
  type Ipv6Address,
  ipv4FromBytes,
  ipv4ToBytes,
  parseIpv4,
  parseIpv6,
} from "@leasewire/net";
import {
  answer6,
  type ClientMessage6,
  clientMessage6,
  discover4,
  type Lease4,
  type RelayedClient4,
  readLease4,
  readReply6,
  relayToServer6,
  request4,
} from "@leasewire/sim";
import {
  addressText,
  arrivalWord,
  arrivalWords,
  type DatagramArrival,
  explainBindFailure,
  type openServerDatagrams,
} from "@leasewire/transport";
import { decodeMessage4, decodeMessage6, leasequery4, MessageType4, MessageType6, OptionCode6 } from "@leasewire/wire";
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
    const words = new Uint32Array(arrivalWords);
    this.open.set(name, (bytes, arrival, source) => {
      const octets = octetsOf(source);
      words[arrivalWord.length] = bytes.length;
      words[arrivalWord.sourcePort] = 67;
      words[arrivalWord.unicast] = arrival.unicast === true ? 1 : 0;
      for (let at = 0; at < octets.length; at += 4)
        words[arrivalWord.sourceAddress + at / 4] = ipv4FromBytes(octets, at);
      if (handlers.onArrival?.({ count: 1, bytes, words }, 0) === true) return;
      handlers.onDatagram?.(source, 67, bytes, arrival);
    });
    const sendOctets = new Uint8Array(65_535);
    return {
      ok: true,
      value: {
        port,
        batched: true,
        linkRefusal: null,
        send: (to, toPort, bytes) => void this.sent.push({ through: name, to: `${to}#${toPort}`, bytes }),
        sendOctets,
        place: () => 0,
        sendPlaced: (at, length, peer, peerAt, toPort) =>
          void this.sent.push({
            through: name,
            to: `${addressText(address?.includes(":") === true ? 6 : 4, peer, peerAt)}#${toPort}`,
            bytes: sendOctets.slice(at, at + length),
          }),
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

function octetsOf(address: string): Uint8Array {
  const four = parseIpv4(address);
  if (four.ok) return ipv4ToBytes(four.value);
  const six = parseIpv6(address);
  if (!six.ok) throw new Error(six.error.message);
  return six.value;
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

  test.each([
    ["by address, in place", (offer: Lease4) => ({ kind: "address", address: offer.address }) as const],
    ["by hardware address", () => ({ kind: "mac", htype: 1, address: client(1).hardwareAddress }) as const],
  ])("a lease is told and counted: %s", async (_how, queryOf) => {
    const { service, network } = await started();
    const offer = offered(network, 1);
    arrive(network, request4(client(1), 1, offer));
    await expect.poll(() => network.take()?.message.messageType).toBe(MessageType4.DHCPACK);
    const query = queryOf(offer);
    arrive(network, leasequery4({ xid: 9, giaddr: client(0).giaddr, query, parameterRequestList: [51] }));
    const answer = network.take();
    expect(answer).toMatchObject({
      to: `${formatIpv4(client(0).giaddr)}#67`,
      message: { xid: 9, ciaddr: offer.address },
    });
    const told = answer?.message.messageType;
    expect(told).toBe(MessageType4.DHCPLEASEACTIVE);
    expect(await service.guardRequestors({})).toMatchObject({
      requestors: [{ address: relay, queries: 1, dropped: 0, windowQueries: 1, windowUnknown: 0 }],
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

describe("reconfigure", () => {
  const dhcpv6 = `${server} dhcpv6`;
  const text = `${pool} six family inet6 prefix 2001:db8:1::/64
${pool} delegated family inet6 prefix 2001:db8:100::/40
${pool} delegated family inet6 range all low 2001:db8:100:: high 2001:db8:100:ff00:: prefix-length 56
${pool} delegated family inet6 link-address 2001:db8:1::/64
${dhcpv6} listen-address 2001:db8::1
${dhcpv6} reconfigure`;
  const address = ipv6("2001:db8:1::1");
  const duidOf = (n: number) => Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, n);
  const duidText = (n: number) => `0003000102000000000${n}`;

  /** A message of client n by way of a relay; what the client is answered. */
  async function exchange(network: Network, n: number, message: Omit<ClientMessage6, "transactionId">, accepts = true) {
    const options = accepts ? [{ code: OptionCode6.RECONF_ACCEPT, data: new Uint8Array(0) }] : [];
    const identity = { duid: duidOf(n), associations: [...message.associations], options };
    const bytes = clientMessage6(identity, { ...message, transactionId: n });
    const relayed = relayToServer6({ linkAddress: address }, {}, ipv6(`fe80::${n}`), bytes)!;
    network.sent.length = 0;
    network.open.get("2001:db8::1#547")!(relayed, { localAddress: "2001:db8::1", unicast: true }, "2001:db8:1::1");
    await expect.poll(() => network.sent.length).toBe(1);
    return readReply6(heard(network)[0]!.message)!;
  }

  /** What clients are told, by way of their relays. */
  function heard(network: Network) {
    const all = network.sent.splice(0);
    return all.map(({ to, bytes }) => {
      const decoded = decodeMessage6(bytes);
      const message = decoded.ok ? answer6(decoded.value) : undefined;
      if (message === undefined) throw new Error("no message for a client");
      return { to, message };
    });
  }

  /** Client n gets an address and a prefix. */
  async function bound(network: Network, n: number, accepts = true) {
    const associations = [
      { kind: "address", iaid: 1 },
      { kind: "prefix", iaid: 1 },
    ] as const;
    const offer = await exchange(network, n, { type: MessageType6.SOLICIT, associations, leases: [] }, accepts);
    const { serverDuid } = offer;
    const request = { type: MessageType6.REQUEST, serverDuid, associations, leases: [] };
    const leases = (await exchange(network, n, request, accepts)).answers.flatMap((one) => one.leases);
    expect(leases).toHaveLength(2);
    const renew = () => exchange(network, n, { type: MessageType6.RENEW, serverDuid, associations, leases }, accepts);
    return { leases, renew };
  }

  test("a client that accepts it is told once, however many leases it has, and renews", async () => {
    const { service, network } = await started(text);
    const { renew } = await bound(network, 1);
    const target = { kind: "all" } as const;
    expect(await service.reconfigureClients({ target, ask: "renew" })).toEqual({
      ok: true,
      value: { started: 1, refused: 0, refusals: [] },
    });
    const [told, ...more] = heard(network);
    expect(more).toEqual([]);
    expect(told).toMatchObject({ to: "2001:db8:1::1#547", message: { messageType: MessageType6.RECONFIGURE } });
    expect(told!.message.option(OptionCode6.CLIENTID)).toEqual(duidOf(1));
    expect(told!.message.option(OptionCode6.RECONF_MSG)).toEqual(Uint8Array.of(MessageType6.RENEW));
    expect((await renew()).answers.map(({ status }) => status)).toEqual([0, 0]);
    expect((await service.serverStatistics(6, {})).notes).toMatchObject([{ name: "reconfigure answered", value: 1 }]);
  });

  test("those who do not accept it are counted, with the reason", async () => {
    const { service, network } = await started(text);
    for (const n of [1, 2, 3]) await bound(network, n, n === 2);
    expect(await service.reconfigureClients({ target: { kind: "all" }, ask: "rebind" })).toMatchObject({
      ok: true,
      value: { started: 1, refused: 2, refusals: [{ reason: "client-unwilling", clients: 2 }] },
    });
    expect(heard(network).map(({ message }) => message.option(OptionCode6.CLIENTID))).toEqual([duidOf(2)]);
  });

  test("by an address, a prefix or a DUID", async () => {
    const { service, network } = await started(text);
    await bound(network, 1);
    const { leases } = await bound(network, 2);
    const prefixes = leases.map((lease) => `${formatIpv6(lease.address)}/${lease.length}`);
    const targets = [
      { kind: "lease", prefix: formatIpv6(leases.find(({ length }) => length === 128)!.address) },
      { kind: "lease", prefix: prefixes.find((prefix) => prefix.endsWith("/56"))! },
      { kind: "client", duid: duidText(2) },
    ] as const;
    for (const target of targets) {
      expect(await service.reconfigureClients({ target, ask: "renew" })).toMatchObject({ value: { started: 1 } });
      expect(heard(network).map(({ message }) => message.option(OptionCode6.CLIENTID))).toEqual([duidOf(2)]);
    }
  });

  test.each([
    ["no such lease", { target: { kind: "lease", prefix: "2001:db8:1::ffff" } }, "NOT_FOUND"],
    ["no such client", { target: { kind: "client", duid: duidText(9) } }, "NOT_FOUND"],
    ["no address", { target: { kind: "lease", prefix: "there" } }, "BAD_REQUEST"],
    ["no DUID", { target: { kind: "client", duid: "0x" } }, "BAD_REQUEST"],
    ["no server there", { target: { kind: "all" }, logicalSystem: "edge" }, "CONFLICT"],
  ] as const)("refused: %s", async (_what, input, code) => {
    const { service, network } = await started(text);
    await bound(network, 1);
    expect(await service.reconfigureClients({ ...input, ask: "renew" })).toMatchObject({
      ok: false,
      refusal: { code },
    });
    expect(network.sent).toEqual([]);
  });
});

function ipv6(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
