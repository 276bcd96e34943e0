import { BindingState, BindingTable } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import { createServer4, seededRandom, step4 } from "@leasewire/engines";
import { DEFAULT_INSTANCE, type Ipv4Address, ipv4ToBytes } from "@leasewire/net";
import {
  decodeMessage4,
  encodeMessage4,
  encodeRelayAgentInformation,
  type Message4,
  MessageType4,
  Op4,
  OptionCode4,
} from "@leasewire/wire";

/**
 * What one message costs the DHCPv4 server: a DISCOVER, the REQUEST that follows, a renewal; with few and with many
 * leases in the table. Time of deciding and, apart from it, of putting the change into the table. Through a relay, 32
 * octets each of remote-id and relay-id, a client identifier, a parameter request list.
 *
 *     node bench/server4-step.ts [LEASES …]
 *
 * The sizes take turns, round by round in one process, so that what else the machine does meets all of them. By the clock,
 * what a quarter of the blocks stayed below: a block is too short for most of the waiting for a core to fall into it.
 */
const sizes = process.argv.slice(2).map(Number);
const exchanges = 5000;
const rounds = 9;
/** The first rounds are the compiler's. */
const warmUp = 2;
/** Messages of one block are of different clients: nothing is lost by putting their changes after the block. */
const block = 50;
const giaddr = 0x0a00_0001;
const serverIdentifier = 0xc000_0201 as Ipv4Address;

const configuration: LocalServerConfiguration = {
  instance: DEFAULT_INSTANCE,
  family: 4,
  listenPort: 67,
  serverIdentifier,
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
        { code: OptionCode4.router, data: ipv4ToBytes(giaddr) },
        { code: OptionCode4.domainNameServer, data: Uint8Array.of(192, 0, 2, 53, 192, 0, 2, 54) },
        { code: OptionCode4.domainName, data: new TextEncoder().encode("example.net") },
      ],
      linkAddresses: [],
    },
  ],
};

const arrival = { instance: DEFAULT_INSTANCE, sourceAddress: "10.0.0.1", sourcePort: 67, localAddress: "192.0.2.1" };

function mac(client: number): Uint8Array {
  return Uint8Array.of(2, 0, client >>> 24, client >>> 16, client >>> 8, client);
}

function relayInformation(client: number): Uint8Array {
  const relay = client % 200;
  return encodeRelayAgentInformation([
    { code: 1, data: new TextEncoder().encode(`ge-0/0/1:${client}`) },
    { code: 2, data: new TextEncoder().encode(`remote-id-of-subscriber-${client}`.padEnd(32, ".")) },
    { code: 12, data: new TextEncoder().encode(`relay-id-of-access-node-${relay}`.padEnd(32, ".")) },
  ]);
}

function message(client: number, type: number, fields: { requested?: number; ciaddr?: number } = {}): Uint8Array {
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    htype: 1,
    hops: 1,
    xid: client,
    ciaddr: fields.ciaddr ?? 0,
    giaddr,
    chaddr: mac(client),
    options: [
      { code: OptionCode4.messageType, data: Uint8Array.of(type) },
      { code: OptionCode4.clientIdentifier, data: Uint8Array.of(1, ...mac(client)) },
      ...(fields.requested === undefined
        ? []
        : [
            { code: OptionCode4.requestedIpAddress, data: ipv4ToBytes(fields.requested) },
            { code: OptionCode4.serverIdentifier, data: ipv4ToBytes(serverIdentifier) },
          ]),
      { code: OptionCode4.parameterRequestList, data: Uint8Array.of(1, 3, 6, 15, 119, 28, 51, 58, 59) },
      { code: OptionCode4.hostName, data: new TextEncoder().encode(`host-${client}`) },
      { code: OptionCode4.relayAgentInformation, data: relayInformation(client) },
    ],
  });
}

