import { createHmac } from "node:crypto";
import { BindingTable } from "@leasewire/bindings";
import type { AddressPool6, LocalServerConfiguration } from "@leasewire/config";
import { formatIpv6, formatIpv6Prefix, type Ipv6Address, parseIpv6, parseIpv6Prefix } from "@leasewire/net";
import {
  decodeMessage6,
  encodeMessage6,
  encodeRelayMessage6,
  type IaAddress6,
  type IaPrefix6,
  type Message6,
  MessageType6,
  messageTypeName6,
  type Option6,
  OptionCode6,
  option6,
  options6,
  readOption6,
  relayChain6,
  statusCodeName6,
} from "@leasewire/wire";
import { seededRandom } from "../src/random.ts";
import type { Arrival, LocalAddress } from "../src/server-common/messages.ts";
import {
  createServer6,
  nextServerDeadlineMs6,
  type Server6Input,
  type Server6Options,
  type Server6Output,
  type Server6State,
  step6,
} from "../src/server6/index.ts";

/** A DHCPv6 server with its table in virtual time: what a step changes is stored before the next one. */
export interface World6 {
  readonly table: BindingTable;
  state: Server6State;
  now: number;
  step(input: Server6Input): Server6Output;
  /** A message by way of a relay on the link 2001:db8:1::/64, unless told otherwise. */
  send(message: Uint8Array, way?: Way): Heard;
  /** Lets time pass: what runs out is EXPIRED in the table, and deadlines are kept. */
  pass(seconds: number): void;
  /** The server starts anew over the same table. */
  restart(options?: Partial<Server6Options>): void;
  configure(configuration: LocalServerConfiguration, localAddresses?: readonly LocalAddress[]): void;
}

export type Way =
  | { readonly interfaceName: string; readonly source?: string; readonly unicast?: boolean }
  | { readonly relays: readonly RelayLayer[]; readonly source?: string; readonly port?: number };

/** Nearest to the client first. */
export interface RelayLayer {
  readonly link: string;
  readonly peer?: string;
  readonly hopCount?: number;
  readonly options?: readonly Option6[];
}

/** What came of a message, in short texts that a table of tests can hold. */
export interface Heard {
  readonly output: Server6Output;
  /** The innermost message. */
  readonly reply: Message6 | undefined;
  /** Type of the reply, or `drop: REASON`. */
  readonly said: string;
  /** `na 1: 2001:db8:1::5 (3000/4000) T1 1500 T2 2400`, `pd 2: NoPrefixAvail`, … */
  readonly ias: readonly string[];
}

export const START = 1_790_000_000_000;
export const SERVER_DUID = Uint8Array.from([0, 3, 0, 1, 2, 0, 0, 0, 0, 1]);
export const LINK = "2001:db8:1::1";
export const RELAY = "2001:db8:ffff::1";

export const hmacMd5 = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  Uint8Array.from(createHmac("md5", key).update(message).digest());

