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
 * leases in the table. Processor time of deciding and, apart from it, of putting the change into the table. Through a
 * relay, 32 octets each of remote-id and relay-id, a client identifier, a parameter request list.
 *
 *     node bench/server4-step.ts [LEASES …]
 */
const sizes = process.argv.slice(2).map(Number);
const exchanges = 20_000;
const rounds = 6;
/** Messages of one block are of different clients: nothing is lost by putting their changes after the block. */
const block = 500;
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

function processorUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function decoded(bytes: Uint8Array): Message4 {
  const result = decodeMessage4(bytes);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

for (const leases of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
  const table = new BindingTable(4);
  let now = 1_767_225_600_000;
  fill(table, leases, now / 1000);
  const state = createServer4({ table, random: seededRandom(1) });
  const begun = process.hrtime.bigint();
  step4(state, { kind: "configuration", servers: [configuration] }, now);
  const configuredMs = Number(process.hrtime.bigint() - begun) / 1e6;

  let next = leases;
  const times = new Map<string, number[]>();
  const run = (name: string, bytes: readonly Uint8Array[]): number[] => {
    const addresses: number[] = [];
    let stepUs = 0;
    let putUs = 0;
    for (let from = 0; from < bytes.length; from += block) {
      const inputs = bytes
        .slice(from, from + block)
        .map((one) => ({ kind: "message", arrival, message: decoded(one) }) as const);
      const begun = processorUs();
      const made = inputs.map((input) => step4(state, input, now));
      const decided = processorUs();
      for (const { changes } of made) {
        for (const { binding, cause } of changes) table.put(binding, cause, now / 1000);
      }
      putUs += processorUs() - decided;
      stepUs += decided - begun;
      for (const { sends, notes } of made) {
        if (sends.length !== 1) throw new Error(`${name}: ${JSON.stringify(notes)}`);
        addresses.push(decoded(sends[0]!.bytes).yiaddr);
      }
    }
    const add = (key: string, us: number) => times.set(key, [...(times.get(key) ?? []), us / bytes.length]);
    add(name, stepUs);
    if (name !== "DISCOVER") add(`${name}, put`, putUs);
    return addresses;
  };
  for (let round = 0; round < rounds; round += 1) {
    const clients = Array.from({ length: exchanges }, (_, i) => next + i);
    next += exchanges;
    const addresses = run(
      "DISCOVER",
      clients.map((client) => message(client, MessageType4.DHCPDISCOVER)),
    );
    run(
      "REQUEST",
      clients.map((client, i) => message(client, MessageType4.DHCPREQUEST, { requested: addresses[i]! })),
    );
    now += 1000;
    // Old leases all over the table.
    const step = Math.max(1, Math.floor(leases / exchanges));
    const old = Array.from({ length: exchanges }, (_, i) => (i * step + round) % leases);
    run(
      "renewal",
      old.map((client) => message(client, MessageType4.DHCPREQUEST, { ciaddr: 0x0a00_0100 + client })),
    );
    now += 1000;
  }
  console.log(`${leases} leases, configured in ${configuredMs.toFixed(1)} ms`);
  for (const [name, values] of times) {
    // The first round is the compiler's.
    const sorted = values.slice(1).sort((a, b) => a - b);
    console.log(
      `  ${name.padEnd(14)} median ${sorted[sorted.length >> 1]!.toFixed(2)} µs (${sorted[0]!.toFixed(2)} … ${sorted.at(-1)!.toFixed(2)})`,
    );
  }
}
