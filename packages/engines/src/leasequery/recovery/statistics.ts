import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { type InstanceChoice, instanceMatches } from "../../instance-choice.ts";
import type { BaseTime } from "./messages.ts";
import { explainRecoveryReason } from "./reasons.ts";
import type { RecoveryState } from "./state.ts";
import { clearTally } from "./tally.ts";
import type { BulkConnectionStatistics } from "./views.ts";

/** Queries listed one by one; newest first. */
export const bulkQueriesListedMax = 100;

/** `show dhcp[v6] relay statistics bulk-leasequery-connections`, of the instances meant. */
export function bulkConnectionStatistics(
  state: RecoveryState,
  family: Family,
  selector: InstanceChoice,
  now: number,
): BulkConnectionStatistics {
  const chosen = [...state.counters.values()].filter(
    (counters) => counters.family === family && instanceMatches(counters.instance, selector),
  );
  const sum = (
    field:
      | "requested"
      | "attempted"
      | "connected"
      | "terminatedByServer"
      | "reachedMaxAttempts"
      | "closedDueToError"
      | "replyPacketRetries"
      | "replyMaxRetried",
  ): number => chosen.reduce((total, counters) => total + counters[field], 0);
  const means = (relay: { family: Family; instance: InstanceName }): boolean =>
    relay.family === family && instanceMatches(relay.instance, selector);
  let inFlight = 0;
  for (const { owner, stage } of state.links.values()) if (stage !== "connecting" && means(owner.relay)) inFlight += 1;
  return {
    sinceMs: Math.min(now, ...chosen.map(({ sinceMs }) => sinceMs)),
    requested: sum("requested"),
    attempted: sum("attempted"),
    connected: sum("connected"),
    terminatedByServer: sum("terminatedByServer"),
    reachedMaxAttempts: sum("reachedMaxAttempts"),
    closedDueToError: sum("closedDueToError"),
    inFlight,
    replyPacketRetries: sum("replyPacketRetries"),
    replyMaxRetried: sum("replyMaxRetried"),
    queries: [...state.runs.values()]
      .reverse()
      .map((run) => ({ run, servers: run.servers.filter(({ relay }) => means(relay)) }))
      .filter(({ servers }) => servers.length > 0)
      .slice(0, bulkQueriesListedMax)
      .map(({ run, servers }) => ({
        xid: `0x${(servers[0]?.xid ?? 0).toString(16).padStart(6, "0")}`,
        runId: run.request.id,
        servers: servers.map(({ address, state: at, attempts }) => ({ address, state: at, attempts })),
      })),
    drops: views(chosen.map(({ drops }) => drops)),
    notes: views(chosen.map(({ notes }) => notes)),
  };
}

/** Every counter of every relay, for /metrics. */
export function allRecoveryCounters(state: RecoveryState): readonly {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly group: "drops" | "notes" | "received" | "sent";
  readonly name: string;
  readonly value: number;
}[] {
  return [...state.counters.values()].flatMap((counters) =>
    (["drops", "notes", "received", "sent"] as const).flatMap((group) =>
      [...counters[group]].map(([name, value]) => ({
        family: counters.family,
        instance: counters.instance,
        group,
        name,
        value,
      })),
    ),
  );
}

/** Base-times that are stored, or may be. */
export function baseTimes(state: RecoveryState): BaseTime[] {
  const known: BaseTime[] = [];
  for (const { family, instance, server, durableSeconds } of state.ledgers.values())
    if (durableSeconds !== null) known.push({ family, instance, server, baseTimeSeconds: durableSeconds });
  return known;
}

/** Clears counters; runs and streams go on. With a server, only what was counted of its stream. */
export function clearCounters(
  state: RecoveryState,
  { family, server }: { readonly family: Family; readonly server?: string | undefined },
  now: number,
  means: (instance: InstanceName) => boolean,
): void {
  for (const stream of state.streams.values()) {
    if (stream.relay.family !== family || !means(stream.relay.instance)) continue;
    if (server !== undefined && stream.address !== server) continue;
    clearTally(stream.tally, now);
    stream.keepalives = 0;
    stream.dataMissing = 0;
    stream.catchUpComplete = 0;
    stream.reconnects = 0;
  }
  if (server !== undefined) return;
  for (const counters of state.counters.values()) {
    if (counters.family !== family || !means(counters.instance)) continue;
    counters.sinceMs = now;
    counters.requested = 0;
    counters.attempted = 0;
    counters.connected = 0;
    counters.terminatedByServer = 0;
    counters.reachedMaxAttempts = 0;
    counters.closedDueToError = 0;
    counters.replyPacketRetries = 0;
    counters.replyMaxRetried = 0;
    counters.drops.clear();
    counters.notes.clear();
    counters.received.clear();
    counters.sent.clear();
  }
}

function views(maps: readonly ReadonlyMap<string, number>[]): BulkConnectionStatistics["drops"] {
  const sums = new Map<string, number>();
  for (const map of maps) for (const [name, value] of map) sums.set(name, (sums.get(name) ?? 0) + value);
  return [...sums]
    .filter(([, value]) => value > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value, explanation: explainRecoveryReason(name) }));
}
