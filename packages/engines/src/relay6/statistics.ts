import { BindingState } from "@leasewire/bindings";
import { MessageType6 } from "@leasewire/wire";
import { instanceMatches } from "../instance-choice.ts";
import {
  clearRelayCounters,
  type RelayAgentStatisticsView,
  type RelayBindingStates,
  viewRelayCounters,
} from "../relay-common/statistics.ts";
import type { ServerSelector } from "../server-common/counters.ts";
import { leasesNamed } from "./learn.ts";
import { explainRelayReason6 } from "./reasons.ts";
import type { Exchange6, Relay6State } from "./state.ts";

/** `show dhcpv6 relay statistics`. */
export function relayStatistics6(state: Relay6State, selector: ServerSelector, now: number): RelayAgentStatisticsView {
  return viewRelayCounters(state.counters.values(), selector, now, explainRelayReason6);
}

/** `clear dhcpv6 relay statistics`. */
export function clearRelayStatistics6(state: Relay6State, selector: ServerSelector, now: number): void {
  clearRelayCounters(state.counters.values(), selector, now);
}

/**
 * `show dhcpv6 relay binding summary`: bindings by where their client is. A client that has none yet counts once: INIT while no server
 * has answered its SOLICIT, SELECTING when offers were passed on, REQUESTING after its choice. A binding that is being renewed,
 * rebound or released is counted there instead of under BOUND. In the seconds after a configuration, before all of the table was
 * looked at, BOUND is too low.
 */
export function relayBindingStates6(state: Relay6State, selector: ServerSelector): RelayBindingStates {
  const counts = { INIT: 0, SELECTING: 0, REQUESTING: 0, BOUND: 0, RENEWING: 0, REBINDING: 0, RELEASE: 0, restore: 0 };
  for (const place of state.places)
    if (place !== undefined && instanceMatches(place.instance, selector)) counts.BOUND += place.bound;
  const moved = new Set<number>();
  for (const relay of state.relays.values()) {
    if (!instanceMatches(relay.instance, selector)) continue;
    counts.restore += relay.restoring.size;
    for (const first of relay.exchangesOfClients.values()) {
      for (let one: Exchange6 | undefined = first; one !== undefined; one = one.next) {
        const phase = phaseOf(one);
        if (phase === undefined) continue;
        if (phase === "INIT" || phase === "SELECTING" || phase === "REQUESTING") counts[phase] += 1;
        else countMoved(state, one, phase, counts, moved);
      }
    }
  }
  counts.BOUND = Math.max(0, counts.BOUND);
  return counts;
}

type Phase = "INIT" | "SELECTING" | "REQUESTING" | "RENEWING" | "REBINDING" | "RELEASE";

function phaseOf({ messageType, advertised }: Exchange6): Phase | undefined {
  switch (messageType) {
    case MessageType6.SOLICIT:
      return advertised ? "SELECTING" : "INIT";
    case MessageType6.REQUEST:
      return "REQUESTING";
    case MessageType6.RENEW:
      return "RENEWING";
    case MessageType6.REBIND:
      return "REBINDING";
    case MessageType6.RELEASE:
      return "RELEASE";
    default:
      return undefined;
  }
}

/** Bindings named in the message. Those that are not known here, as after a restart, count as well. */
function countMoved(
  state: Relay6State,
  exchange: Exchange6,
  phase: "RENEWING" | "REBINDING" | "RELEASE",
  counts: Record<"BOUND" | "RENEWING" | "REBINDING" | "RELEASE", number>,
  moved: Set<number>,
): void {
  const { table, rowStandings, places } = state;
  for (const { address, length } of leasesNamed(state.limits, exchange)) {
    const row = table.byPrefix(exchange.relay.instance, address, length);
    if (row > 0 && moved.has(row)) continue;
    counts[phase] += 1;
    if (row <= 0) continue;
    moved.add(row);
    if (table.stateOf(row) === BindingState.ACTIVE && places[rowStandings.get(row)] !== undefined) counts.BOUND -= 1;
  }
}
