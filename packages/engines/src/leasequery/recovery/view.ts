import { formatHex, formatIpv6 } from "@leasewire/net";
import { explainRecoveryReason } from "./reasons.ts";
import type { Group, Ledger, RecoveryState, Run, RunServer, Stream } from "./state.ts";
import { rateOf, type Tally } from "./tally.ts";
import type { BulkGroup, BulkRun, BulkServer, StreamView } from "./views.ts";

/** A run as plain data. `now` is for rates and forecasts. */
export function viewBulkRun(run: Run, now: number): BulkRun {
  const { request } = run;
  const sum = (field: "received" | "applied" | "unchanged" | "older"): number =>
    run.servers.reduce((total, { tally }) => total + tally[field], 0);
  return {
    id: request.id,
    family: request.family,
    keyKind: request.key.kind,
    key: run.keyText,
    linkAddress: request.linkAddress === undefined ? null : formatIpv6(request.linkAddress),
    queryStartTimeSeconds: request.queryStartTimeSeconds ?? null,
    queryEndTimeSeconds: request.queryEndTimeSeconds ?? null,
    incremental: request.incremental === true,
    command: request.command,
    startedBy: request.startedBy,
    cause: request.cause,
    startedAtMs: run.startedAtMs,
    finishedAtMs: run.finishedAtMs,
    state: run.state,
    outcome: run.outcome,
    expected: run.expected,
    received: sum("received"),
    applied: sum("applied"),
    unchanged: sum("unchanged"),
    older: sum("older"),
    refused: run.servers.reduce((total, { tally }) => total + refusedOf(tally), 0),
    servers: run.servers.map((server) => viewServer(server, now)),
    groups: viewGroups(run),
    groupsLeftOut: run.groupsLeftOut,
    lastSequence: run.lastSequence,
  };
}

function viewServer(server: RunServer, now: number): BulkServer {
  const { tally, expected } = server;
  const rate = server.state === "receiving" ? rateOf(tally, now) : 0;
  const left = expected === null ? null : expected - (server.link?.leases ?? tally.received);
  return {
    instance: server.relay.instance,
    address: server.address,
    port: server.server.port,
    group: server.server.group,
    state: server.state,
    explanation: server.explanation,
    attempts: server.attempts,
    attemptsMax: server.attemptsMax,
    nextAttemptAtMs: server.nextAttemptAtMs,
    startedAtMs: server.startedAtMs,
    finishedAtMs: server.finishedAtMs,
    received: tally.received,
    applied: tally.applied,
    unchanged: tally.unchanged,
    older: tally.older,
    notKept: tally.notKept,
    refused: reasons(tally),
    waiting: tally.waiting,
    ratePerSecond: rate,
    etaMs: left === null || rate === 0 ? null : Math.round(now + (Math.max(0, left) * 1000) / rate),
    expected,
    lastStatus: server.lastStatus,
    baseTimeSeconds: server.link?.firstBaseTimeSeconds ?? server.baseTimeSeconds,
    startTimeSeconds: server.startTimeSeconds,
    clockOffsetSeconds: server.clockOffsetSeconds,
  };
}

/** Groups that only differ in how the interface was written are one to whoever looks. */
function viewGroups(run: Run): BulkGroup[] {
  const isKnown = run.state === "complete" && run.isWhole && run.walk === null;
  const merged = new Map<string, Group>();
  for (const group of [...run.groups.values(), ...(run.groupsLeftOut > 0 ? [run.leftOut] : [])]) {
    const key = `${group.relayId === null ? "" : formatHex(group.relayId)}|${group.interfaceName ?? ""}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...group });
    else for (const field of ["expected", "expectedTold", "recovered", "stale"] as const) known[field] += group[field];
  }
  return [...merged.values()].map((group) => ({
    relayId: group.relayId === null ? null : formatHex(group.relayId),
    interfaceName: group.interfaceName,
    expected: group.expected,
    recovered: group.recovered,
    missing: isKnown ? 0 : Math.max(0, group.expected - group.expectedTold),
    stale: isKnown ? group.stale : null,
  }));
}

/** A stream as plain data. */
export function viewStream(state: RecoveryState, stream: Stream, now: number): StreamView {
  const { tally } = stream;
  const ledger: Ledger | undefined = state.ledgers.get(stream.key);
  const offset = stream.clockOffsetSeconds;
  const base = stream.lastBaseTimeSeconds;
  return {
    key: stream.key,
    family: stream.relay.family,
    instance: stream.relay.instance,
    server: stream.address,
    port: stream.server.port,
    phase: stream.phase,
    explanation: stream.explanation,
    secure: stream.link?.secure === true,
    phaseSinceMs: stream.phaseSinceMs,
    connectedAtMs: stream.connectedAtMs,
    reconnectAtMs: stream.reconnectAtMs ?? (stream.phase === "Fallback" ? stream.fallbackRetryAtMs : null),
    reconnects: stream.reconnects,
    received: tally.received,
    applied: tally.applied,
    unchanged: tally.unchanged,
    older: tally.older,
    notKept: tally.notKept,
    refused: reasons(tally),
    ratePerSecond: rateOf(tally, now),
    keepalives: stream.keepalives,
    lastReceivedAtMs: stream.lastReceivedAtMs,
    lastKeepaliveAtMs: stream.lastKeepaliveAtMs,
    lagSeconds:
      stream.phase !== "Active" || base === null ? null : Math.max(0, Math.floor(now / 1000) - base - (offset ?? 0)),
    clockOffsetSeconds: offset,
    baseTimeSeconds: stream.baseTimeSeconds,
    durableBaseTimeSeconds: ledger?.durableSeconds ?? null,
    catchUpFromSeconds: stream.catchUpFromSeconds,
    dataMissing: stream.dataMissing,
    catchUpComplete: stream.catchUpComplete,
    lastStatus: stream.lastStatus,
    gaps: stream.gaps.map((gap) => ({ ...gap })),
    events: stream.events.map((event) => ({ ...event })),
  };
}

function refusedOf({ refused }: Tally): number {
  let total = 0;
  for (const count of refused.values()) total += count;
  return total;
}

function reasons({ refused }: Tally): BulkServer["refused"] {
  return [...refused].map(([reason, count]) => ({ reason, count, explanation: explainRecoveryReason(reason) }));
}