export function ip(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export function prefix(text: string): { address: Ipv6Address; length: number } {
  const parsed = parseIpv6Prefix(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export function range(low: string, high: string, delegatedLength?: number): AddressPool6["ranges"][number] {
  return { name: low, low: ip(low), high: ip(high), ...(delegatedLength === undefined ? {} : { delegatedLength }) };
}

export function pool(name: string, within: string, more: Partial<AddressPool6> = {}): AddressPool6 {
  return {
    name,
    instance: "default:default",
    family: 6,
    prefix: prefix(within),
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

/** Addresses ::100 to ::1ff of 2001:db8:1::/64, and the /56s of 2001:db8:a000::/48 for clients there. */
export const NA = pool("na", "2001:db8:1::/64", { ranges: [range("2001:db8:1::100", "2001:db8:1::1ff")] });
export const PD = pool("pd", "2001:db8:a000::/48", {
  ranges: [range("2001:db8:a000::", "2001:db8:a000:ff00::", 56)],
  linkAddresses: [prefix("2001:db8:1::/64")],
});

export function configuration(more: Partial<LocalServerConfiguration> = {}): LocalServerConfiguration {
  return {
    instance: "default:default",
    family: 6,
    listenPort: 547,
    duid: SERVER_DUID,
    rapidCommit: false,
    reconfigure: false,
    authoritative: true,
    pools: [NA, PD],
    groups: [],
    interfaces: [],
    ...more,
  } as LocalServerConfiguration;
}

export function world6(
  configured: LocalServerConfiguration = configuration(),
  options: Partial<Server6Options> = {},
  localAddresses: readonly LocalAddress[] = [],
): World6 {
  const table = options.table ?? new BindingTable(6);
  const create = (more: Partial<Server6Options>) =>
    createServer6({
      table,
      random: seededRandom(7),
      hmacMd5,
      reconfigureSecret: new Uint8Array(16).fill(9),
      ...options,
      ...more,
    });
  let current = configured;
  let local = localAddresses;
  const world: World6 = {
    table,
    state: create({}),
    now: START,
    step(input) {
      const output = step6(world.state, input, world.now);
      for (const { binding, cause } of output.changes) {
        const result = table.put(binding, cause, Math.floor(world.now / 1000));
        if (result.outcome === "refused") throw new Error(result.refusal.message);
      }
      return output;
    },
    send(message, way = { relays: [{ link: LINK }] }) {
      return heard(world.step({ kind: "datagram", arrival: arrivalOf(way), bytes: wrapped(message, way) }));
    },
    pass(seconds) {
      const until = world.now + seconds * 1000;
      for (;;) {
        const due = nextServerDeadlineMs6(world.state);
        const stop = due === null || due > until;
        world.now = stop ? until : Math.max(world.now, due);
        while (!table.expire(Math.floor(world.now / 1000), 1000).done);
        if (stop) return;
        world.step({ kind: "deadline" });
      }
    },
    restart(more = {}) {
      world.state = create(more);
      world.step({ kind: "configuration", servers: [current], localAddresses: local });
    },
    configure(to, addresses = local) {
      current = to;
      local = addresses;
      world.step({ kind: "configuration", servers: [to], localAddresses: local });
    },
  };
  world.configure(configured);
  return world;
}

export function arrivalOf(way: Way): Arrival {
  if ("interfaceName" in way) {
    return {
      instance: "default:default",
      interfaceName: way.interfaceName,
      sourceAddress: way.source ?? "fe80::c",
      sourcePort: 546,
      unicast: way.unicast,
    };
  }
  return {
    instance: "default:default",
    sourceAddress: way.source ?? RELAY,
    sourcePort: way.port ?? 547,
    unicast: true,
  };
}

export function wrapped(message: Uint8Array, way: Way): Uint8Array {
  if ("interfaceName" in way) return message;
  let bytes = message;
  way.relays.forEach(({ link, peer, hopCount, options = [] }, i) => {
    bytes = encodeRelayMessage6({
      messageType: MessageType6["RELAY-FORW"],
      hopCount: hopCount ?? i,
      linkAddress: ip(link),
      peerAddress: ip(peer ?? (i === 0 ? "fe80::c" : "2001:db8:eeee::1")),
      options: [...options, { code: OptionCode6.RELAY_MSG, data: bytes }],
    });
  });
  return bytes;
}

export interface Asked {
  readonly duid?: Uint8Array | undefined;
  readonly server?: Uint8Array | undefined;
  readonly xid?: number;
  /** Each IA with the leases it lists: `na 1`, `na 1 2001:db8:1::5`, `pd 2 2001:db8:a000::/56`, `pd 2 ::/60`, `ta 3`. */
  readonly ias?: readonly string[];
  readonly oro?: readonly number[];
  readonly options?: readonly Option6[];
}

export type MessageName = Exclude<keyof typeof MessageType6, number>;

/** A message of the client 1 unless told otherwise; REQUEST, RENEW, RELEASE and DECLINE name the server. */
export function message(name: MessageName, asked: Asked = {}): Uint8Array {
  const named = ["REQUEST", "RENEW", "RELEASE", "DECLINE"].includes(name);
  const duid = "duid" in asked ? asked.duid : client(1);
  const server = "server" in asked ? asked.server : named ? SERVER_DUID : undefined;
  return encodeMessage6({
    messageType: MessageType6[name],
    transactionId: asked.xid ?? 0x123456,
    options: [
      ...(duid === undefined ? [] : [option6(OptionCode6.CLIENTID, duid)]),
      ...(server === undefined ? [] : [option6(OptionCode6.SERVERID, server)]),
      ...(asked.oro === undefined ? [] : [option6(OptionCode6.ORO, asked.oro)]),
      ...(asked.ias ?? []).map(ia),
      ...(asked.options ?? []),
    ],
  });
}

export function client(number: number): Uint8Array {
  return Uint8Array.from([0, 3, 0, 1, 2, 0, 0, number >>> 16, number >>> 8, number]);
}

function ia(text: string): Option6 {
  const [kind, iaidText, ...leases] = text.split(" ");
  const iaid = Number(iaidText);
  const options = leases.map((lease) => {
    if (kind !== "pd") return option6(OptionCode6.IAADDR, { address: ip(lease), ...noLifetimes });
    const slash = lease.indexOf("/");
    return option6(OptionCode6.IAPREFIX, {
      prefix: ip(lease.slice(0, slash)),
      prefixLength: Number(lease.slice(slash + 1)),
      ...noLifetimes,
    });
  });
  if (kind === "ta") return option6(OptionCode6.IA_TA, { iaid, options });
  return option6(kind === "na" ? OptionCode6.IA_NA : OptionCode6.IA_PD, { iaid, t1Seconds: 7, t2Seconds: 7, options });
}

const noLifetimes = { preferredLifetimeSeconds: 0, validLifetimeSeconds: 0, options: [] };

export function heard(output: Server6Output): Heard {
  const drop = output.notes.find(({ kind }) => kind === "drop");
  const send = output.sends[0];
  if (send === undefined) {
    return { output, reply: undefined, said: drop === undefined ? "nothing" : `drop: ${drop.reason}`, ias: [] };
  }
  const decoded = decodeMessage6(send.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const chain = relayChain6(decoded.value);
  if (!chain.ok) throw new Error(chain.error.message);
  const reply = chain.value.message;
  if (reply === undefined) throw new Error("the reply relays no message");
  return { output, reply, said: messageTypeName6(reply.messageType) ?? "?", ias: iasOf(reply) };
}

function iasOf(reply: Message6): string[] {
  const texts: string[] = [];
  for (const { code, data } of reply.options()) {
    const kind =
      code === OptionCode6.IA_NA ? "na" : code === OptionCode6.IA_PD ? "pd" : code === OptionCode6.IA_TA ? "ta" : "";
    if (kind === "") continue;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const parts = [...options6(data, kind === "ta" ? 4 : 12)].map((option) => partOf(option));
    const times = kind === "ta" || view.getUint32(4) === 0 ? "" : ` T1 ${view.getUint32(4)} T2 ${view.getUint32(8)}`;
    texts.push(`${kind} ${view.getUint32(0)}: ${parts.join(", ")}${times}`);
  }
  return texts;
}

function partOf({ code, data }: Option6): string {
  const area = { code, data };
  if (code === OptionCode6.IAADDR) {
    const value = decoded<IaAddress6>(area);
    return `${formatIpv6(value.address)} (${value.preferredLifetimeSeconds}/${value.validLifetimeSeconds})`;
  }
  if (code === OptionCode6.IAPREFIX) {
    const value = decoded<IaPrefix6>(area);
    const text = formatIpv6Prefix({ address: value.prefix, length: value.prefixLength });
    return `${text} (${value.preferredLifetimeSeconds}/${value.validLifetimeSeconds})`;
  }
  if (code === OptionCode6.STATUS_CODE) return statusCodeName6((data[0]! << 8) | data[1]!) ?? "?";
  return `option ${code}`;
}

function decoded<T>({ code, data }: Option6): T {
  const bytes = encodeMessage6({ messageType: 1, transactionId: 0, options: [{ code, data }] });
  const message = decodeMessage6(bytes);
  if (!message.ok || message.value.kind !== "message") throw new Error("not a message");
  const value = readOption6(message.value, code as typeof OptionCode6.IAADDR);
  if (!value.ok) throw new Error(value.error.message);
  return value.value as T;
}

/** The first address or prefix of an IA: `2001:db8:1::5`, `2001:db8:a000::/56`. */
export function leaseOf(text: string | undefined): string {
  const found = /^(?:na|ta|pd) \d+: (\S+) \(/.exec(text ?? "");
  if (found === null) throw new Error(`no lease in "${text}"`);
  return found[1]!;
}

/** Status of the whole message, "" if there is none. */
export function statusOf(reply: Message6 | undefined): string {
  const data = reply?.option(OptionCode6.STATUS_CODE);
  return data === undefined ? "" : (statusCodeName6((data[0]! << 8) | data[1]!) ?? "?");
}

/** SOLICIT and REQUEST of the IAs; what the REPLY gave. */
export function obtain(world: World6, ias: readonly string[], more: Asked = {}, way?: Way): Heard {
  const advertised = world.send(message("SOLICIT", { ...more, ias }), way);
  if (advertised.said !== "ADVERTISE") throw new Error(advertised.said);
  const wanted = advertised.ias.filter((text) => text.includes("(")).map(asRequested);
  return world.send(message("REQUEST", { ...more, ias: wanted }), way);
}

/** An IA as heard, in the form of `Asked`. */
export function asRequested(text: string): string {
  const [head, rest] = text.split(": ") as [string, string];
  const leases = [...rest.matchAll(/(\S+) \(\d+\/\d+\)/g)].map((match) => match[1]!);
  return [head, ...leases].join(" ");
}
