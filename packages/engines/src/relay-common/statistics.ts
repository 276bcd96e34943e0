import type { InstanceName } from "@leasewire/net";
import { instanceMatches } from "../instance-choice.ts";
import {
  clearCounters,
  newCounters,
  type ServerCounters,
  type ServerCounterView,
  type ServerSelector,
  type ServerStatisticsView,
  viewCounters,
} from "../server-common/counters.ts";

/** What one relay agent (instance) counted since `sinceMs`. */
export interface RelayCounters extends ServerCounters {
  /** Messages passed on, by the direction they went: towards servers and towards clients. */
  forwarded: { towardsServers: number; towardsClients: number };
}

/**
 * `show dhcp[v6] relay statistics`. `received` are messages by type from either side, `sent` are those that left, once
 * for each server they went to.
 */
export interface RelayAgentStatisticsView extends ServerStatisticsView {
  /** Messages passed on, each once, however many servers it went to. */
  readonly forwarded: readonly ServerCounterView[];
}

/** Clients by where they are in their exchange with the server (RFC 2131 figure 5), as the relay agent sees it. */
export interface RelayBindingStates {
  readonly INIT: number;
  readonly SELECTING: number;
  readonly REQUESTING: number;
  readonly BOUND: number;
  readonly RENEWING: number;
  readonly REBINDING: number;
  readonly RELEASE: number;
  /** Waiting to be restored. */
  readonly restore: number;
}

export function newRelayCounters(instance: InstanceName, now: number): RelayCounters {
  return { ...newCounters(instance, now), forwarded: { towardsServers: 0, towardsClients: 0 } };
}

export function viewRelayCounters(
  all: Iterable<RelayCounters>,
  selector: ServerSelector,
  now: number,
  explain: (name: string) => string,
): RelayAgentStatisticsView {
  const chosen = [...all].filter(({ instance }) => instanceMatches(instance, selector));
  const sum = (direction: keyof RelayCounters["forwarded"]) =>
    chosen.reduce((total, { forwarded }) => total + forwarded[direction], 0);
  return {
    ...viewCounters(chosen, selector, now, explain),
    forwarded: [
      {
        name: "towards servers",
        value: sum("towardsServers"),
        explanation: "Messages of clients and of other relay agents passed on to servers, each counted once.",
      },
      {
        name: "towards clients",
        value: sum("towardsClients"),
        explanation: "Messages of servers passed on to clients or to other relay agents.",
      },
    ],
  };
}

export function clearRelayCounters(all: Iterable<RelayCounters>, selector: ServerSelector, now: number): void {
  const chosen = [...all].filter(({ instance }) => instanceMatches(instance, selector));
  clearCounters(chosen, selector, now);
  for (const counters of chosen) counters.forwarded = { towardsServers: 0, towardsClients: 0 };
}
