import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { instanceMatches } from "../../instance-choice.ts";
import { xidText } from "./context.ts";
import { isOpen, serverState } from "./finish.ts";
import { explainReason } from "./reasons.ts";
import type { RelayCounters, RequestorState, Run, RunServer } from "./state.ts";

export interface InstanceSelector {
  readonly logicalSystem?: string | undefined;
  readonly routingInstance?: string | undefined;
}

export interface CounterView {
  readonly name: string;
  readonly value: number;
  readonly explanation: string;
}

/** `show dhcp[v6] relay statistics` (Junos schema): drops by reason and messages by type, of the instances meant. */
export interface RelayStatisticsView {
  /** Of the counters that were cleared longest ago; `now` where nothing was counted. */
  readonly sinceMs: number;
  readonly dropsTotal: number;
  readonly drops: readonly CounterView[];
  readonly notes: readonly CounterView[];
  readonly received: readonly CounterView[];
  readonly sent: readonly CounterView[];
}

/** `show dhcp[v6] relay statistics leasequery` (Junos schema). */
export interface LeasequeryStatisticsView {
  readonly sinceMs: number;
  readonly inFlightQueries: number;
  readonly totalQueries: number;
  readonly totalAttempts: number;
  readonly replyPacketRetries: number;
  readonly repliesGivenUp: number;
  readonly queries: readonly {
    readonly xid: string;
    readonly runId: string;
    readonly state: string;
    readonly confirmedReplies: number;
    readonly unconfirmedReplies: number;
    readonly attempts: number;
    readonly servers: readonly {
      readonly serverAddress: string;
      readonly xid: string;
      readonly state: ReturnType<typeof serverState>;
      readonly attempts: number;
    }[];
  }[];
}

/** Queries listed one by one: those in flight, and of the finished ones as many as fit. Newest first. */
export const statisticsQueriesMax = 100;

export function relayStatistics(
  state: RequestorState,
  family: Family,
  selector: InstanceSelector,
  now: number,
): RelayStatisticsView {
  const chosen = select(state, family, selector);
  const drops = views(chosen.map((counters) => counters.drops));
  return {
    sinceMs: Math.min(now, ...chosen.map((counters) => counters.sinceMs)),
    dropsTotal: drops.reduce((sum, drop) => sum + drop.value, 0),
    drops,
    notes: views(chosen.map((counters) => counters.notes)),
    received: views(chosen.map((counters) => counters.received)),
    sent: views(chosen.map((counters) => counters.sent)),
  };
}

export function leasequeryStatistics(
  state: RequestorState,
  family: Family,
  selector: InstanceSelector,
  now: number,
): LeasequeryStatisticsView {
  const chosen = select(state, family, selector);
  const sum = (field: "totalQueries" | "totalAttempts" | "replyPacketRetries" | "repliesGivenUp") =>
    chosen.reduce((total, counters) => total + counters[field], 0);
  const runs = [...state.runs.values()]
    .reverse()
    .map((run) => ({ run, servers: run.servers.filter((server) => belongs(server, run, family, selector)) }))
    .filter(({ servers }) => servers.length > 0);
  let inFlightQueries = 0;
  for (const { servers } of runs) {
    const open = servers.filter((server) => server.queries.some(isOpen));
    inFlightQueries += new Set(open.map((server) => server.relay.instance)).size;
  }
  return {
    sinceMs: Math.min(now, ...chosen.map((counters) => counters.leasequerySinceMs)),
    inFlightQueries,
    totalQueries: sum("totalQueries"),
    totalAttempts: sum("totalAttempts"),
    replyPacketRetries: sum("replyPacketRetries"),
    repliesGivenUp: sum("repliesGivenUp"),
    queries: runs.slice(0, statisticsQueriesMax).map(({ run, servers }) => ({
      xid: firstXid(servers[0]),
      runId: run.id,
      state: run.state,
      confirmedReplies: servers.reduce((total, server) => total + server.confirmedReplies, 0),
      unconfirmedReplies: servers.reduce((total, server) => total + server.unconfirmedReplies, 0),
      attempts: servers.reduce((total, server) => total + attemptsOf(server), 0),
      servers: servers.map((server) => ({
        serverAddress: server.address,
        xid: firstXid(server),
        state: serverState(server),
        attempts: attemptsOf(server),
      })),
    })),
  };
}

/** Every counter of every relay, for /metrics. */
export function allCounters(state: RequestorState): readonly {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly group: "drops" | "notes" | "received" | "sent" | "leasequery";
  readonly name: string;
  readonly value: number;
}[] {
  return [...state.counters.values()].flatMap((counters) => {
    const { family, instance } = counters;
    const groups = (["drops", "notes", "received", "sent"] as const).flatMap((group) =>
      [...counters[group]].map(([name, value]) => ({ family, instance, group, name, value })),
    );
    const totals = (["totalQueries", "totalAttempts", "replyPacketRetries", "repliesGivenUp"] as const).map((name) => ({
      family,
      instance,
      group: "leasequery" as const,
      name,
      value: counters[name],
    }));
    return [...groups, ...totals];
  });
}

/** Clears counters; queries in flight stay. */
export function clearCounters(counters: RelayCounters, what: "leasequery" | undefined, now: number): void {
  counters.totalQueries = 0;
  counters.totalAttempts = 0;
  counters.replyPacketRetries = 0;
  counters.repliesGivenUp = 0;
  counters.leasequerySinceMs = now;
  if (what === "leasequery") return;
  counters.sinceMs = now;
  counters.drops.clear();
  counters.notes.clear();
  counters.received.clear();
  counters.sent.clear();
}

function select(state: RequestorState, family: Family, selector: InstanceSelector): RelayCounters[] {
  return [...state.counters.values()].filter(
    (counters) => counters.family === family && instanceMatches(counters.instance, selector),
  );
}

function belongs(server: RunServer, run: Run, family: Family, selector: InstanceSelector): boolean {
  return run.family === family && instanceMatches(server.relay.instance, selector);
}

export function firstXid(server: RunServer | undefined): string {
  const first = server?.queries[0];
  return first === undefined ? "" : xidText(first.xid);
}

export function attemptsOf(server: RunServer): number {
  return server.queries.reduce((total, query) => total + query.attempts, 0);
}

function views(maps: readonly ReadonlyMap<string, number>[]): CounterView[] {
  const sums = new Map<string, number>();
  for (const map of maps) for (const [name, value] of map) sums.set(name, (sums.get(name) ?? 0) + value);
  return [...sums]
    .filter(([, value]) => value > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value, explanation: explainReason(name) }));
}
