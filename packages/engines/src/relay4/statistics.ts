import { BindingState } from "@leasewire/bindings";
import { instanceMatches } from "../instance-choice.ts";
import {
  clearRelayCounters,
  type RelayAgentStatisticsView,
  type RelayBindingStates,
  viewRelayCounters,
} from "../relay-common/statistics.ts";
import type { ServerSelector } from "../server-common/counters.ts";
import { explainRelayReason4 } from "./reasons.ts";
import { ExchangeState, type Relay4State } from "./state.ts";

/** `show dhcp relay statistics`: messages by type, drops and notes by reason, of the instances meant. */
export function relayStatistics4(state: Relay4State, selector: ServerSelector, now: number): RelayAgentStatisticsView {
  return viewRelayCounters(state.counters.values(), selector, now, explainRelayReason4);
}

/** `clear dhcp relay statistics`. */
export function clearRelayStatistics4(state: Relay4State, selector: ServerSelector, now: number): void {
  clearRelayCounters(state.counters.values(), selector, now);
}

/**
 * `show dhcp relay binding summary`: clients by state. A client that renews is counted there and not under BOUND;
 * RELEASE is 0, since a DHCPRELEASE has no answer to wait for.
 */
export function relayBindingStates4(state: Relay4State, selector: ServerSelector): RelayBindingStates {
  const sums = new Int32Array(6);
  let active = 0;
  let restore = 0;
  for (const { instance, exchangesByState, restoring } of state.relays.values()) {
    if (!instanceMatches(instance, selector)) continue;
    for (const [at, value] of exchangesByState.entries()) sums[at]! += value;
    active += state.table.counts(instance)[BindingState.ACTIVE] ?? 0;
    restore += restoring.size;
  }
  const renewing = sums[ExchangeState.RENEWING]!;
  const rebinding = sums[ExchangeState.REBINDING]!;
  return {
    INIT: sums[ExchangeState.INIT]!,
    SELECTING: sums[ExchangeState.SELECTING]!,
    REQUESTING: sums[ExchangeState.REQUESTING]!,
    BOUND: Math.max(0, active - renewing - rebinding),
    RENEWING: renewing,
    REBINDING: rebinding,
    RELEASE: 0,
    restore,
  };
}
