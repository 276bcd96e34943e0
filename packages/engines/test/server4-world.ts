import { type Binding, BindingState, BindingTable } from "@leasewire/bindings";
import type { AddressPool4, HostKey, LocalServerConfiguration } from "@leasewire/config";
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
  type Arrival,
  createServer4,
  nextServerDeadlineMs4,
  poolStatistics4,
  type Server4Input,
  type Server4State,
  type ServerOutput,
  type ServerSend,
  seededRandom,
  serverStatistics4,
  step4,
} from "../src/index.ts";
import type { Server4Limits } from "../src/server4/limits.ts";

/** 2026-01-01 00:00 UTC: where virtual time begins, ms. */
export const startMs = 1_767_225_600_000;
export const instance: InstanceName = "default:default";

export function ip(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

/** 10.1.0.0/24 with 10.1.0.10 … 10.1.0.19, an hour, unless told otherwise. */
export function pool(changes: Partial<AddressPool4> = {}): AddressPool4 {
  return {
    name: "customers",
    instance,
    family: 4,
    network: { address: ip("10.1.0.0"), length: 24 },
    ranges: [{ name: "r1", low: ip("10.1.0.10"), high: ip("10.1.0.19") }],
    excluded: [],
    hosts: [],
    leaseTimeSeconds: 3600,
    options: [
      { code: OptionCode4.router, data: ipv4ToBytes(ip("10.1.0.1")) },
      { code: OptionCode4.domainNameServer, data: ipv4ToBytes(ip("192.0.2.53")) },
    ],
    linkAddresses: [],
    ...changes,
  };
}

export function host(kind: HostKey["kind"], value: Uint8Array, address: string): AddressPool4["hosts"][number] {
  return { name: `host-${address}`, key: { kind, value }, address: ip(address) };
}

export function configuration(changes: Partial<LocalServerConfiguration> = {}): LocalServerConfiguration {
  return {
    instance,
    family: 4,
    listenPort: 67,
    serverIdentifier: ip("192.0.2.1"),
    groups: [],
    interfaces: [],
    rapidCommit: false,
    reconfigure: false,
    authoritative: false,
    pools: [pool()],
    leasequeryGuard: {
      queriesPerSecondMax: 1000,
      unknownRatioMaxPercent: 90,
      unknownWindowSeconds: 60,
      unknownQueriesMin: 100,
      quarantineSeconds: 600,
    },
    ...changes,
  };
}

/** A relay on 10.1.0.0/24. */
export const relayed: Arrival = { instance, sourceAddress: "10.1.0.1", sourcePort: 67, localAddress: "192.0.2.1" };
/** A client on the interface ge-0/0/1.0, which has 10.1.0.1/24. */
export const attached: Arrival = {
  instance,
  interfaceName: "ge-0/0/1.0",
  sourceAddress: "0.0.0.0",
  sourcePort: 68,
  localAddress: "10.1.0.1",
  unicast: false,
};
export const interfaceAddresses = [
  { instance, interfaceName: "ge-0/0/1.0", address: ipv4ToBytes(ip("10.1.0.1")), length: 24 },
];

export interface Fields {
  readonly type?: number;
  readonly mac?: number | Uint8Array;
  readonly xid?: number;
  readonly flags?: number;
  readonly giaddr?: string;
  readonly ciaddr?: string;
  readonly requested?: string;
  readonly server?: string;
  readonly clientId?: Uint8Array;
  readonly parameters?: readonly number[];
  readonly leaseSeconds?: number;
  readonly circuitId?: string;
  readonly remoteId?: string;
  readonly relaySubOptions?: readonly Option4[];
  readonly options?: readonly Option4[];
}

export const macOf = (mac: number) => Uint8Array.of(2, 0, 0, mac >>> 16, (mac >>> 8) & 255, mac & 255);

export function request(fields: Fields): Uint8Array {
  const { mac = 1, circuitId, remoteId, relaySubOptions = [] } = fields;
  const options: Option4[] = [];
  if (fields.type !== undefined) options.push({ code: OptionCode4.messageType, data: Uint8Array.of(fields.type) });
  if (fields.requested) options.push({ code: OptionCode4.requestedIpAddress, data: ipv4ToBytes(ip(fields.requested)) });
  if (fields.server) options.push({ code: OptionCode4.serverIdentifier, data: ipv4ToBytes(ip(fields.server)) });
  if (fields.clientId) options.push({ code: OptionCode4.clientIdentifier, data: fields.clientId });
  if (fields.leaseSeconds !== undefined) {
    options.push({ code: OptionCode4.leaseTime, data: ipv4ToBytes(fields.leaseSeconds as Ipv4Address) });
  }
  if (fields.parameters) {
    options.push({ code: OptionCode4.parameterRequestList, data: Uint8Array.from(fields.parameters) });
  }
  options.push(...(fields.options ?? []));
  const subOptions: Option4[] = [...relaySubOptions];
  if (circuitId !== undefined) subOptions.push({ code: 1, data: utf8(circuitId) });
  if (remoteId !== undefined) subOptions.push({ code: 2, data: utf8(remoteId) });
  if (subOptions.length > 0) {
    options.push({ code: OptionCode4.relayAgentInformation, data: encodeRelayAgentInformation(subOptions) });
  }
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    htype: 1,
    hops: fields.giaddr === undefined ? 0 : 1,
    xid: fields.xid ?? 0x1234,
    flags: fields.flags ?? 0,
    ciaddr: fields.ciaddr === undefined ? 0 : ip(fields.ciaddr),
    giaddr: fields.giaddr === undefined ? 0 : ip(fields.giaddr),
    chaddr: typeof mac === "number" ? macOf(mac) : mac,
    options,
  });
}

