import type { BindingInput } from "@leasewire/bindings";
import { equalBytes } from "@leasewire/net";
import { isHeld } from "./leases.ts";
import { type Range6, rangeAt } from "./pools.ts";
import type { IaKind } from "./request.ts";
import type { Offer6, Server6, Server6State } from "./state.ts";
import { wordsOf } from "./words.ts";

/** What is kept for an IA. */
export function offerOf(server: Server6, duidKey: string, ia: { kind: IaKind; iaid: number }): Offer6 | undefined {
  if (server.offersByClient.size === 0) return undefined;
  const offers = server.offersByClient.get(duidKey);
  if (offers === undefined) return undefined;
  for (const one of offers) if (one.iaid === ia.iaid && one.kind === ia.kind) return one;
  return undefined;
}

/** Keeps an address or prefix for an IA, in place of what was kept for it before; what it has already gets its time anew. */
export function offer(
  state: Server6State,
  server: Server6,
  duidKey: string,
  { kind, iaid }: { kind: IaKind; iaid: number },
  lease: { address: Uint8Array; length: number; range: Range6 | undefined; slot: number },
  now: number,
): void {
  const expiresAtMs = now + state.limits.offerLifetimeMs;
  const { length, range, slot } = lease;
  const earlier = offerOf(server, duidKey, { kind, iaid });
  if (earlier !== undefined) {
    if (earlier.length === length && equalBytes(earlier.address, lease.address)) {
      state.offers.remove(earlier);
      earlier.expiresAtMs = expiresAtMs;
      state.offers.push(earlier);
      return;
    }
    dropOffer(state, earlier);
  }
  // What the client asked for is a view of its message.
  const address = lease.address.slice();
  const made: Offer6 = {
    server,
    duidKey,
    kind,
    iaid,
    address,
    length,
    range,
    slot,
    expiresAtMs,
    earlier: undefined,
    later: undefined,
  };
  const others = server.offersByClient.get(duidKey);
  if (others === undefined) server.offersByClient.set(duidKey, [made]);
  else {
    others.push(made);
    if (others.length > state.limits.leasesPerClientMax) dropOffer(state, others[0]!);
  }
  state.offers.push(made);
  if (range === undefined) return;
  range.offers.set(slot, made);
  range.taken?.add(slot);
}

/** Takes an offer back; its slot is free unless something else holds it. */
export function dropOffer(state: Server6State, made: Offer6): void {
  takeUp(state, made);
  if (made.range !== undefined) freeSlot(state, made.server, made.range, made.slot, made.address);
}

/** An offer becomes a lease: what it kept stays taken, now by the row that is about to be stored. */
export function takeUp(state: Server6State, made: Offer6): void {
  const { server, range, slot } = made;
  state.offers.remove(made);
  const offers = server.offersByClient.get(made.duidKey)!;
  if (offers.length === 1) server.offersByClient.delete(made.duidKey);
  else offers.splice(offers.indexOf(made), 1);
  if (range?.offers.get(slot) === made) range.offers.delete(slot);
}

/**
 * Frees a slot for which nothing speaks any more: no row of the table, no offer, no reservation. A lease that has run out holds it
 * until it is EXPIRED in the table.
 */
export function freeSlot(state: Server6State, server: Server6, range: Range6, slot: number, address: Uint8Array): void {
  const { taken, blocked } = range;
  if (taken === undefined || blocked!.has(slot) || range.offers.has(slot) || range.fragments.has(slot)) return;
  const row = state.table.byPrefix(server.instance, address, range.unit);
  if (row > 0 && isHeld(state.table, row, 0)) return;
  taken.remove(slot);
}

/** Frees what a change of ours took, if the table does not hold it after all. */
export function freeUnstored(state: Server6State, { instance, address, prefixLength }: BindingInput): void {
  const server = state.servers.get(instance);
  if (server === undefined || address.length !== 16) return;
  const words = wordsOf(address);
  const range = rangeAt(prefixLength === 128 ? server.addressRanges : server.prefixRanges, words);
  if (range?.unit === prefixLength) freeSlot(state, server, range, range.slotOf(words), address);
}
