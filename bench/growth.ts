import { parseArgs } from "node:util";
import { type BindingInput, BindingState, BindingTable, type Family, LoggedChange } from "@leasewire/bindings";
import type { AddressPool6, LocalServerConfiguration } from "@leasewire/config";
import { ChangeBatchWriter } from "@leasewire/db/change-batch";
import { createServer4, createServer6, type ServerOutput, seededRandom, step4, step6 } from "@leasewire/engines";
import { DEFAULT_INSTANCE, type Ipv4Address, ipv4ToBytes, parseIpv6, parseIpv6Prefix } from "@leasewire/net";
import { Dora } from "./load/dora.ts";
import type { Scenario } from "./load/exchanges.ts";
import { Sarr } from "./load/sarr.ts";

/**
 * What a whole exchange of a new client through a relay costs with few and with many bindings, in a thread that does with
 * each datagram what the engine thread does, but for the sockets: decode, decide, write the answer, put the change into
 * the table, and after each block take the changes from the log and write them into the batch for the database.
 *
 *     node bench/growth.ts [--bindings 10000,100000,1000000] [--rounds 9] [--exchanges 4000] [--family 4|6]
 *
 * The sizes take turns, round by round in one process, so that what else the machine does meets all of them. Processor
 * time is that of all rounds after the compiler's two, garbage collection included; Linux counts it in ticks of some
 * milliseconds. By the clock is what a quarter of the blocks stayed below: a block is too short for most of the waiting
 * for a core to fall into it.
 */
const { values: args } = parseArgs({
  options: {
    bindings: { type: "string", default: "10000,100000,1000000" },
    rounds: { type: "string", default: "9" },
    exchanges: { type: "string", default: "4000" },
    family: { type: "string" },
  },
});
const sizes = args.bindings.split(",").map(Number);
const rounds = Number(args.rounds);
const exchanges = Number(args.exchanges);
const warmUp = 2;
/** Datagrams between two looks at the change log: what comes while a transaction is being written. */
const block = 50;
const giaddr = 0x0a00_0001;
const linkAddress = octets6("2001:db8:1::1");
const serverIdentifier = 0xc000_0201;
const epochSeconds = 1_767_225_600;
const datagramOctetsMax = 1500;

const common = {
  instance: DEFAULT_INSTANCE,
  groups: [],
  interfaces: [],
  rapidCommit: false,
  reconfigure: false,
  authoritative: false,
  leasequeryGuard: {
    queriesPerSecondMax: 1000,
    unknownRatioMaxPercent: 90,
    unknownWindowSeconds: 60,
    unknownQueriesMin: 100,
    quarantineSeconds: 600,
  },
};

const configuration4: LocalServerConfiguration = {
  ...common,
  family: 4,
  listenPort: 67,
  serverIdentifier: serverIdentifier as Ipv4Address,
  pools: [
    {
      name: "customers",
      instance: DEFAULT_INSTANCE,
      family: 4,
      network: { address: 0x0a00_0000 as Ipv4Address, length: 8 },
      ranges: [{ name: "all", low: 0x0a00_0100 as Ipv4Address, high: 0x0a1f_ffff as Ipv4Address }],
      excluded: [],
      hosts: [],
      leaseTimeSeconds: 3600,
      options: [
        { code: 3, data: ipv4ToBytes(giaddr) },
        { code: 6, data: Uint8Array.of(192, 0, 2, 53, 192, 0, 2, 54) },
      ],
      linkAddresses: [],
    },
  ],
};

function pool6(name: string, within: string, more: Partial<AddressPool6>): AddressPool6 {
  return {
    name,
    instance: DEFAULT_INSTANCE,
    family: 6,
    prefix: prefix6(within),
    ranges: [],
    excluded: [],
    hosts: [],
    preferredLifetimeSeconds: 3000,
    validLifetimeSeconds: 4000,
    options: [],
    linkAddresses: [],
    ...more,
  };
}

const configuration6: LocalServerConfiguration = {
  ...common,
  family: 6,
  listenPort: 547,
  duid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 1),
  pools: [
    pool6("addresses", "2001:db8:1::/64", {
      ranges: [{ name: "all", low: ip6("2001:db8:1::100"), high: ip6("2001:db8:1::1f:ffff") }],
    }),
    pool6("prefixes", "2001:db8:8000::/33", {
      ranges: [{ name: "all", low: ip6("2001:db8:8000::"), high: ip6("2001:db8:9fff:ff00::"), delegatedLength: 56 }],
      linkAddresses: [prefix6("2001:db8:1::/64")],
    }),
  ],
};

