import {
  clearCounters,
  type ServerSelector,
  type ServerStatisticsView,
  viewCounters,
} from "../server-common/counters.ts";
import type { PoolStatistics } from "../server-common/messages.ts";
import { followTable } from "./follow-table.ts";
import { statisticsOf } from "./pools.ts";
import { explainReason4 } from "./reasons.ts";
import type { Server4State } from "./state.ts";

/** Utilisation of every pool, instance by instance, in the order of the configuration. */
export function poolStatistics4(state: Server4State): PoolStatistics[] {
  // What the last step granted is in the table already, and else would be counted with the next packet only.
  followTable(state);
  return [...state.servers.values()].flatMap(({ pools }) => pools.map(statisticsOf));
}

/** `show dhcp server statistics`: messages by type, drops and notes by reason, of the instances meant. */
export function serverStatistics4(state: Server4State, selector: ServerSelector, now: number): ServerStatisticsView {
  return viewCounters(state.counters.values(), selector, now, explainReason4);
}

/** `clear dhcp server statistics`. */
export function clearServerStatistics4(state: Server4State, selector: ServerSelector, now: number): void {
  clearCounters(state.counters.values(), selector, now);
}
