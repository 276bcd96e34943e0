import {
  clearCounters,
  type ServerSelector,
  type ServerStatisticsView,
  viewCounters,
} from "../server-common/counters.ts";
import type { PoolStatistics } from "../server-common/messages.ts";
import { followTable } from "./follow-table.ts";
import { isHeld } from "./leases.ts";
import { type Pool6, rangeAt, readAddress, statisticsOf6 } from "./pools.ts";
import { explainReason6 } from "./reasons.ts";
import type { Server6, Server6State } from "./state.ts";
import { newWords } from "./words.ts";

/** Utilisation of every pool, in order of configuration. Reserved and imported leases outside of the ranges are not in it. */
export function poolStatistics6(state: Server6State): readonly PoolStatistics[] {
  followTable(state, state.limits.tableChangesPerStepMax);
  return [...state.servers.values()].flatMap((server) =>
    server.pools.map((pool) => statisticsOf6(pool, reservedIn(state, server, pool))),
  );
}

const words = newWords();

/** Leases of the pool's ranges that are reserved, and neither leased, declined nor offered. */
function reservedIn(state: Server6State, server: Server6, pool: Pool6): number {
  const { table } = state;
  let reserved = 0;
  for (const hosts of server.reservations.values()) {
    const { leases } = hosts[0]!;
    for (const { address, length } of leases) {
      const at = readAddress(address, words);
      const range = rangeAt(length === 128 ? server.addressRanges : server.prefixRanges, at);
      if (range?.pool !== pool || range.unit !== length || pool.excludes(at, length)) continue;
      if (range.offers.has(range.slotOf(at))) continue;
      const row = table.byPrefix(server.instance, address, length);
      // A lease that ran out and is not EXPIRED in the table yet counts as active still.
      if (row <= 0 || !isHeld(table, row, 0)) reserved += 1;
    }
  }
  return reserved;
}

/** `show dhcpv6 server statistics`. */
export function serverStatistics6(state: Server6State, selector: ServerSelector, now: number): ServerStatisticsView {
  return viewCounters(state.counters.values(), selector, now, explainReason6);
}

export function clearServerStatistics6(state: Server6State, selector: ServerSelector, now: number): void {
  clearCounters(state.counters.values(), selector, now);
}
