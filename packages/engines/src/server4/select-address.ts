import { formatIpv4 } from "@leasewire/net";
import { type Context4, drop, note } from "./context.ts";
import { markRow } from "./follow-table.ts";
import { hostOf, leasesOf, obstacleOf, type Place, placeOf } from "./leases.ts";
import type { Request4 } from "./request.ts";

/**
 * Chooses the address for a client that holds no offer: what is reserved for it, else its lease, else what it had last,
 * else what it asks for, else the next free one, else the one that rested longest after it was found in use
 * (RFC 2131 §4.3.1). Counts a drop and gives undefined if there is none.
 */
export function selectAddress(context: Context4, request: Request4): Place | undefined {
  const { state } = context;
  const { server, pools, requested } = request;
  const leases = leasesOf(state, request);

  const host = hostOf(request);
  if (host !== undefined) {
    const reserved = wanted(context, request, host.address);
    if (reserved !== undefined) return reserved;
    note(context, server.instance, "reserved address in use", formatIpv4(host.address));
  }
  const own =
    existing(context, request, leases.active) ??
    existing(context, request, leases.last) ??
    (requested === undefined ? undefined : wanted(context, request, requested));
  if (own !== undefined) return own;

  let triesLeft = state.limits.tableChangesPerStepMax;
  for (const pool of pools) {
    for (const range of pool.ranges) {
      for (let slot = range.nextFree(); slot >= 0; slot = range.nextFree()) {
        const place = placeOf(state, request, range.low + slot)!;
        if (obstacleOf(request, place) === "none") return place;
        // The table changed and the marks do not show it yet.
        markRow(state, server, range, slot, place.row);
        triesLeft -= 1;
        if (triesLeft > 0) continue;
        drop(context, server.instance, "catching up");
        return undefined;
      }
    }
  }
  const rested = restedLongest(context, request);
  if (rested !== undefined) {
    note(context, server.instance, "abandoned address used again", formatIpv4(rested.address));
    return rested;
  }
  drop(context, server.instance, "pool exhausted", pools.map(({ configuration }) => configuration.name).join(", "));
  return undefined;
}

/** The address of a row of the client, if it can have it still. */
function existing(context: Context4, request: Request4, row: number): Place | undefined {
  return row < 0 ? undefined : wanted(context, request, context.state.table.addressWordOf(row, 0));
}

/** That address, if it is in the pools of the link and the client can have it. */
function wanted({ state }: Context4, request: Request4, address: number): Place | undefined {
  const place = placeOf(state, request, address);
  if (place === undefined || !request.pools.includes(place.range.pool)) return undefined;
  return obstacleOf(request, place) === "none" ? place : undefined;
}

function restedLongest({ state }: Context4, request: Request4): Place | undefined {
  let triesLeft = state.limits.duePerStepMax;
  for (const { abandoned } of request.pools) {
    for (let rested = abandoned.first; rested !== undefined && triesLeft > 0; rested = rested.later) {
      triesLeft -= 1;
      const place = placeOf(state, request, rested.range.low + rested.slot)!;
      // On offer again already, excluded or reserved since: the next one.
      if (obstacleOf(request, place) === "abandoned") return place;
    }
  }
  return undefined;
}
