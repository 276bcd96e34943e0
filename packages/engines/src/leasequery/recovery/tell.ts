import { BindingState, Field } from "@leasewire/bindings";
import { type Ipv4Address, ipv4ToBytes } from "@leasewire/net";
import { epoch2000ToUnixSeconds } from "@leasewire/wire";
import { endOf, transactionTime } from "../requestor/times.ts";
import { uint32Of } from "../responder/octets.ts";
import { type Context, countDrop, countNote, refuseLease } from "./context.ts";
import type { Known } from "./known-octets.ts";
import type { ReplyReader4 } from "./read4.ts";
import type { ReplyReader6 } from "./read6.ts";
import { settleDraft } from "./settle-draft.ts";
import type { Link, Place, Teller } from "./state.ts";
import { keepWaiting } from "./waiting.ts";

/** A DHCPLEASEACTIVE or DHCPLEASEUNASSIGNED of a bulk answer or stream; the reader holds it. */
export function tellLease4(context: Context, link: Link, teller: Teller, reader: ReplyReader4): void {
  const { state, now } = context;
  const { tally, relay } = teller;
  tally.received += 1;
  if (reader.ciaddr === 0) {
    refuseLease(context, teller, "no address");
    return;
  }
  if (reader.statusCode > 0) {
    refuseLease(context, teller, "error code");
    return;
  }
  const { judge } = state;
  const { draft, addresses } = judge;
  const nowSeconds = Math.floor(now / 1000);
  const told = toldAt(context, teller, reader.baseTimeSeconds, nowSeconds);
  const active = reader.messageType === DHCPLEASEACTIVE;
  let place: Known<Place> | undefined;
  if (active) {
    if (relay.strict && isOfAnotherRelay(teller, reader.bytes, reader.relayIdAt, reader.relayIdLength)) {
      tally.notKept += 1;
      countNote(context, relay, "lease of another relay");
      return;
    }
    if (reader.circuitLength >= 0) place = relay.places.of(reader.bytes, reader.circuitAt, reader.circuitLength);
    else if (relay.strict) {
      refuseLease(context, teller, "no circuit-id");
      return;
    } else countNote(context, relay, "recorded without circuit-id");
  }
  const address = addresses[4];
  const { ciaddr } = reader;
  address[0] = ciaddr >>> 24;
  address[1] = ciaddr >>> 16;
  address[2] = ciaddr >>> 8;
  address[3] = ciaddr;
  draft.instance = relay.instance;
  draft.address = address;
  draft.prefixLength = 32;
  draft.kind = "address";
  // The message type follows the state (RFC 6926 §8.3); an UNASSIGNED that says ACTIVE tells of a lease that has run out.
  const { dhcpState } = reader;
  draft.state = active
    ? BindingState.ACTIVE
    : dhcpState < 1 || dhcpState > 8 || dhcpState === BindingState.ACTIVE
      ? BindingState.AVAILABLE
      : dhcpState;
  draft.hardwareType = reader.htype;
  draft.iaid = undefined;
  const started = reader.startTimeOfStateSeconds;
  draft.startTimeOfStateSeconds = started < 0 ? 0 : started > told ? 1 : told - started || 1;
  const heard = reader.clientLastTransactionTimeSeconds;
  draft.clientLastTransactionTimeSeconds = heard < 0 ? 0 : transactionTime(heard, told).seconds;
  draft.expiresAtSeconds = reader.leaseTimeSeconds < 0 ? 0 : endOf(reader.leaseTimeSeconds, told);
  draft.preferredUntilSeconds = undefined;
  draft.linkAddress = place?.value.linkAddress;
  if (reader.linkSelectionAt >= 0) draft.linkAddress = copyInto(linkAddress4, reader.bytes, reader.linkSelectionAt);
  draft.bytes = reader.bytes;
  judge.place(Field.clientId, reader.clientAt, reader.clientLength);
  judge.place(Field.hardwareAddress, reader.chaddrAt, reader.hlen === 0 ? -1 : reader.hlen);
  judge.place(Field.circuitId, reader.circuitAt, reader.circuitLength);
  judge.place(Field.remoteId, reader.remoteAt, reader.remoteLength);
  judge.place(Field.relayId, reader.relayIdAt, reader.relayIdLength);
  judge.place(Field.relayAgentInformation, reader.relayAt, reader.relayLength);
  judge.place(Field.options, reader.restAt, reader.restLength);
  if (reader.serverIdentifier >= 0) link.serverIdentifier ??= ipv4ToBytes(reader.serverIdentifier as Ipv4Address);
  draft.serverIdentifier = link.serverIdentifier;
  draft.dataSource = reader.dataSource < 0 ? 0 : reader.dataSource;
  settle(context, teller, place, nowSeconds);
}

