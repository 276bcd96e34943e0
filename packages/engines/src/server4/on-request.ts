import { formatIpv4 } from "@leasewire/net";
import { type Context4, drop, note } from "./context.ts";
import { grant } from "./grant.ts";
import { hostOf, isOf, leasesOf, obstacleOf, type Place, placeOf, rowOf } from "./leases.ts";
import { removeOffer } from "./offers.ts";
import { linkText } from "./on-discover.ts";
import { isOwnIdentifier, nakReply } from "./reply.ts";
import type { Request4 } from "./request.ts";

/**
 * DHCPREQUEST. In which state the client is, the fields tell that it fills in (RFC 2131 §4.3.2, §4.3.6 table 4): option
 * 54 is SELECTING, ciaddr is RENEWING or REBINDING, only option 50 is INIT-REBOOT.
 */
export function onRequest(context: Context4, request: Request4): void {
  const { server, key, serverIdentifier, requested, ciaddr } = request;
  if (serverIdentifier !== undefined && !isOwnIdentifier(request, serverIdentifier)) {
    const offer = server.offersByClient.get(key);
    if (offer !== undefined) removeOffer(context.state, offer);
    drop(context, server.instance, "other server chosen", formatIpv4(serverIdentifier));
    return;
  }
  if (ciaddr !== 0) extend(context, request, ciaddr);
  else if (requested === undefined || requested === 0) drop(context, server.instance, "no address asked for");
  else if (serverIdentifier !== undefined) take(context, request, requested);
  else verify(context, request, requested);
}

/** SELECTING: the client takes our offer. */
function take(context: Context4, request: Request4, address: number): void {
  if (!hasPools(context, request)) return;
  const place = placeOnLink(context, request, address);
  if (place !== undefined && obstacleOf(request, place) === "none" && isTimely(context, request, place)) {
    grant(context, request, place);
  } else if (isWrongNetwork(request, address)) {
    refuse(context, request, "nak wrong network", address);
  } else {
    refuse(context, request, "nak not the client's address", address);
  }
}

/**
 * An offer that was forgotten, in a restart for example, is as good as one that stands while nobody has the address. But
 * a request that comes late, when the client has another lease already, must not end that: the client uses it.
 */
function isTimely(context: Context4, request: Request4, place: Place): boolean {
  if (request.server.offersByClient.get(request.key)?.address === place.address || place.isOwnLease) return true;
  return hostOf(request)?.address === place.address || leasesOf(context.state, request).active < 0;
}

/** INIT-REBOOT: the client asks whether the address it remembers is still its own. */
function verify(context: Context4, request: Request4, address: number): void {
  if (!hasPools(context, request)) return;
  if (isWrongNetwork(request, address)) {
    refuse(context, request, "nak wrong network", address);
    return;
  }
  const place = placeOnLink(context, request, address);
  if (place !== undefined && isRecorded(request, place) && obstacleOf(request, place) === "none") {
    grant(context, request, place);
    return;
  }
  const isWrong =
    hostOf(request) !== undefined || leasesOf(context.state, request).active >= 0 || isOfOthers(request, place);
  if (isWrong) refuse(context, request, "nak not the client's address", address);
  else refuseUnknown(context, request, address);
}

/** RENEWING and REBINDING: the client uses the address and wants to keep it. */
function extend(context: Context4, request: Request4, address: number): void {
  if (!hasPools(context, request)) return;
  if (isWrongNetwork(request, address)) {
    refuse(context, request, "nak wrong network", address);
    return;
  }
  const place = placeOnLink(context, request, address);
  if (place !== undefined && isRecorded(request, place) && obstacleOf(request, place) === "none") {
    grant(context, request, place);
  } else if (isOwnRow(context, request, address) || isOfOthers(request, place)) {
    refuse(context, request, "nak not the client's address", address);
  } else {
    refuseUnknown(context, request, address);
  }
}

function hasPools(context: Context4, request: Request4): boolean {
  if (request.pools.length > 0) return true;
  drop(context, request.server.instance, "no pool", linkText(request));
  return false;
}

/** Neither in a network of the link nor in a range of its pools. */
function isWrongNetwork({ pools }: Request4, address: number): boolean {
  return !pools.some((pool) => pool.holds(address));
}

function placeOnLink({ state }: Context4, request: Request4, address: number): Place | undefined {
  const place = placeOf(state, request, address);
  return place !== undefined && request.pools.includes(place.range.pool) ? place : undefined;
}

/** Whether there is a record that the client had this address: its row, our offer, or a reservation. */
function isRecorded(request: Request4, place: Place): boolean {
  return (
    place.own ||
    request.server.offersByAddress.get(place.address)?.key === request.key ||
    hostOf(request)?.address === place.address
  );
}

/** Whether the client has or had the address, which may be in no range any more. */
function isOwnRow({ state }: Context4, request: Request4, address: number): boolean {
  const row = rowOf(state.table, request, address);
  return row >= 0 && isOf(state.table, row, request);
}

/** Whether it is certain that the address is not the client's. */
function isOfOthers(request: Request4, place: Place | undefined): boolean {
  if (place === undefined) return false;
  const obstacle = obstacleOf(request, place);
  return obstacle === "leased" || obstacle === "reserved" || obstacle === "offered" || obstacle === "abandoned";
}

/** Without a record of the client another server may hold its lease: silence, unless we are told that there is none. */
function refuseUnknown(context: Context4, request: Request4, address: number): void {
  if (request.server.configuration.authoritative) refuse(context, request, "nak unknown lease", address);
  else drop(context, request.server.instance, "no record of the client", formatIpv4(address));
}

const nakTexts = {
  "nak wrong network": "The address does not belong to this network.",
  "nak not the client's address": "The address is not available to this client.",
  "nak unknown lease": "The lease is not known here.",
} as const;

function refuse(context: Context4, request: Request4, reason: keyof typeof nakTexts, address: number): void {
  const { server, pools } = request;
  if (!nakReply(context, request, pools[0]!, nakTexts[reason])) return;
  note(context, server.instance, reason, formatIpv4(address));
}
