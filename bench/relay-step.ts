import { BindingTable } from "@leasewire/bindings";
import type { AccessInterface, RelayConfiguration, RelayOverrides } from "@leasewire/config";
import {
  createRelay4,
  type Relay4State,
  type RelayInput,
  type RelayInterface,
  seededRandom,
  stepRelay4,
} from "@leasewire/engines";
import { DEFAULT_INSTANCE, ipv4ToBytes } from "@leasewire/net";
import { decodeMessage4, encodeMessage4, MessageType4, Op4, type Option4, OptionCode4 } from "@leasewire/wire";

/**
 * What one message costs the DHCPv4 relay agent, each way: the DISCOVER, OFFER, REQUEST and ACK of clients on 200 VLANs,
 * and renewals that go through the relay. Processor time of deciding and, apart from it, of putting what was learnt into
 * the table.
 *
 *     node bench/relay-step.ts
 */
const clients = 20_000;
const rounds = 6;
const vlans = 200;
/** Messages of one block are of different clients: nothing is lost by putting their changes after the block. */
const block = 500;
const serverAddress = "192.0.2.1";
const startMs = 1_767_225_600_000;

const overrides: RelayOverrides = {
  alwaysWriteOption82: true,
  alwaysWriteGiaddr: false,
  trustOption82: false,
  disableRelay: false,
  allowSnoopedClients: false,
  layer2UnicastReplies: false,
  noBindOnRequest: false,
  sendReleaseOnDelete: false,
  replaceIpSourceWithGiaddr: false,
};
const text = {
  prefix: { hostName: true, logicalSystemName: false, routingInstanceName: false },
  requireInterfaceDescription: false,
  useVlanId: false,
  vlanIdOnly: false,
  noVlanInterfaceName: false,
  includeIrbAndL2: false,
  useOption82Strict: false,
  keepIncoming: false,
};
const accessInterfaces: AccessInterface[] = [];
const interfaces: RelayInterface[] = [];
for (let vlan = 0; vlan < vlans; vlan += 1) {
  const name = interfaceName(vlan);
  accessInterfaces.push({
    name,
    group: "access",
    overrides,
    relayOption82: {
      circuitId: text,
      serverIdOverride: true,
      linkSelection: false,
      excludeRelayAgentIdentifier: false,
    },
  });
  interfaces.push({
    instance: DEFAULT_INSTANCE,
    name,
    addresses: [{ address: ipv4ToBytes(giaddrOf(vlan)), length: 24 }],
  });
}
const configuration: RelayConfiguration = {
  instance: DEFAULT_INSTANCE,
  family: 4,
  listenPort: 67,
  forwardingPort: 67,
  relayId: new TextEncoder().encode("relay-id-of-access-node-1"),
  serverGroups: [{ name: "core", servers: [{ address: serverAddress, port: 67 }] }],
  overrides,
  excludeRelayAgentIdentifier: false,
  groups: [],
  accessInterfaces,
  interfaces: interfaces.map(({ name }) => name),
  maximumHopCount: 16,
  accessRoutes: false,
  devices: new Map(),
};

function interfaceName(vlan: number): string {
  return `ge-0/0/1.${100 + vlan}`;
}

function giaddrOf(vlan: number): number {
  return (0x0a00_0001 | (vlan << 8)) >>> 0;
}

function message(client: number, type: number, fields: { reply?: Uint8Array; ciaddr?: number } = {}): Uint8Array {
  const isReply = fields.reply !== undefined;
  const vlan = client % vlans;
  const address = giaddrOf(vlan) + 1 + Math.floor(client / vlans);
  const options: Option4[] = [
    { code: OptionCode4.messageType, data: Uint8Array.of(type) },
    { code: OptionCode4.clientIdentifier, data: Uint8Array.of(1, ...mac(client)) },
  ];
  if (isReply) {
    options.push(
      { code: OptionCode4.serverIdentifier, data: ipv4ToBytes(giaddrOf(vlan)) },
      { code: OptionCode4.leaseTime, data: ipv4ToBytes(3600) },
      { code: OptionCode4.subnetMask, data: Uint8Array.of(255, 255, 255, 0) },
      { code: OptionCode4.router, data: ipv4ToBytes(giaddrOf(vlan)) },
      { code: OptionCode4.domainNameServer, data: Uint8Array.of(192, 0, 2, 53, 192, 0, 2, 54) },
    );
    options.push({ code: OptionCode4.relayAgentInformation, data: fields.reply! });
  } else {
    if (type === MessageType4.DHCPREQUEST && fields.ciaddr === undefined) {
      options.push({ code: OptionCode4.requestedIpAddress, data: ipv4ToBytes(address) });
    }
    options.push(
      { code: OptionCode4.hostName, data: new TextEncoder().encode(`host-${client}`) },
      { code: OptionCode4.vendorClassIdentifier, data: new TextEncoder().encode("udhcp 1.36.1") },
      { code: OptionCode4.parameterRequestList, data: Uint8Array.of(1, 3, 6, 12, 15, 28, 42, 51, 54, 58, 59, 82) },
    );
  }
  return encodeMessage4({
    op: isReply ? Op4.BOOTREPLY : Op4.BOOTREQUEST,
    htype: 1,
    xid: client,
    ciaddr: fields.ciaddr === undefined ? 0 : address,
    yiaddr: isReply ? address : 0,
    giaddr: isReply ? giaddrOf(vlan) : 0,
    chaddr: mac(client),
    options,
    lengthMin: 300,
  });
}

