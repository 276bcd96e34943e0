import { BindingState } from "@leasewire/bindings";
import { formatIpv4 } from "@leasewire/net";
import { MessageType4 } from "@leasewire/wire";
import { rapidCommitAt } from "../server-common/interface-overrides.ts";
import { abandon, isFull } from "./binding.ts";
import { type Context4, drop, note } from "./context.ts";
import { grant } from "./grant.ts";
import { obstacleOf, placeOf } from "./leases.ts";
import { addOffer, removeOffer, renewOffer } from "./offers.ts";
import { type AddressRange, Mark } from "./pools.ts";
import { forgetProbe, startProbe } from "./probes.ts";
import { leaseReply, lifetimesFor } from "./reply.ts";
import type { Request4 } from "./request.ts";
import { selectAddress } from "./select-address.ts";
import type { Offer, Probe } from "./state.ts";

/** DHCPDISCOVER (RFC 2131 §4.3.1): offers an address, the same one as long as an offer stands. */
export function onDiscover(context: Context4, request: Request4): void {
  const { server, pools, key } = request;
  if (!context.state.granting) {
    drop(context, server.instance, "granting paused");
    return;
  }
  if (pools.length === 0) {
    drop(context, server.instance, "no pool", linkText(request));
    return;
  }
  const offer = server.offersByClient.get(key);
  if (offer !== undefined && pools.includes(offer.range.pool)) {
    offerAgain(context, request, offer);
    return;
  }
  // The client is on another link now.
  if (offer !== undefined) removeOffer(context.state, offer);
  offerNew(context, request, 1);
}

function offerAgain(context: Context4, request: Request4, offer: Offer): void {
  const probe = context.state.probes.get(offer.probe);
  if (probe !== undefined) {
    probe.message = request.message.bytes.slice();
    probe.arrival = request.arrival;
    drop(context, request.server.instance, "probe pending");
    return;
  }
  if (isTaken(context, request, offer)) {
    removeOffer(context.state, offer);
    offerNew(context, request, 1);
    return;
  }
  renewOffer(context, offer);
  answer(context, request, offer);
}

/** Whether somebody was leased the offered address otherwise, by an import for example. */
function isTaken({ state }: Context4, request: Request4, { address }: Offer): boolean {
  const place = placeOf(state, request, address);
  return place === undefined || obstacleOf(request, place) !== "none";
}

/** `tried`: how many addresses have been chosen for this DISCOVER, this one included. */
function offerNew(context: Context4, request: Request4, tried: number): void {
  const { state } = context;
  const { server } = request;
  const choice = selectAddress(context, request);
  if (choice === undefined) return;
  if (choice.isOwnLease) {
    // It is the client's already: there is nothing to keep for it.
    answer(context, request, choice);
    return;
  }
  if (isFull(request)) {
    drop(context, server.instance, "client limit", request.arrival.interfaceName);
    return;
  }
  if (state.offers.size >= state.limits.offersPendingMax) {
    drop(context, server.instance, "too many offers");
    return;
  }
  const offer = addOffer(context, request, choice.range, choice.slot);
  // Who held it last would answer the probe itself.
  if (server.configuration.addressProbe === undefined || choice.own) {
    answer(context, request, offer);
  } else if (state.probes.size >= state.limits.probesPendingMax) {
    note(context, server.instance, "probe skipped", formatIpv4(offer.address));
    answer(context, request, offer);
  } else {
    startProbe(context, request, offer, tried, server.configuration.addressProbe.timeoutMs);
  }
}

/** The address is not in use: the client gets the offer it waits for. */
export function onProbeFree(context: Context4, probe: Probe, request: Request4): void {
  forgetProbe(context.state, probe);
  if (!context.state.granting) {
    removeOffer(context.state, probe.offer);
    drop(context, request.server.instance, "granting paused");
    return;
  }
  if (isTaken(context, request, probe.offer)) {
    removeOffer(context.state, probe.offer);
    offerNew(context, request, probe.tried);
    return;
  }
  // The client has the whole time from when it is told.
  renewOffer(context, probe.offer);
  answer(context, request, probe.offer);
}

/** Somebody uses the address without a lease: it is left alone, and the client gets another one. */
export function onProbeInUse(context: Context4, probe: Probe, request: Request4): void {
  const { state } = context;
  const { offer } = probe;
  const { instance } = request.server;
  const place = placeOf(state, request, offer.address);
  removeOffer(state, offer);
  note(context, instance, "address in use", formatIpv4(offer.address));
  // Leased in the meantime, by an import for example: then it is in use as it should be.
  if (place !== undefined && place.rowState !== BindingState.ACTIVE) {
    abandon(context, request, place, "found in use");
    place.range.mark(place.slot, Mark.abandoned);
  }
  if (!state.granting) {
    drop(context, instance, "granting paused");
  } else if (probe.tried >= state.limits.probesPerDiscoverMax) {
    drop(context, instance, "every address tried is in use");
  } else {
    offerNew(context, request, probe.tried + 1);
  }
}

/** DHCPOFFER or, for a client that asks for it, the lease at once (RFC 4039 §3.1). */
function answer(
  context: Context4,
  request: Request4,
  { range, address }: { range: AddressRange; address: number },
): void {
  const { state } = context;
  if (request.rapidCommit && rapidCommitAt(request.server.configuration, request.arrival.interfaceName)) {
    const place = placeOf(state, request, address);
    if (place !== undefined) grant(context, request, place);
    return;
  }
  const lifetimes = lifetimesFor(state, range.pool, request.leaseSeconds);
  leaseReply(context, request, MessageType4.DHCPOFFER, range.pool, address, lifetimes);
}

export function linkText({ giaddr, arrival }: Request4): string {
  return giaddr !== 0 ? `giaddr ${formatIpv4(giaddr)}` : (arrival.interfaceName ?? arrival.sourceAddress);
}
