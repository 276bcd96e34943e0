import type { InstanceName } from "@leasewire/net";
import { instanceMatches } from "../instance-choice.ts";

/** What one server (instance) counted since `sinceMs`. */
export interface ServerCounters {
  readonly instance: InstanceName;
  sinceMs: number;
  /** By name of the message type. */
  readonly received: Map<string, number>;
  readonly sent: Map<string, number>;
  /** By name of the reason. Names come from closed lists, so that nothing here grows with what arrives. */
  readonly drops: Map<string, number>;
  readonly notes: Map<string, number>;
}

export interface ServerCounterView {
  readonly name: string;
  readonly value: number;
  readonly explanation: string;
}

/** `show dhcp[v6] server statistics`. */
export interface ServerStatisticsView {
  /** Of the counters that were cleared longest ago; `now` where nothing was counted. */
  readonly sinceMs: number;
  readonly received: readonly ServerCounterView[];
  readonly sent: readonly ServerCounterView[];
  readonly dropsTotal: number;
  readonly drops: readonly ServerCounterView[];
  readonly notes: readonly ServerCounterView[];
}

export interface ServerSelector {
  readonly logicalSystem?: string | undefined;
  readonly routingInstance?: string | undefined;
}

export function newCounters(instance: InstanceName, now: number): ServerCounters {
  return { instance, sinceMs: now, received: new Map(), sent: new Map(), drops: new Map(), notes: new Map() };
}

export function increase(counters: Map<string, number>, name: string, by = 1): void {
  counters.set(name, (counters.get(name) ?? 0) + by);
}

export function viewCounters(
  all: Iterable<ServerCounters>,
  selector: ServerSelector,
  now: number,
  explain: (name: string) => string,
): ServerStatisticsView {
  const chosen = [...all].filter(({ instance }) => instanceMatches(instance, selector));
  const drops = views(
    chosen.map((counters) => counters.drops),
    explain,
  );
  return {
    sinceMs: chosen.reduce((since, counters) => Math.min(since, counters.sinceMs), now),
    received: views(
      chosen.map((counters) => counters.received),
      explain,
    ),
    sent: views(
      chosen.map((counters) => counters.sent),
      explain,
    ),
    dropsTotal: drops.reduce((sum, drop) => sum + drop.value, 0),
    drops,
    notes: views(
      chosen.map((counters) => counters.notes),
      explain,
    ),
  };
}

export function clearCounters(all: Iterable<ServerCounters>, selector: ServerSelector, now: number): void {
  for (const counters of all) {
    if (!instanceMatches(counters.instance, selector)) continue;
    counters.sinceMs = now;
    counters.received.clear();
    counters.sent.clear();
    counters.drops.clear();
    counters.notes.clear();
  }
}

function views(
  maps: readonly ReadonlyMap<string, number>[],
  explain: (name: string) => string,
): readonly ServerCounterView[] {
  const sums = new Map<string, number>();
  for (const map of maps) for (const [name, value] of map) sums.set(name, (sums.get(name) ?? 0) + value);
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value, explanation: explain(name) }));
}