export interface Answer {
  readonly type: string;
  readonly message: Message4;
  readonly send: ServerSend;
  readonly yiaddr: string;
}

/** An engine over a table, and the part of the backend that puts changes there. */
export class World4 {
  readonly table: BindingTable;
  state: Server4State;
  now = startMs;
  servers: readonly LocalServerConfiguration[];
  readonly limits: Partial<Server4Limits>;
  #seed = 1;

  constructor(
    servers: LocalServerConfiguration | readonly LocalServerConfiguration[] = configuration(),
    limits: Partial<Server4Limits> = {},
    table = new BindingTable(4),
  ) {
    this.servers = Array.isArray(servers) ? servers : [servers as LocalServerConfiguration];
    this.limits = limits;
    this.table = table;
    this.state = this.restart();
  }

  /** A new engine over the same table. */
  restart(): Server4State {
    this.#seed += 1;
    this.state = createServer4({ table: this.table, random: seededRandom(this.#seed), limits: this.limits });
    this.configure(...this.servers);
    return this.state;
  }

  configure(...servers: readonly LocalServerConfiguration[]): ServerOutput {
    this.servers = servers;
    return this.step({ kind: "configuration", servers, localAddresses: interfaceAddresses });
  }

  /** One step, its changes put into the table. */
  step(input: Server4Input): ServerOutput {
    const output = step4(this.state, input, this.now);
    for (const { binding, cause } of output.changes) {
      const put = this.table.put(binding, cause, Math.floor(this.now / 1000));
      if (put.outcome === "refused") throw new Error(put.refusal.message);
    }
    return output;
  }

  datagram(bytes: Uint8Array, arrival: Arrival = relayed): ServerOutput {
    return this.step({ kind: "datagram", arrival, bytes });
  }

  send(fields: Fields, arrival: Arrival = fields.giaddr === undefined ? attached : relayed): ServerOutput {
    return this.datagram(request(fields), arrival);
  }

  /** The one answer to a message. */
  ask(fields: Fields, arrival?: Arrival): Answer {
    const output = this.send(fields, arrival);
    const answer = answerOf(output);
    if (answer === undefined) throw new Error(`no answer: ${JSON.stringify(output.notes)}`);
    return answer;
  }

  /** What was counted for a message that got no answer. */
  silence(fields: Fields, arrival?: Arrival): string | undefined {
    const output = this.send(fields, arrival);
    if (output.sends.length > 0) throw new Error(`answered: ${answerOf(output)?.type}`);
    return output.notes.find(({ kind }) => kind === "drop")?.reason;
  }

  /** DISCOVER to ACK through the relay, the address leased. */
  lease(fields: Fields = {}, arrival?: Arrival): string {
    const through = arrival === undefined ? { giaddr: "10.1.0.1" } : {};
    const offer = this.ask({ ...through, ...fields, type: MessageType4.DHCPDISCOVER }, arrival);
    if (offer.type !== "DHCPOFFER") throw new Error(offer.type);
    const ack = this.ask(
      { ...through, ...fields, type: MessageType4.DHCPREQUEST, requested: offer.yiaddr, server: "192.0.2.1" },
      arrival,
    );
    if (ack.type !== "DHCPACK" || ack.yiaddr !== offer.yiaddr) throw new Error(`${ack.type} ${ack.yiaddr}`);
    return ack.yiaddr;
  }

  /** Lets time pass, doing what is due on the way as the backend does. */
  pass(seconds: number, onOutput: (output: ServerOutput) => void = () => undefined): ServerOutput[] {
    const until = this.now + seconds * 1000;
    const outputs: ServerOutput[] = [];
    for (;;) {
      const due = nextServerDeadlineMs4(this.state);
      if (due === null || due > until) break;
      this.now = Math.max(this.now, due);
      const output = this.step({ kind: "deadline" });
      onOutput(output);
      outputs.push(output);
    }
    this.now = until;
    this.table.expire(Math.floor(until / 1000), 1_000_000);
    return outputs;
  }

  binding(address: string): Binding | undefined {
    return this.table.at(this.table.byAddress(instance, ipv4ToBytes(ip(address))));
  }

  stateOf(address: string): string {
    const state = this.binding(address)?.state;
    return Object.entries(BindingState).find(([, value]) => value === state)?.[0] ?? "none";
  }

  pool(name = "customers") {
    // Marks follow the table at the next step.
    this.step({ kind: "granting", allowed: this.state.granting });
    return poolStatistics4(this.state).find((statistics) => statistics.name === name)!;
  }

  counter(group: "received" | "sent" | "drops" | "notes", name: string): number {
    return serverStatistics4(this.state, {}, this.now)[group].find((view) => view.name === name)?.value ?? 0;
  }
}

export function answerOf(output: ServerOutput): Answer | undefined {
  const [send] = output.sends;
  if (send === undefined) return undefined;
  const decoded = decodeMessage4(send.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const message = decoded.value;
  return {
    type: messageTypeName4(message.messageType ?? 0) ?? "?",
    message,
    send,
    yiaddr: formatIpv4(message.yiaddr),
  };
}

export const D = MessageType4.DHCPDISCOVER;
export const R = MessageType4.DHCPREQUEST;
