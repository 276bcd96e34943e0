import { BindingTable } from "@leasewire/bindings";
import type { AddressPool4, AddressPool6, LocalServerConfiguration } from "@leasewire/config";
import { createServer4, createServer6, type ServerOutput, seededRandom, step4, step6 } from "@leasewire/engines";
import { DEFAULT_INSTANCE, type Ipv4Address, type Ipv6Prefix, parseIpv6 } from "@leasewire/net";
import { openServerDatagrams, type ServerDatagrams } from "@leasewire/transport";
import { afterEach, describe, expect, test } from "vitest";
import { Dora } from "./dora.ts";
import { type ExchangeReport, Exchanges, type Scenario } from "./exchanges.ts";
import { Leasequery4 } from "./leasequery4.ts";
import { Leasequery6 } from "./leasequery6.ts";
import { address6, put16, put32 } from "./octets.ts";
import { Sarr } from "./sarr.ts";

// The load client against our own engines over loopback, which write and read messages with other code than it does, and
// against engines whose answers are spoilt on the way: what a load client does not notice, a benchmark does not show.

const open: ServerDatagrams[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
});

const instance = DEFAULT_INSTANCE;
const guard = {
  queriesPerSecondMax: 1e6,
  unknownRatioMaxPercent: 100,
  unknownWindowSeconds: 60,
  unknownQueriesMin: 1e6,
  quarantineSeconds: 1,
};
const server: Omit<LocalServerConfiguration, "family" | "listenPort" | "pools"> = {
  instance,
  groups: [],
  interfaces: [],
  rapidCommit: false,
  reconfigure: false,
  authoritative: true,
  leasequeryGuard: guard,
};

function octets6(text: string): Uint8Array {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const pool4: AddressPool4 = {
  name: "customers",
  instance,
  family: 4,
  network: { address: 0x7f00_0000 as Ipv4Address, length: 8 },
  ranges: [{ name: "all", low: 0x7f40_0000 as Ipv4Address, high: 0x7f4f_ffff as Ipv4Address }],
  excluded: [],
  hosts: [],
  leaseTimeSeconds: 3600,
  options: [],
  linkAddresses: [],
};

const addresses6: AddressPool6 = {
  name: "customers",
  instance,
  family: 6,
  prefix: { address: octets6("2001:db8:64::"), length: 64 } as Ipv6Prefix,
  ranges: [{ name: "all", low: octets6("2001:db8:64::1:0"), high: octets6("2001:db8:64::1:ffff") }],
  excluded: [],
  hosts: [],
  preferredLifetimeSeconds: 1800,
  validLifetimeSeconds: 3600,
  options: [],
  linkAddresses: [],
};

const prefixes6: AddressPool6 = {
  ...addresses6,
  name: "sites",
  prefix: { address: octets6("2001:db8:8000::"), length: 33 } as Ipv6Prefix,
  ranges: [
    { name: "all", low: octets6("2001:db8:8000::"), high: octets6("2001:db8:80ff:ff00::"), delegatedLength: 56 },
  ],
  linkAddresses: [addresses6.prefix],
};

interface Server {
  readonly port: number;
  readonly table: BindingTable;
}

/** An engine behind a socket. `spoil` changes an answer, or keeps it back by saying `false`. */
async function serve(
  family: 4 | 6,
  spoil: (bytes: Uint8Array, number: number) => boolean = () => true,
): Promise<Server> {
  const table = new BindingTable(family);
  const random = seededRandom(1);
  const state4 = createServer4({ table, random });
  const state6 = createServer6({ table, random });
  const now = 1_750_000_000_000;
  let answers = 0;
  const step = (input: Parameters<typeof step4>[1]): ServerOutput =>
    family === 4 ? step4(state4, input, now) : step6(state6, input as Parameters<typeof step6>[1], now);
  const configuration: LocalServerConfiguration =
    family === 4
      ? { ...server, family, listenPort: 6767, serverIdentifier: 0x7f00_0001 as Ipv4Address, pools: [pool4] }
      : {
          ...server,
          family,
          listenPort: 5547,
          duid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 9),
          pools: [addresses6, prefixes6],
        };
  step({ kind: "configuration", servers: [configuration] });
  const socket = await opened({
    family,
    onDatagram(sourceAddress, sourcePort, bytes) {
      const output = step({ kind: "datagram", arrival: { instance, sourceAddress, sourcePort, unicast: true }, bytes });
      for (const { binding, cause } of output.changes) table.put(binding, cause, now / 1000);
      for (const send of output.sends) {
        const answer = Uint8Array.from(send.bytes);
        answers += 1;
        if (spoil(answer, answers)) socket.send(sourceAddress, sourcePort, answer);
      }
    },
  });
  return { port: socket.port, table };
}