/** The client data of a LEASEQUERY-REPLY or -DATA: all leases of one client on one link. */
export function tellLeases6(context: Context, link: Link, teller: Teller, reader: ReplyReader6): void {
  const { state, now } = context;
  const { tally, relay } = teller;
  const { bytes } = reader;
  const leases = Math.max(1, reader.leases);
  tally.received += leases;
  if (reader.leases === 0 || reader.clientLength < 0) {
    refuseLease(context, teller, "no lease");
    return;
  }
  if (reader.cltTimeSeconds < 0) {
    refuseLease(context, teller, "no clt-time");
    return;
  }
  if (link.serverIdentifier === undefined) {
    refuseLease(context, teller, "no server-id");
    return;
  }
  if (reader.leasesCut) countDrop(context, relay, "too many leases");
  const { judge } = state;
  const { draft, addresses } = judge;
  const nowSeconds = Math.floor(now / 1000);
  const base = reader.baseTime < 0 ? -1 : epoch2000ToUnixSeconds(reader.baseTime, nowSeconds);
  const told = toldAt(context, teller, base, nowSeconds);
  const relayed = reader.relayLength >= 0;
  let place: Known<Place> | undefined;
  const anyLeased = isAnyLeased(reader);
  if (relay.strict && relayed && isOfAnotherRelay(teller, bytes, reader.relayIdAt, reader.relayIdLength)) {
    tally.notKept += leases;
    countNote(context, relay, "lease of another relay", leases);
    return;
  }
  if (anyLeased && relay.strict) {
    if (!relayed) {
      refuseLease(context, teller, "no relay-data");
      return;
    }
    if (reader.hops > 1) {
      refuseLease(context, teller, "relay hop count");
      return;
    }
    if (reader.interfaceLength < 0) {
      refuseLease(context, teller, "no interface-id");
      return;
    }
  } else if (anyLeased) {
    if (!relayed) countNote(context, relay, "recorded without relay-data");
    else if (reader.hops > 1) countNote(context, relay, "recorded with relay hop count");
  }
  if (relayed && reader.interfaceLength >= 0)
    place = relay.places.of(bytes, reader.interfaceAt, reader.interfaceLength);
  const transaction = transactionTime(reader.cltTimeSeconds, told).seconds;
  const hasLinkLayer = reader.linkLayerLength >= 3 && reader.linkLayerLength <= 18;
  const linkAddress =
    relayed && !isUnspecified(bytes, reader.linkAt)
      ? copyInto(linkAddress6, bytes, reader.linkAt)
      : place?.value.linkAddress;
  draft.bytes = bytes;
  judge.place(Field.clientId, reader.clientAt, reader.clientLength);
  judge.place(Field.hardwareAddress, reader.linkLayerAt + 2, hasLinkLayer ? reader.linkLayerLength - 2 : -1);
  judge.place(Field.circuitId, reader.interfaceAt, relayed ? reader.interfaceLength : -1);
  judge.place(Field.remoteId, reader.remoteAt, relayed ? reader.remoteLength : -1);
  judge.place(Field.relayId, reader.relayIdAt, relayed ? reader.relayIdLength : -1);
  judge.place(Field.relayAgentInformation, reader.relayAt, reader.relayLength);
  judge.place(Field.options, reader.restAt, reader.restLength);
  const address = addresses[6];
  for (let i = 0; i < reader.leases; i += 1) {
    const at = reader.leaseAt[i]!;
    const isPrefix = reader.leaseIsPrefix[i] === 1;
    const preferred = uint32Of(bytes, isPrefix ? at : at + 16);
    const valid = uint32Of(bytes, isPrefix ? at + 4 : at + 20);
    const from = isPrefix ? at + 9 : at;
    for (let j = 0; j < 16; j += 1) address[j] = bytes[from + j]!;
    draft.instance = relay.instance;
    draft.address = address;
    draft.prefixLength = isPrefix ? bytes[at + 8]! : 128;
    draft.kind = isPrefix ? "prefix" : "address";
    // A valid lifetime of 0 is a lease that has ended.
    draft.state = valid === 0 ? BindingState.RELEASED : BindingState.ACTIVE;
    draft.hardwareType = hasLinkLayer ? (bytes[reader.linkLayerAt]! << 8) | bytes[reader.linkLayerAt + 1]! : 0;
    draft.iaid = undefined;
    draft.startTimeOfStateSeconds = valid === 0 ? told : 0;
    draft.clientLastTransactionTimeSeconds = transaction;
    draft.expiresAtSeconds = valid === 0 ? 0 : endOf(valid, told);
    draft.preferredUntilSeconds = valid === 0 ? 0 : endOf(preferred, told);
    draft.linkAddress = linkAddress;
    draft.serverIdentifier = link.serverIdentifier;
    draft.dataSource = 0;
    settle(context, teller, place, nowSeconds);
  }
}