function mac(client: number): Uint8Array {
  return Uint8Array.of(2, 0, client >>> 24, client >>> 16, client >>> 8, client);
}

const toServer = (client: number, bytes: Uint8Array, unicast = false): RelayInput => ({
  kind: "datagram",
  arrival: {
    instance: DEFAULT_INSTANCE,
    interfaceName: interfaceName(client % vlans),
    sourceAddress: "0.0.0.0",
    sourcePort: 68,
    unicast,
  },
  bytes,
});
const toClient = (bytes: Uint8Array): RelayInput => ({
  kind: "datagram",
  arrival: { instance: DEFAULT_INSTANCE, sourceAddress: serverAddress, sourcePort: 67, unicast: true },
  bytes,
});

function processorUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Microseconds a message: of deciding, and of putting into the table. */
function measure(
  state: Relay4State,
  table: BindingTable,
  inputs: readonly RelayInput[],
  now: number,
): [number, number] {
  let deciding = 0;
  let putting = 0;
  for (let from = 0; from < inputs.length; from += block) {
    const outputs: ReturnType<typeof stepRelay4>[] = [];
    let before = processorUs();
    for (const input of inputs.slice(from, from + block)) outputs.push(stepRelay4(state, input, now));
    deciding += processorUs() - before;
    before = processorUs();
    for (const { changes } of outputs) {
      for (const { binding, cause } of changes) table.put(binding, cause, Math.floor(now / 1000));
    }
    putting += processorUs() - before;
    const lost = outputs.find(({ sends }) => sends.length !== 1);
    if (lost !== undefined) throw new Error(`a message was not passed on: ${JSON.stringify(lost.notes)}`);
  }
  return [deciding / inputs.length, putting / inputs.length];
}

const table = new BindingTable(4);
const state = createRelay4({ table, random: seededRandom(1) });
stepRelay4(state, { kind: "configuration", relays: [configuration], interfaces, hostName: "bng-a" }, startMs);
const ids = Array.from({ length: clients }, (_, client) => client);
const echoes = ids.slice(0, vlans).map((client) => {
  const input = toServer(client, message(client, MessageType4.DHCPDISCOVER));
  const sent = decodeMessage4(stepRelay4(state, input, startMs).sends[0]!.bytes);
  const information = sent.ok ? sent.value.option(OptionCode4.relayAgentInformation) : undefined;
  if (information === undefined) throw new Error("no option 82 was added");
  return information;
});
const echo = (client: number) => echoes[client % vlans]!;
const steps: readonly (readonly [string, readonly RelayInput[]])[] = [
  ["DISCOVER", ids.map((id) => toServer(id, message(id, MessageType4.DHCPDISCOVER)))],
  ["OFFER", ids.map((id) => toClient(message(id, MessageType4.DHCPOFFER, { reply: echo(id) })))],
  ["REQUEST", ids.map((id) => toServer(id, message(id, MessageType4.DHCPREQUEST)))],
  ["ACK", ids.map((id) => toClient(message(id, MessageType4.DHCPACK, { reply: echo(id) })))],
  ["REQUEST, renewing", ids.map((id) => toServer(id, message(id, MessageType4.DHCPREQUEST, { ciaddr: 1 }), true))],
  ["ACK, renewing", ids.map((id) => toClient(message(id, MessageType4.DHCPACK, { reply: echo(id), ciaddr: 1 })))],
];

const best = new Map(steps.map(([name]) => [name, [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [at, [name, inputs]] of steps.entries()) {
    const figures = measure(state, table, inputs, startMs + (round * steps.length + at + 1) * 1000);
    const so = best.get(name)!;
    best.set(name, [Math.min(so[0]!, figures[0]), Math.min(so[1]!, figures[1])]);
  }
}
console.log("| message | deciding, µs | into the table, µs |");
console.log("|---|---|---|");
for (const [name, [deciding, putting]] of best) {
  console.log(`| ${name} | ${deciding!.toFixed(2)} | ${putting! < 0.1 ? "" : putting!.toFixed(2)} |`);
}
