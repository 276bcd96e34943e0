import { type Context4, note } from "./context.ts";
import { type AddressRange, Mark } from "./pools.ts";
import type { Request4 } from "./request.ts";
import type { Offer, Server4State } from "./state.ts";

/** Keeps an address for the client; the caller has checked that nobody has it and that there is room for the offer. */
export function addOffer(context: Context4, { server, key }: Request4, range: AddressRange, slot: number): Offer {
  const { state, now } = context;
  const offer: Offer = {
    server,
    key,
    range,
    slot,
    address: range.low + slot,
    expiresAtMs: now + state.limits.offerLifetimeMs,
    probe: -1,
    earlier: undefined,
    later: undefined,
  };
  server.offersByClient.set(key, offer);
  server.offersByAddress.set(offer.address, offer);
  state.offers.push(offer);
  range.mark(slot, Mark.offered);
  return offer;
}

/** The client was told of it again: it is kept for the whole time from now. */
export function renewOffer({ state, now }: Context4, offer: Offer): void {
  state.offers.remove(offer);
  offer.expiresAtMs = now + state.limits.offerLifetimeMs;
  state.offers.push(offer);
}

export function removeOffer(state: Server4State, offer: Offer): void {
  const { server, range, slot } = offer;
  if (server.offersByClient.get(offer.key) !== offer) return;
  server.offersByClient.delete(offer.key);
  server.offersByAddress.delete(offer.address);
  state.offers.remove(offer);
  range.unmark(slot, Mark.offered);
  if (offer.probe >= 0) state.probes.delete(offer.probe);
}

/** Takes back what was not taken up in time, a bounded number in a call. */
export function expireOffers(context: Context4): void {
  const { state, now } = context;
  for (let left = state.limits.duePerStepMax; left > 0; left -= 1) {
    const offer = state.offers.first;
    if (offer === undefined || offer.expiresAtMs > now) return;
    removeOffer(state, offer);
    note(context, offer.server.instance, "offer expired");
  }
}