/** A server that answers everything with what `turn` makes of it. */
async function answering(family: 4 | 6, turn: (bytes: Uint8Array) => void): Promise<number> {
  const socket = await opened({
    family,
    onDatagram(sourceAddress, sourcePort, bytes) {
      turn(bytes);
      socket.send(sourceAddress, sourcePort, bytes);
    },
  });
  return socket.port;
}

const address = { 4: "127.0.0.1", 6: "::1" } as const;

async function opened(parts: {
  family: 4 | 6;
  onDatagram?: (sourceAddress: string, sourcePort: number, bytes: Uint8Array) => void;
  onBatch?: (batch: Parameters<Exchanges["onBatch"]>[0]) => void;
}): Promise<ServerDatagrams> {
  const { family, ...handlers } = parts;
  const result = await openServerDatagrams(
    { family, address: address[family], port: 0 },
    {
      ...handlers,
      onFault(error) {
        throw error;
      },
    },
  );
  if (!result.ok) throw new Error(result.error.message);
  open.push(result.value);
  return result.value;
}

async function run(scenario: Scenario, family: 4 | 6, port: number, more = {}): Promise<ExchangeReport> {
  let exchanges: Exchanges | undefined;
  const socket = await opened({ family, onBatch: (batch) => exchanges?.onBatch(batch) });
  const options = { serverAddress: address[family], serverPort: port, count: 200, outstanding: 16 };
  exchanges = new Exchanges(scenario, { ...options, timeoutMs: 2000, tries: 3, warmup: 20, ...more }, socket);
  return exchanges.run();
}

const dora = (count = 200) => new Dora({ giaddr: 0x7f00_0001, count, seed: 7 });
const sarr = (parts = { address: true, prefix: true }) =>
  new Sarr({ linkAddress: address6("2001:db8:64::1"), count: 200, seed: 7, ...parts });

describe("well-behaved servers", () => {
  test("every client leases its own address, and the server holds as many leases", async () => {
    const { port, table } = await serve(4);
    const scenario = dora();
    const report = await run(scenario, 4, port);
    expect(report).toMatchObject({ completed: 200, failed: {}, sentAgain: 0, strange: 0, measured: 180 });
    expect(report.latencyMs.whole!.p99).toBeGreaterThanOrEqual(report.latencyMs.whole!.p50);
    expect(table.size).toBe(200);
    expect(new Set(scenario.addresses).size).toBe(200);
    for (const client of scenario.addresses) expect(client >>> 20).toBe(0x7f4);
  });

  test("at a fixed rate as well", async () => {
    const { port } = await serve(4);
    expect(await run(dora(), 4, port, { rate: 2000 })).toMatchObject({ completed: 200, failed: {} });
  });

  test("every IPv6 client leases an address and a prefix", async () => {
    const { port, table } = await serve(6);
    expect(await run(sarr(), 6, port)).toMatchObject({ completed: 200, failed: {}, strange: 0 });
    expect(table.size).toBe(400);
  });

  test.each([
    ["an address", { address: true, prefix: false }],
    ["a prefix", { address: false, prefix: true }],
  ])("or only %s", async (_what, parts) => {
    const { port, table } = await serve(6);
    expect(await run(sarr(parts), 6, port)).toMatchObject({ completed: 200, failed: {} });
    expect(table.size).toBe(200);
  });
});

