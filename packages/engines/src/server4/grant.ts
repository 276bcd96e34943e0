import { MessageType4 } from "@leasewire/wire";
import { endBinding, isFull, leaseBinding } from "./binding.ts";
import { type Context4, drop, note } from "./context.ts";
import { leasesOf, type Place } from "./leases.ts";
import { removeOffer } from "./offers.ts";
import { leaseReply, lifetimesFor } from "./reply.ts";
import type { Request4 } from "./request.ts";

/** Leases the address to the client, which may have it, and answers DHCPACK once that is stored. */
export function grant(context: Context4, request: Request4, place: Place): void {
  const { state, out } = context;
  const { server, key } = request;
  if (!state.granting) {
    drop(context, server.instance, "granting paused");
    return;
  }
  const renewed = place.isOwnLease;
  if (!renewed && isFull(request)) {
    drop(context, server.instance, "client limit", request.arrival.interfaceName);
    return;
  }
  const { pool } = place.range;
  const lifetimes = lifetimesFor(state, pool, request.leaseSeconds);
  if (!leaseReply(context, request, MessageType4.DHCPACK, pool, place.address, lifetimes)) return;
  out.changes.push({
    binding: leaseBinding(context, request, place, lifetimes.leaseSeconds),
    cause: renewed ? "renewed" : "leased",
  });
  const offer = server.offersByClient.get(key);
  if (offer !== undefined) removeOffer(state, offer);
  if (renewed) return;
  // One client, one address on a link: what it had before is free again.
  const { active, others } = leasesOf(state, request);
  for (const row of active < 0 ? others : [active, ...others]) {
    if (state.table.addressWordOf(row, 0) === place.address) continue;
    endBinding(context, row, "client moved");
    note(context, server.instance, "lease moved");
  }
}