function fill(table: BindingTable, leases: number, nowSeconds: number): void {
  for (let client = 0; client < leases; client += 1) {
    const information = relayInformation(client);
    table.put(
      {
        instance: DEFAULT_INSTANCE,
        address: ipv4ToBytes(0x0a00_0100 + client),
        prefixLength: 32,
        kind: "address",
        state: BindingState.ACTIVE,
        hardwareType: 1,
        hardwareAddress: mac(client),
        clientId: Uint8Array.of(1, ...mac(client)),
        startTimeOfStateSeconds: nowSeconds,
        clientLastTransactionTimeSeconds: nowSeconds,
        expiresAtSeconds: nowSeconds + 3600,
        linkAddress: ipv4ToBytes(giaddr),
        relayAgentInformation: information,
        serverIdentifier: ipv4ToBytes(serverIdentifier),
        dataSource: 0,
        origin: "server",
      },
      "fill",
      nowSeconds,
    );
  }
}

function clockUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

function quartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 2]!;
}

function decoded(bytes: Uint8Array): Message4 {
  const result = decodeMessage4(bytes);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

class World {
  readonly leases: number;
  readonly table = new BindingTable(4);
  /** Microseconds of a message, one number a block. */
  readonly times = new Map<string, number[]>();
  readonly configuredMs: number;
  readonly #state;
  #now = 1_767_225_600_000;
  #next: number;
  #round = 0;

  constructor(leases: number) {
    this.leases = leases;
    this.#next = leases;
    fill(this.table, leases, this.#now / 1000);
    this.#state = createServer4({ table: this.table, random: seededRandom(1) });
    const begun = clockUs();
    step4(this.#state, { kind: "configuration", servers: [configuration] }, this.#now);
    this.configuredMs = (clockUs() - begun) / 1000;
  }

  round(): void {
    const clients = Array.from({ length: exchanges }, (_, i) => this.#next + i);
    this.#next += exchanges;
    const discovers = clients.map((client) => message(client, MessageType4.DHCPDISCOVER));
    const addresses = this.#run("DISCOVER", discovers);
    const requests = clients.map((client, i) =>
      message(client, MessageType4.DHCPREQUEST, { requested: addresses[i]! }),
    );
    this.#run("REQUEST", requests);
    this.#now += 1000;
    // Old leases all over the table.
    const step = Math.max(1, Math.floor(this.leases / exchanges));
    const old = Array.from({ length: exchanges }, (_, i) => (i * step + this.#round) % this.leases);
    this.#run(
      "renewal",
      old.map((client) => message(client, MessageType4.DHCPREQUEST, { ciaddr: 0x0a00_0100 + client })),
    );
    this.#now += 1000;
    this.#round += 1;
  }

  #run(name: string, bytes: readonly Uint8Array[]): number[] {
    const addresses: number[] = [];
    for (let from = 0; from < bytes.length; from += block) {
      const inputs = bytes
        .slice(from, from + block)
        .map((one) => ({ kind: "message", arrival, message: decoded(one) }) as const);
      const begun = clockUs();
      const made = inputs.map((input) => step4(this.#state, input, this.#now));
      const decided = clockUs();
      for (const { changes } of made) {
        for (const { binding, cause } of changes) this.table.put(binding, cause, this.#now / 1000);
      }
      const stored = clockUs();
      this.#add(name, decided - begun);
      if (name !== "DISCOVER") this.#add(`${name}, put`, stored - decided);
      for (const { sends, notes } of made) {
        if (sends.length !== 1) throw new Error(`${name}: ${JSON.stringify(notes)}`);
        addresses.push(decoded(sends[0]!.bytes).yiaddr);
      }
    }
    return addresses;
  }

  #add(name: string, us: number): void {
    if (this.#round < warmUp) return;
    const times = this.times.get(name) ?? [];
    this.times.set(name, times);
    times.push(us / block);
  }
}

const worlds = (sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]).map((leases) => new World(leases));
for (let round = 0; round < rounds; round += 1) {
  // Each size comes first in its turn.
  for (let i = 0; i < worlds.length; i += 1) worlds[(i + round) % worlds.length]!.round();
}
for (const { leases, configuredMs } of worlds) {
  console.log(`${leases.toLocaleString("en").padStart(10)} leases, configured in ${configuredMs.toFixed(1)} ms`);
}
for (const name of worlds[0]!.times.keys()) {
  const us = worlds.map(({ times }) => quartile(times.get(name)!));
  const columns = us.map((value) => `${value.toFixed(2).padStart(7)} µs × ${(value / us[0]!).toFixed(2)}`);
  console.log(`  ${name.padEnd(14)} ${columns.join("   ")}`);
}