const DHCPLEASEACTIVE = 13;

/** Puts the draft where it belongs, or keeps it until its interface is there. */
function settle(context: Context, teller: Teller, known: Known<Place> | undefined, nowSeconds: number): void {
  const { judge } = context.state;
  const { draft } = judge;
  const place = known?.value;
  judge.placeNumber = known?.id ?? 0;
  draft.serverAddress = teller.address;
  draft.origin = teller.origin;
  draft.interfaceName = place?.interfaceName;
  if (place !== undefined && place.waitsFor !== null && draft.state === BindingState.ACTIVE) {
    keepWaiting(context, teller, place.waitsFor);
    return;
  }
  settleDraft(context, teller, nowSeconds);
}

/**
 * When a message was told, by our clock: its base-time, with the difference of the clocks where there is one worth
 * speaking of. Without base-time it is now.
 */
function toldAt(context: Context, teller: Teller, baseTimeSeconds: number, nowSeconds: number): number {
  if (baseTimeSeconds < 0) return nowSeconds;
  const tolerance = context.state.limits.timeToleranceSeconds;
  const difference = nowSeconds - baseTimeSeconds;
  const offset = teller.clockOffsetSeconds;
  // What is read late looks as if the server's clock were behind: the smallest difference seen is nearest to the truth.
  if (offset === null || difference < offset - tolerance)
    teller.clockOffsetSeconds = difference <= tolerance && difference >= -tolerance ? 0 : difference;
  return baseTimeSeconds + teller.clockOffsetSeconds!;
}

/** The relay-id of the lease is another one than ours. */
function isOfAnotherRelay({ relay }: Teller, bytes: Uint8Array, at: number, length: number): boolean {
  const own = relay.configured.relayId;
  if (own === undefined || length < 0) return false;
  if (own.length !== length) return true;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== own[i]) return true;
  return false;
}

function isAnyLeased(reader: ReplyReader6): boolean {
  for (let i = 0; i < reader.leases; i += 1) {
    const at = reader.leaseAt[i]!;
    if (uint32Of(reader.bytes, reader.leaseIsPrefix[i] === 1 ? at + 4 : at + 20) > 0) return true;
  }
  return false;
}

function isUnspecified(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[at + i] !== 0) return false;
  return true;
}

/** The table knows the link address it was given last, and takes its octets without keeping them. */
const linkAddress4 = new Uint8Array(4);
const linkAddress6 = new Uint8Array(16);

function copyInto(octets: Uint8Array, bytes: Uint8Array, at: number): Uint8Array {
  for (let i = 0; i < octets.length; i += 1) octets[i] = bytes[at + i]!;
  return octets;
}
