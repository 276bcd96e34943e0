import { type Binding, BindingTable } from "@leasewire/bindings";
import type {
  AccessInterface,
  InterfaceText,
  RelayConfiguration,
  RelayOverrides,
  RemoteIdText,
} from "@leasewire/config";
import { formatIpv4, type InstanceName, type Ipv4Address, ipv4ToBytes, parseIpv4 } from "@leasewire/net";
import {
  decodeMessage4,
  encodeMessage4,
  encodeRelayAgentInformation,
  type Message4,
  MessageType4,
  messageTypeName4,
  Op4,
  type Option4,
  OptionCode4,
} from "@leasewire/wire";
import {
  createRelay4,
  type Relay4State,
  type RelayInput,
  type RelayInterface,
  type RelayOutput,
  relayBindingStates4,
  relayStatistics4,
  seededRandom,
  stepRelay4,
} from "../src/index.ts";
import type { Relay4Limits } from "../src/relay4/limits.ts";

/** 2026-01-01 00:00 UTC: where virtual time begins, ms. */
export const startMs = 1_767_225_600_000;
export const instance: InstanceName = "default:default";
export const server = "192.0.2.1";
export const access = "ge-0/0/1.100";

export function ip(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

export const overridesNone: RelayOverrides = {
  alwaysWriteOption82: false,
  alwaysWriteGiaddr: false,
  trustOption82: false,
  disableRelay: false,
  allowSnoopedClients: false,
  layer2UnicastReplies: false,
  noBindOnRequest: false,
  sendReleaseOnDelete: false,
  replaceIpSourceWithGiaddr: false,
};

export const plainText: InterfaceText = {
  prefix: { hostName: false, logicalSystemName: false, routingInstanceName: false },
  requireInterfaceDescription: false,
  useVlanId: false,
  vlanIdOnly: false,
  noVlanInterfaceName: false,
  includeIrbAndL2: false,
  useOption82Strict: false,
  keepIncoming: false,
};

export const plainRemote: RemoteIdText = { ...plainText, hostNameOnly: false, enterpriseNumber: 0 };

export const option82: NonNullable<AccessInterface["relayOption82"]> = {
  circuitId: plainText,
  serverIdOverride: false,
  linkSelection: false,
  excludeRelayAgentIdentifier: false,
};

/** ge-0/0/1.100 with option 82 and its circuit ID, unless told otherwise. */
export function accessInterface(changes: Partial<AccessInterface> = {}): AccessInterface {
  return { name: access, group: "access", overrides: overridesNone, relayOption82: option82, ...changes };
}

/** A relay agent of two interfaces and one server. */
export function relayConfiguration(changes: Partial<RelayConfiguration> = {}): RelayConfiguration {
  const accessInterfaces = changes.accessInterfaces ?? [
    accessInterface(),
    accessInterface({ name: "ge-0/0/1.200", group: "access" }),
  ];
  return {
    instance,
    family: 4,
    listenPort: 67,
    forwardingPort: 67,
    serverGroups: [{ name: "core", servers: [{ address: server, port: 67 }] }],
    overrides: overridesNone,
    excludeRelayAgentIdentifier: false,
    groups: [],
    accessInterfaces,
    interfaces: accessInterfaces.map(({ name }) => name),
    maximumHopCount: 16,
    accessRoutes: false,
    devices: new Map(),
    ...changes,
  };
}

/** 10.1.0.1/24 on ge-0/0/1.100, 10.2.0.1/24 on ge-0/0/1.200. */
export const interfaces: readonly RelayInterface[] = [
  {
    instance,
    name: access,
    addresses: [{ address: ipv4ToBytes(ip("10.1.0.1")), length: 24 }],
    vlan: { outer: 100 },
    description: "customers north",
    deviceDescription: "DSLAM 7",
  },
  {
    instance,
    name: "ge-0/0/1.200",
    addresses: [{ address: ipv4ToBytes(ip("10.2.0.1")), length: 24 }],
    vlan: { outer: 200, inner: 7 },
  },
];

export interface Fields {
  readonly op?: number;
  readonly type?: number;
  readonly mac?: Uint8Array;
  readonly htype?: number;
  readonly xid?: number;
  readonly hops?: number;
  readonly flags?: number;
  readonly giaddr?: string;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly requested?: string;
  readonly server?: string;
  readonly clientId?: Uint8Array;
  readonly leaseSeconds?: number;
  readonly information?: readonly Option4[];
  readonly options?: readonly Option4[];
}

export const mac = Uint8Array.of(2, 0, 0, 0, 0, 7);

export function message(fields: Fields): Uint8Array {
  const options: Option4[] = [];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) options.push({ code, data });
  };
  add(OptionCode4.messageType, fields.type === undefined ? undefined : Uint8Array.of(fields.type));
  add(OptionCode4.requestedIpAddress, fields.requested === undefined ? undefined : ipv4ToBytes(ip(fields.requested)));
  add(OptionCode4.serverIdentifier, fields.server === undefined ? undefined : ipv4ToBytes(ip(fields.server)));
  add(OptionCode4.leaseTime, fields.leaseSeconds === undefined ? undefined : ipv4ToBytes(fields.leaseSeconds));
  add(OptionCode4.clientIdentifier, fields.clientId);
  options.push(...(fields.options ?? []));
  add(
    OptionCode4.relayAgentInformation,
    fields.information === undefined ? undefined : encodeRelayAgentInformation(fields.information),
  );
  return encodeMessage4({
    op: fields.op ?? Op4.BOOTREQUEST,
    htype: fields.htype ?? 1,
    hops: fields.hops,
    xid: fields.xid ?? 0x1234_5678,
    flags: fields.flags,
    ciaddr: fields.ciaddr === undefined ? 0 : ip(fields.ciaddr),
    yiaddr: fields.yiaddr === undefined ? 0 : ip(fields.yiaddr),
    giaddr: fields.giaddr === undefined ? 0 : ip(fields.giaddr),
    chaddr: fields.mac ?? mac,
    options,
    lengthMin: 300,
  });
}