function ip6(text: string) {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function octets6(text: string): Uint8Array {
  return Uint8Array.from(ip6(text));
}

function prefix6(text: string) {
  const parsed = parseIpv6Prefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A lease of earlier, of a client that does not come again. */
function lease4(n: number): BindingInput {
  const hardwareAddress = Uint8Array.of(6, 0, n >>> 24, n >>> 16, n >>> 8, n);
  const circuitId = text(`ge-0/0/1:${n}`);
  const remoteId = text(`r-${n.toString(16).padStart(8, "0")}`);
  return {
    instance: DEFAULT_INSTANCE,
    address: ipv4ToBytes(0x0a00_0100 + n),
    prefixLength: 32,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: 1,
    hardwareAddress,
    clientId: Uint8Array.of(1, ...hardwareAddress),
    startTimeOfStateSeconds: epochSeconds,
    clientLastTransactionTimeSeconds: epochSeconds,
    expiresAtSeconds: epochSeconds + 86_400 + (n % 3600),
    linkAddress: ipv4ToBytes(giaddr),
    relayAgentInformation: Uint8Array.of(1, circuitId.length, ...circuitId, 2, remoteId.length, ...remoteId),
    circuitId,
    remoteId,
    serverIdentifier: ipv4ToBytes(serverIdentifier),
    dataSource: 0,
    origin: "server",
  };
}

/** Half of them addresses, half delegated prefixes. */
function lease6(n: number): BindingInput {
  const client = n >>> 1;
  const isPrefix = (n & 1) === 1;
  const address = isPrefix ? octets6("2001:db8:8000::") : octets6("2001:db8:1::");
  if (isPrefix) {
    address[4] = 0x80 | (client >>> 16);
    address[5] = client >>> 8;
    address[6] = client;
  } else {
    address[13] = (client + 0x100) >>> 16;
    address[14] = (client + 0x100) >>> 8;
    address[15] = client + 0x100;
  }
  return {
    instance: DEFAULT_INSTANCE,
    address,
    prefixLength: isPrefix ? 56 : 128,
    kind: isPrefix ? "prefix" : "address",
    state: BindingState.ACTIVE,
    hardwareType: 0,
    clientId: Uint8Array.of(0, 3, 0, 1, 6, 0, client >>> 24, client >>> 16, client >>> 8, client),
    iaid: 1,
    startTimeOfStateSeconds: epochSeconds,
    clientLastTransactionTimeSeconds: epochSeconds,
    expiresAtSeconds: epochSeconds + 86_400 + (n % 3600),
    preferredUntilSeconds: epochSeconds + 43_200,
    linkAddress,
    circuitId: text(`ge-0/0/1:${client}`),
    remoteId: text(`r-${client.toString(16).padStart(8, "0")}`),
    dataSource: 0,
    origin: "server",
  };
}

class World {
  readonly family: Family;
  readonly table: BindingTable;
  readonly scenario: Scenario;
  /** Of each step of an exchange: in all, and of a message in each block. */
  readonly cost = [0, 1].map(() => ({ processorUs: 0, clockUs: [] as number[] }));
  readonly #step: (bytes: Uint8Array, now: number) => ServerOutput;
  readonly #reader;
  readonly #batch = new ChangeBatchWriter();
  readonly #change: LoggedChange;
  #next = 0;
  #now = (epochSeconds + 10) * 1000;

  constructor(family: Family, bindings: number) {
    this.family = family;
    this.#change = new LoggedChange(family);
    this.table = new BindingTable(family);
    for (let n = 0; n < bindings; n += 1) {
      const put = this.table.put(family === 4 ? lease4(n) : lease6(n), "fill", epochSeconds);
      if (put.outcome !== "inserted") throw new Error(`${n}: ${JSON.stringify(put)}`);
    }
    const count = exchanges * rounds;
    const { table } = this;
    const random = seededRandom(1);
    const from = { instance: DEFAULT_INSTANCE, localAddress: "192.0.2.1", sourcePort: 67 };
    if (family === 4) {
      const state = createServer4({ table, random });
      step4(state, { kind: "configuration", servers: [configuration4] }, this.#now);
      const arrival = { ...from, sourceAddress: "10.0.0.1" };
      this.#step = (bytes, now) => step4(state, { kind: "datagram", arrival, bytes }, now);
      this.scenario = new Dora({ giaddr, count, seed: 1 });
    } else {
      const state = createServer6({ table, random });
      step6(state, { kind: "configuration", servers: [configuration6] }, this.#now);
      const arrival = { ...from, sourceAddress: "2001:db8:1::1", sourcePort: 547, unicast: true };
      this.#step = (bytes, now) => step6(state, { kind: "datagram", arrival, bytes }, now);
      this.scenario = new Sarr({ linkAddress, address: true, prefix: true, count, seed: 1 });
    }
    const reader = table.log.reader("database");
    if ("code" in reader) throw new Error(reader.message);
    this.#reader = reader;
  }

  round(counts: boolean): void {
    for (let done = 0; done < exchanges; done += block) {
      for (let step = 0; step < 2; step += 1) this.#block(this.#next, step, counts);
      this.#next += block;
    }
  }

  #block(first: number, step: number, counts: boolean): void {
    const { scenario, table } = this;
    const asked = Array.from({ length: block }, (_, i) => {
      const bytes = new Uint8Array(datagramOctetsMax);
      return bytes.subarray(0, scenario.write(first + i, step, bytes));
    });
    this.#now += 20;
    const nowSeconds = Math.floor(this.#now / 1000);
    const answers: Uint8Array[] = [];
    const begun = processorUs();
    const clock = process.hrtime.bigint();
    for (const bytes of asked) {
      const { changes, sends } = this.#step(bytes, this.#now);
      for (const { binding, cause } of changes) table.put(binding, cause, nowSeconds);
      for (const send of sends) answers.push(send.bytes);
    }
    while (this.#reader.next(this.#change)) this.#batch.addLogged(this.#change);
    if (this.#batch.count > 0) this.#batch.take();
    const clockUs = Number(process.hrtime.bigint() - clock) / 1000;
    if (counts) {
      this.cost[step]!.processorUs += processorUs() - begun;
      this.cost[step]!.clockUs.push(clockUs / block);
    }
    answers.forEach((bytes, i) => {
      const client = scenario.clientOf(bytes, 0, bytes.length);
      const verdict = client === first + i ? scenario.judge(client, step, bytes, 0, bytes.length) : "of another client";
      if (verdict !== "accepted") throw new Error(`${scenario.steps[step]} ${first + i}: ${JSON.stringify(verdict)}`);
    });
    if (answers.length !== block) throw new Error(`${answers.length} answers of ${block}`);
  }

  /** What is in the log from filling the table is nobody's. */
  begin(): void {
    this.#reader.resync();
  }
}

function processorUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function quartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 2]!;
}

const families: Family[] = args.family === undefined ? [4, 6] : [args.family === "6" ? 6 : 4];
for (const family of families) {
  const worlds = sizes.map((size) => new World(family, size));
  for (const world of worlds) world.begin();
  for (let round = 0; round < rounds; round += 1) {
    // Each size comes first in its turn.
    for (let i = 0; i < worlds.length; i += 1) worlds[(i + round) % worlds.length]!.round(round >= warmUp);
  }
  const counted = (rounds - warmUp) * exchanges;
  console.log(`\nDHCPv${family}, ${counted} exchanges with each number of bindings, µs`);
  const figures = worlds.map(({ cost }) => ({
    clock: [...cost.map(({ clockUs }) => quartile(clockUs)), cost.reduce((sum, one) => sum + quartile(one.clockUs), 0)],
    processor: [...cost.map((one) => one.processorUs), cost.reduce((sum, one) => sum + one.processorUs, 0)].map(
      (us) => us / counted,
    ),
  }));
  for (const [step, name] of [...worlds[0]!.scenario.steps, "whole exchange"].entries()) {
    for (const [i, size] of sizes.entries()) {
      const columns = (["clock", "processor"] as const).map((of) => {
        const us = figures[i]![of][step]!;
        return `${of} ${us.toFixed(1).padStart(6)}, × ${(us / figures[0]![of][step]!).toFixed(2)}`;
      });
      console.log(`  ${name.padEnd(15)} ${size.toLocaleString("en").padStart(10)}  ${columns.join("   ")}`);
    }
  }
}
