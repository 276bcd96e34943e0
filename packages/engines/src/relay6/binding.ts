import { type BindingInput, BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { decodeMessage6, OptionCode6, type RelayMessage6, relayChain6 } from "@leasewire/wire";
import { secondsFromNow } from "../server6/binding.ts";
import { hardwareAddressOf, nearestRelayOption } from "../server6/identity.ts";
import { temporaryMark } from "../server6/leases.ts";
import { isGlobal } from "./addresses.ts";
import { type Context6, count } from "./context.ts";
import { HeadAt } from "./head.ts";
import { messageEnd, relayOptionAt } from "./scan.ts";
import type { Exchange6, Relay6 } from "./state.ts";

/** What of the bindings of a message is the same for all its leases. Octets are views. */
export interface CommonFields6 {
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array | undefined;
  readonly options: Uint8Array | undefined;
  readonly attachment: Attachment6;
}

/** Where the client is attached, as servers are told. */
export interface Attachment6 {
  readonly linkAddress: Uint8Array | undefined;
  readonly relayAgentInformation: Uint8Array | undefined;
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  readonly relayId: Uint8Array | undefined;
  readonly interfaceName: string | undefined;
}

const NO_RELAYS: readonly RelayMessage6[] = [];

export function fieldsOf(context: Context6, exchange: Exchange6, duid: Uint8Array): CommonFields6 {
  const { sent, headEnd } = exchange;
  const relays = headEnd > 0 ? NO_RELAYS : relaysOf(sent);
  const seen = headEnd > 0 ? ownOption(sent, headEnd, OptionCode6.CLIENT_LINKLAYER_ADDR) : undefined;
  const hardware =
    seen !== undefined && seen.length > 2
      ? { type: (seen[0]! << 8) | seen[1]!, address: seen.subarray(2) }
      : hardwareAddressOf(duid, relays);
  return {
    hardwareType: hardware?.type ?? 0,
    hardwareAddress: hardware?.address,
    options: keptOptions(context, exchange),
    attachment: headEnd > 0 ? attachedHere(context, exchange) : attachedBehind(context, exchange, relays),
  };
}

/** The client is on an interface of ours: what is in front of its message is the relay data, as it lies there. */
function attachedHere(context: Context6, { sent, headEnd, access, relay }: Exchange6): Attachment6 {
  const kept = keepsRelayData(context, relay, headEnd);
  const own = access!;
  return {
    linkAddress: own.linkIsGlobal ? own.linkAddress : undefined,
    relayAgentInformation: kept ? sent.subarray(0, headEnd) : undefined,
    circuitId: own.headIsFixed ? own.interfaceId : ownOption(sent, headEnd, OptionCode6.INTERFACE_ID),
    remoteId: own.headIsFixed ? own.remoteId : ownOption(sent, headEnd, OptionCode6.REMOTE_ID),
    relayId: ownOption(sent, headEnd, OptionCode6.RELAY_ID),
    interfaceName: own.name,
  };
}

/** Behind other relay agents: the one nearest to the client that says something counts, as it does for servers. */
function attachedBehind(
  context: Context6,
  { sent, access, relay }: Exchange6,
  relays: readonly RelayMessage6[],
): Attachment6 {
  const link = [...relays].reverse().find(({ linkAddress }) => isGlobal(linkAddress));
  return {
    linkAddress: link?.linkAddress,
    relayAgentInformation: nestedRelayData(context, relay, sent),
    circuitId: nearestRelayOption(relays, OptionCode6.INTERFACE_ID),
    remoteId: nearestRelayOption(relays, OptionCode6.REMOTE_ID),
    relayId: nearestRelayOption(relays, OptionCode6.RELAY_ID),
    interfaceName: access?.name,
  };
}

function relaysOf(sent: Uint8Array): readonly RelayMessage6[] {
  const decoded = decodeMessage6(sent.subarray(HeadAt.relayForward));
  if (!decoded.ok) return NO_RELAYS;
  const chain = relayChain6(decoded.value);
  return chain.ok ? chain.value.relays : NO_RELAYS;
}

function ownOption(sent: Uint8Array, headEnd: number, code: number): Uint8Array | undefined {
  const at = relayOptionAt(sent, HeadAt.relayForward, headEnd, code);
  return at < 0 ? undefined : sent.subarray(at + 4, at + 4 + ((sent[at + 2]! << 8) | sent[at + 3]!));
}

function keepsRelayData(context: Context6, relay: Relay6, length: number): boolean {
  if (length <= context.state.limits.storedRelayOctetsMax) return true;
  count(context, relay.instance, "relay data not kept");
  return false;
}

/** LQ_RELAY_DATA (RFC 5007 §4.1.2.4): the RELAY-FORWs as they were, without the RELAY_MSG option of the innermost. */
function nestedRelayData(context: Context6, relay: Relay6, sent: Uint8Array): Uint8Array | undefined {
  // Where RELAY_MSG options are, outermost first, and what each of them ends.
  const layers: { readonly at: number; readonly end: number }[] = [];
  let from: number = HeadAt.relayForward;
  let to = sent.length;
  while (sent[from] === sent[HeadAt.relayForward]) {
    const at = relayOptionAt(sent, from, to, OptionCode6.RELAY_MSG);
    if (at < 0) return undefined;
    const end = at + 4 + ((sent[at + 2]! << 8) | sent[at + 3]!);
    layers.push({ at, end });
    from = at + 4;
    to = end;
  }
  const last = layers.at(-1)!;
  const removed = last.end - last.at;
  if (!keepsRelayData(context, relay, sent.length - removed)) return undefined;
  const out = new Uint8Array(sent.length - removed);
  out.set(sent.subarray(0, last.at));
  out.set(sent.subarray(last.end), last.at);
  for (const { at, end } of layers.slice(0, -1)) {
    const length = end - at - 4 - removed;
    out[at + 2] = length >>> 8;
    out[at + 3] = length;
  }
  return out;
}

/** Options of the client that leasequery may tell later: those that servers keep. */
function keptOptions(context: Context6, { sent, messageAt, relay }: Exchange6): Uint8Array | undefined {
  const end = messageEnd(sent, messageAt);
  let length = 0;
  for (let at = messageAt + 4; at + 4 <= end; at = behind(sent, at))
    if (isKept(sent, at)) length += behind(sent, at) - at;
  if (length === 0) return undefined;
  if (length > context.state.limits.storedOptionsOctetsMax) {
    count(context, relay.instance, "client options not kept");
    return undefined;
  }
  const out = new Uint8Array(length);
  let to = 0;
  for (let at = messageAt + 4; at + 4 <= end; at = behind(sent, at)) {
    if (!isKept(sent, at)) continue;
    out.set(sent.subarray(at, behind(sent, at)), to);
    to += behind(sent, at) - at;
  }
  return out;
}

function behind(bytes: Uint8Array, at: number): number {
  return at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
}

function isKept(bytes: Uint8Array, at: number): boolean {
  const code = (bytes[at]! << 8) | bytes[at + 1]!;
  return code === OptionCode6.USER_CLASS || code === OptionCode6.VENDOR_CLASS || code === OptionCode6.CLIENT_FQDN;
}

export interface LearntFrom {
  readonly context: Context6;
  readonly relay: Relay6;
  readonly duid: Uint8Array;
  readonly serverDuid: Uint8Array | undefined;
  readonly serverAddress: string;
}

/** The binding of a lease that a REPLY gave or extended now. */
export function learntBinding(
  { context, relay, duid, serverDuid, serverAddress }: LearntFrom,
  { attachment, hardwareType, hardwareAddress, options }: CommonFields6,
  code: number,
  iaid: number,
  lease: {
    readonly address: Uint8Array;
    readonly length: number;
    readonly preferredSeconds: number;
    readonly validSeconds: number;
  },
  startTimeOfStateSeconds: number,
): BindingInput {
  const { nowSeconds } = context;
  return {
    instance: relay.instance,
    address: lease.address,
    prefixLength: lease.length,
    kind: code === OptionCode6.IA_PD ? "prefix" : "address",
    state: BindingState.ACTIVE,
    hardwareType,
    hardwareAddress,
    clientId: duid,
    iaid,
    startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds: nowSeconds,
    expiresAtSeconds: secondsFromNow(nowSeconds, lease.validSeconds),
    preferredUntilSeconds: secondsFromNow(nowSeconds, lease.preferredSeconds),
    linkAddress: attachment.linkAddress,
    relayAgentInformation: attachment.relayAgentInformation,
    circuitId: attachment.circuitId,
    remoteId: attachment.remoteId,
    relayId: attachment.relayId,
    options: code === OptionCode6.IA_TA ? withMark(iaid, options) : options,
    serverIdentifier: serverDuid,
    serverAddress,
    dataSource: 0,
    origin: "gleaned",
    interfaceName: attachment.interfaceName,
  };
}

/** Bindings of an IA_TA are known by the option in front of what is kept (see `temporaryMark`). */
function withMark(iaid: number, options: Uint8Array | undefined): Uint8Array {
  const mark = temporaryMark(iaid);
  return options === undefined ? mark : Uint8Array.of(...mark, ...options);
}

/** The stored binding in the row, in a state that ends it now. */
export function endedBinding({ state, nowSeconds }: Context6, row: number, to: number): BindingInput {
  const stored = state.table.at(row)!;
  return {
    ...stored,
    state: to,
    startTimeOfStateSeconds: nowSeconds,
    clientLastTransactionTimeSeconds: Math.max(nowSeconds, stored.clientLastTransactionTimeSeconds),
    expiresAtSeconds:
      stored.expiresAtSeconds === EXPIRES_NEVER ? nowSeconds : Math.min(nowSeconds, stored.expiresAtSeconds),
    preferredUntilSeconds: 0,
    origin: "gleaned",
    dataSource: 0,
  };
}