export function decoded(bytes: Uint8Array): Message4 {
  const result = decodeMessage4(bytes);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Sub-options of option 82 as text `code=hex`, undefined if there is no option 82. */
export function informationOf(bytes: Uint8Array): Record<number, string> | undefined {
  const information = decoded(bytes).option(OptionCode4.relayAgentInformation);
  if (information === undefined) return undefined;
  const out: Record<number, string> = {};
  for (let at = 0; at < information.length; at += 2 + information[at + 1]!) {
    const data = information.subarray(at + 2, at + 2 + information[at + 1]!);
    out[information[at]!] = [...data].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  }
  return out;
}

/** `TYPE to ADDRESS#PORT%INTERFACE`, one for each send. */
export function outline(output: RelayOutput): string[] {
  return output.sends.map(({ bytes, to }) => {
    const type = messageTypeName4(decoded(bytes).messageType ?? 0) ?? "BOOTP";
    return to.kind === "server"
      ? `${type} to ${to.address}#${to.port}`
      : `${type} to ${to.address}#${to.port}%${to.interfaceName}`;
  });
}

/** A relay agent, its table, and virtual time. */
export class RelayWorld4 {
  readonly table = new BindingTable(4);
  readonly state: Relay4State;
  now = startMs;
  /** Of the last step. */
  output: RelayOutput = { changes: [], sends: [], routes: [], notes: [] };
  readonly routes: string[] = [];

  constructor(
    configuration: RelayConfiguration = relayConfiguration(),
    known: readonly RelayInterface[] = interfaces,
    limits: Partial<Relay4Limits> = {},
    hostName?: string,
  ) {
    this.state = createRelay4({ table: this.table, random: seededRandom(7), limits });
    this.configure(configuration, known, hostName);
  }

  configure(configuration: RelayConfiguration, known: readonly RelayInterface[] = interfaces, hostName?: string): void {
    this.step({ kind: "configuration", relays: [configuration], interfaces: known, hostName });
  }

  step(input: RelayInput): RelayOutput {
    this.output = stepRelay4(this.state, input, this.now);
    for (const { binding, cause } of this.output.changes) {
      const put = this.table.put(binding, cause, Math.floor(this.now / 1000));
      if (put.outcome === "refused") throw new Error(put.refusal.message);
    }
    for (const { kind, prefix, length, interfaceName } of this.output.routes) {
      this.routes.push(
        `${kind} ${formatIpv4(((prefix[0]! << 24) | (prefix[1]! << 16) | (prefix[2]! << 8) | prefix[3]!) >>> 0)}/${length} ${interfaceName}`,
      );
    }
    return this.output;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
    this.step({ kind: "deadline" });
  }

  /** From a client, or a relay agent nearer to it, on an access interface. */
  client(fields: Fields | Uint8Array, arrival: { interfaceName?: string; unicast?: boolean; source?: string } = {}) {
    return this.step({
      kind: "datagram",
      arrival: {
        instance,
        interfaceName: arrival.interfaceName ?? access,
        sourceAddress: arrival.source ?? "0.0.0.0",
        sourcePort: 68,
        unicast: arrival.unicast ?? false,
      },
      bytes: fields instanceof Uint8Array ? fields : message(fields),
    });
  }

  /** From a server, on the socket that faces it. */
  server(fields: Fields | Uint8Array, source = server) {
    return this.step({
      kind: "datagram",
      arrival: { instance, sourceAddress: source, sourcePort: 67, localAddress: "10.1.0.1", unicast: true },
      bytes: fields instanceof Uint8Array ? fields : message({ op: Op4.BOOTREPLY, giaddr: "10.1.0.1", ...fields }),
    });
  }

  /** DISCOVER to ACK of one client, option 82 echoed as servers do (RFC 3046 §2.2). */
  lease(address: string, fields: Fields = {}, interfaceName: string = access): void {
    const giaddr = interfaceName === access ? "10.1.0.1" : "10.2.0.1";
    const { sends } = this.client({ type: MessageType4.DHCPDISCOVER, ...fields }, { interfaceName });
    const echo = sends[0] && decoded(sends[0].bytes).option(OptionCode4.relayAgentInformation);
    const options = echo === undefined ? [] : [{ code: OptionCode4.relayAgentInformation, data: echo }];
    const reply = { giaddr, yiaddr: address, server, leaseSeconds: 3600, xid: fields.xid, mac: fields.mac, options };
    this.server({ type: MessageType4.DHCPOFFER, ...reply });
    this.client({ type: MessageType4.DHCPREQUEST, requested: address, server, ...fields }, { interfaceName });
    this.server({ type: MessageType4.DHCPACK, ...reply });
  }

  binding(address: string): Binding | undefined {
    return this.table.at(this.table.byPrefix(instance, ipv4ToBytes(ip(address)), 32));
  }

  get drops(): Record<string, number> {
    return Object.fromEntries(relayStatistics4(this.state, {}, this.now).drops.map(({ name, value }) => [name, value]));
  }

  get notes(): Record<string, number> {
    return Object.fromEntries(relayStatistics4(this.state, {}, this.now).notes.map(({ name, value }) => [name, value]));
  }

  /** States that are not 0. */
  get states(): Record<string, number> {
    return Object.fromEntries(Object.entries(relayBindingStates4(this.state, {})).filter(([, value]) => value !== 0));
  }
}