describe("what a server does wrong is found", () => {
  const messageTypeAt = 242;
  test.each<[string, (bytes: Uint8Array, number: number) => boolean, Record<string, number>]>([
    [
      "an ACK of another address",
      (bytes) => {
        if (bytes[messageTypeAt] === 5) put32(bytes, 16, 0x7f4f_0000);
        return true;
      },
      { "ACK of another address than was offered": 200 },
    ],
    [
      "an answer to another client",
      (bytes) => {
        bytes[33]! ^= 1;
        return true;
      },
      { "answer to another client": 200 },
    ],
    [
      "a refusal",
      (bytes) => {
        if (bytes[messageTypeAt] === 5) bytes[messageTypeAt] = 6;
        return true;
      },
      { NAK: 200 },
    ],
    [
      "option 82 lost",
      (bytes) => {
        for (let at = 240; bytes[at] !== 255; at += 2 + bytes[at + 1]!) if (bytes[at] === 82) bytes[at] = 224;
        return true;
      },
      { "option 82 not returned as it was": 200 },
    ],
    ["silence", () => false, { "no answer to discover": 200 }],
  ])("%s", async (_what, spoil, failed) => {
    const { port } = await serve(4, spoil);
    const report = await run(dora(), 4, port, { timeoutMs: 20 });
    expect(report.failed).toEqual(failed);
    expect(report.completed + Object.values(report.failed).reduce((sum, count) => sum + count, 0)).toBe(200);
  });

  test("an answer that is lost is asked for again", async () => {
    const { port } = await serve(4, (_bytes, number) => number % 10 !== 0);
    const report = await run(dora(), 4, port, { timeoutMs: 100, tries: 20 });
    expect(report).toMatchObject({ completed: 200, failed: {} });
    expect(report.sentAgain).toBeGreaterThan(20);
  });

  test("one IPv4 address for two clients", async () => {
    // Turns each request into its answer: the parameter list makes room for the server identifier.
    const port = await answering(4, (bytes) => {
      bytes[0] = 2;
      put32(bytes, 16, 0x7f40_0001);
      bytes[messageTypeAt] = bytes[messageTypeAt] === 1 ? 2 : 5;
      for (let at = 240; bytes[at] !== 82; at += 2 + bytes[at + 1]!)
        if (bytes[at] === 55) bytes.set([54, 4, 127, 0, 0, 1, 0, 0], at);
        else if (bytes[at] === 0) at -= 1;
    });
    expect((await run(dora(), 4, port)).failed).toEqual({ "address given to two clients": 199 });
  });

  test.each([
    ["address", "address given to two clients"],
    ["prefix", "prefix given to two clients"],
  ])("one IPv6 %s for two clients", async (part, failure) => {
    const leased = part === "address" ? 5 : 26;
    const size = part === "address" ? 24 : 25;
    const { port } = await serve(6, (bytes) => {
      // IAADDR and IAPREFIX by their code and length: the end of the address, which stays on its link, or the prefix.
      for (let at = 0; at + 4 + size <= bytes.length; at += 1)
        if (bytes[at] === 0 && bytes[at + 1] === leased && bytes[at + 2] === 0 && bytes[at + 3] === size)
          bytes.fill(7, at + (leased === 5 ? 16 : 13), at + 20);
      return true;
    });
    const { failed } = await run(sarr({ address: part === "address", prefix: part === "prefix" }), 6, port);
    expect(failed).toEqual({ [failure]: 199 });
  });
});

describe("leasequeries are judged by what they tell", () => {
  const reply4 = (query: Uint8Array, messageType: number, ciaddr: number) => {
    const bytes = Uint8Array.from(query);
    bytes[0] = 2;
    put32(bytes, 12, ciaddr);
    bytes[242] = messageType;
    return bytes;
  };
  test.each([
    ["an active lease", 13, 0x0a40_0002, "accepted"],
    ["another lease", 13, 0x0a40_0003, { refused: "answer about another address" }],
    ["no lease", 11, 0x0a40_0002, { refused: "LEASEUNASSIGNED" }],
    ["an unknown address", 12, 0x0a40_0002, { refused: "LEASEUNKNOWN" }],
    ["something else", 5, 0x0a40_0002, "ignored"],
  ])("IPv4, by address: %s", (_what, messageType, ciaddr, verdict) => {
    const scenario = new Leasequery4({
      giaddr: 0x0a40_0001,
      by: "address",
      count: 4,
      seed: 3,
      span: 2,
      addresses: Uint32Array.of(0x0a40_0002, 0x0a40_0009),
    });
    const query = new Uint8Array(600);
    const length = scenario.write(2, 0, query);
    const answer = reply4(query.subarray(0, length), messageType, ciaddr);
    expect(scenario.clientOf(answer, 0, answer.length)).toBe(2);
    expect(scenario.judge(2, 0, answer, 0, answer.length)).toEqual(verdict);
  });

  test.each([
    ["its bindings", [0, 45, 0, 14, 0, 1, 0, 10, 0, 3, 0, 1, 2, 3, 0, 0, 0, 1], "accepted"],
    [
      "another's",
      [0, 45, 0, 14, 0, 1, 0, 10, 0, 3, 0, 1, 2, 3, 0, 0, 0, 0],
      { refused: "answer about another client" },
    ],
    ["none", [], { refused: "no binding" }],
    ["a status", [0, 13, 0, 2, 0, 9], { refused: "status 9" }],
  ])("IPv6, by DUID: %s", (_what, options, verdict) => {
    const scenario = new Leasequery6({ by: "duid", count: 4, seed: 3, span: 2, addresses: new Uint8Array(32) });
    const answer = Uint8Array.of(15, 0, 0, 3, ...options);
    expect(scenario.clientOf(answer, 0, answer.length)).toBe(3);
    expect(scenario.judge(3, 0, answer, 0, answer.length)).toEqual(verdict);
  });

  test("a datagram that is none of ours is nobody's", () => {
    const bytes = new Uint8Array(300);
    put16(bytes, 0, 0x0201);
    put32(bytes, 4, 0xffff_ffff);
    expect(dora().clientOf(bytes, 0, 300)).toBe(-1);
    expect(dora().clientOf(bytes, 0, 12)).toBe(-1);
    expect(sarr().clientOf(Uint8Array.of(13, 0), 0, 2)).toBe(-1);
  });
});
