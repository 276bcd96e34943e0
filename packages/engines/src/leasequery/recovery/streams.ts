import { type Context, countNote } from "./context.ts";
import { forgetBaseTimes, ledgerOf, noteBaseTime } from "./ledger.ts";
import { askActive, askBulk, askForTls, closeLink, isSecure, openLink } from "./links.ts";
import { noteEvent, ownRun } from "./runs.ts";
import type { Gap, Link, Relay, Stream } from "./state.ts";
import { newTally } from "./tally.ts";
import type { StreamPhase } from "./views.ts";

/** Makes the streams of a relay what its configuration says: one for each of its servers. */
export function keepStreams(context: Context, relay: Relay): void {
  const { state, now } = context;
  const { configured, family, instance } = relay;
  if (!state.restored || configured.active === undefined) return;
  for (const server of configured.servers) {
    const key = `${family}|${instance}|${server.address}`;
    const known = state.streams.get(key);
    if (known !== undefined) {
      Object.assign(known, { relay, server });
      continue;
    }
    const ledger = ledgerOf(context, { relay, address: server.address });
    const stream: Stream = {
      kind: "stream",
      key,
      relay,
      address: server.address,
      server,
      tally: newTally(now),
      origin: "active",
      cause: "active leasequery",
      run: null,
      clockOffsetSeconds: null,
      phase: "Idle",
      phaseSinceMs: now,
      explanation: "",
      link: null,
      connectedAtMs: null,
      reconnectAtMs: null,
      reconnects: 0,
      failures: 0,
      refusals: 0,
      hasAnswered: false,
      fallbackRunAtMs: null,
      fallbackRetryAtMs: null,
      fallbackRunId: null,
      needsBulk: ledger.durableSeconds === null,
      catchUpFromSeconds: null,
      baseTimeSeconds: ledger.durableSeconds,
      lastReceivedAtMs: null,
      keepalives: 0,
      lastKeepaliveAtMs: null,
      lastBaseTimeSeconds: null,
      dataMissing: 0,
      catchUpComplete: 0,
      lastStatus: null,
      gaps: [],
      events: [],
    };
    state.streams.set(key, stream);
    connectStream(context, stream);
  }
}

export function dropStream(context: Context, stream: Stream): void {
  if (stream.link !== null) closeLink(context, stream.link);
  context.state.streams.delete(stream.key);
  context.out.streams.add(stream.key);
}

function enter(context: Context, stream: Stream, phase: StreamPhase, explanation: string): void {
  const changed = stream.phase !== phase;
  stream.explanation = explanation;
  if (changed) {
    stream.phase = phase;
    stream.phaseSinceMs = context.now;
    noteEvent(context, stream, phase === "Fallback" ? "fallback" : "phase", explanation);
  }
  context.out.streams.add(stream.key);
}

function connectStream(context: Context, stream: Stream): void {
  stream.reconnectAtMs = null;
  stream.fallbackRetryAtMs = null;
  enter(context, stream, "Connecting", `Connecting to ${stream.address} port ${stream.server.port}.`);
  openLink(context, stream);
}

export function onStreamConnected(context: Context, link: Link, stream: Stream, secure: boolean): void {
  if (!secure) {
    stream.connectedAtMs = context.now;
    enter(context, stream, "Connected", isSecure(stream) ? "Connected; asking for TLS." : "Connected.");
    if (isSecure(stream)) {
      askForTls(context, link);
      return;
    }
  }
  // Bulk runs of the same relay may have brought it further meanwhile.
  const { durableSeconds } = ledgerOf(context, stream);
  if (durableSeconds !== null) stream.baseTimeSeconds = Math.max(durableSeconds, stream.baseTimeSeconds ?? 0);
  if (stream.needsBulk) {
    enter(context, stream, "Bulk", "Receiving every lease of this relay before the stream begins.");
    const { configured } = stream.relay;
    askBulk(
      context,
      link,
      { key: configured.relayId === undefined ? { kind: "all-configured" } : { kind: "relay-id" } },
      null,
      null,
    );
  } else beginStream(context, link, stream, stream.baseTimeSeconds);
}

/** The bulk answer that comes before the stream is complete. */
export function onStreamBulkDone(context: Context, link: Link, stream: Stream): void {
  const from = link.firstBaseTimeSeconds;
  // What changed while it was being told comes with the catch-up: it begins where the answer began.
  if (from !== null && stream.tally.waiting === 0) {
    stream.baseTimeSeconds = Math.max(from, stream.baseTimeSeconds ?? 0);
    noteBaseTime(context, stream, from);
  }
  stream.needsBulk = false;
  for (const gap of stream.gaps) {
    if (gap.healedAtMs !== null) continue;
    gap.healedAtMs = context.now;
    gap.healedBy = "the bulk answer before the stream";
    noteEvent(context, stream, "healed", "The gap was filled by the bulk answer before the stream.");
  }
  beginStream(context, link, stream, from ?? stream.baseTimeSeconds);
}

function beginStream(context: Context, link: Link, stream: Stream, fromSeconds: number | null): void {
  stream.catchUpFromSeconds = fromSeconds;
  askActive(context, link, fromSeconds);
  if (fromSeconds === null)
    enter(context, stream, "Active", "Changes are told as they happen. No base-time is known: nothing was caught up.");
  else enter(context, stream, "Catch-up", "Receiving what changed since the last base-time.");
}

/** A message of the stream came, with this base-time; null: it had none. */
export function onStreamMessage(context: Context, stream: Stream, baseTimeSeconds: number | null): void {
  stream.lastReceivedAtMs = context.now;
  context.out.streams.add(stream.key);
  stream.hasAnswered = true;
  if (stream.phase !== "Active") return;
  if (baseTimeSeconds !== null) keepBaseTime(context, stream, baseTimeSeconds);
}

/** Never during catch-up (RFC 7724 §7.3), nor before a gap is filled or a lease has found its interface. */
function keepBaseTime(context: Context, stream: Stream, seconds: number): void {
  stream.lastBaseTimeSeconds = seconds;
  if (stream.gaps.some(({ healedAtMs }) => healedAtMs === null) || stream.tally.waiting > 0) {
    countNote(context, stream.relay, "base-time held");
    return;
  }
  if (stream.baseTimeSeconds === null || seconds > stream.baseTimeSeconds) stream.baseTimeSeconds = seconds;
  noteBaseTime(context, stream, seconds);
}

export function onKeepalive(context: Context, stream: Stream, baseTimeSeconds: number | null): void {
  stream.keepalives += 1;
  stream.lastKeepaliveAtMs = context.now;
  onStreamMessage(context, stream, baseTimeSeconds);
}

export function onCatchUpComplete(context: Context, stream: Stream, baseTimeSeconds: number | null): void {
  stream.catchUpComplete += 1;
  stream.failures = 0;
  enter(context, stream, "Active", "Changes are told as they happen.");
  onStreamMessage(context, stream, baseTimeSeconds);
}

/** The server no longer knows every change since the start time: the stream goes on, a bulk run fills the gap (RFC 7724 §7.4.1). */
export function onDataMissing(context: Context, stream: Stream, baseTimeSeconds: number | null): void {
  stream.dataMissing += 1;
  stream.failures = 0;
  const from = stream.catchUpFromSeconds ?? stream.baseTimeSeconds;
  const to = baseTimeSeconds ?? Math.floor(context.now / 1000) - (stream.clockOffsetSeconds ?? 0);
  enter(context, stream, "Active", "Changes are told as they happen; a bulk run fills what the server could not tell.");
  if (from !== null && to >= from) {
    const gap: Gap = {
      fromSeconds: from,
      toSeconds: to,
      why: "The server no longer knew every change since then (DataMissing).",
      sinceMs: context.now,
      runId: null,
      healedAtMs: null,
      healedBy: null,
    };
    stream.gaps.push(gap);
    if (stream.gaps.length > context.state.limits.gapsPerStreamMax) stream.gaps.shift();
    noteEvent(context, stream, "gap", `Changes of ${to - from} s are missing.`);
    fillGap(context, stream, gap);
  }
  onStreamMessage(context, stream, null);
}

/** On a connection of its own: the stream has the other one for itself (RFC 7724 §7.4.1). */
function fillGap(context: Context, stream: Stream, gap: Gap): void {
  const run = ownRun(context, stream.relay, {
    prefix: "gap",
    cause: "gap",
    serverAddress: stream.address,
    queryStartTimeSeconds: gap.fromSeconds,
    queryEndTimeSeconds: gap.toSeconds,
  });
  if (run !== null) gap.runId = run.request.id;
  else stream.fallbackRunAtMs = context.now + context.state.limits.fallbackBulkMs;
}

/** The connection is gone, and closed already: wait, then again. */
export function onStreamFailed(context: Context, stream: Stream, reason: string, link: Link): void {
  const { limits, random } = context.state;
  const unanswered = link.query === "active" && link.answered === 0;
  if (unanswered && !stream.hasAnswered) {
    stream.refusals += 1;
    if (stream.refusals >= limits.activeRefusalsMax) {
      fallBack(
        context,
        stream,
        `The server closes the connection on an active query (${stream.refusals} times): it has bulk leasequery only.`,
      );
      return;
    }
  }
  const wait = Math.min(limits.reconnectLastMs, limits.reconnectFirstMs * 2 ** Math.min(stream.failures, 20));
  // A tenth more or less, so that relays that lost a server together do not return together.
  const waitMs = Math.round(wait * (0.9 + (random.uint32() % 1000) / 5000));
  stream.failures += 1;
  stream.reconnects += 1;
  stream.connectedAtMs = null;
  stream.reconnectAtMs = context.now + waitMs;
  const text = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`.replace(/\.?$/, ".");
  enter(context, stream, "Idle", `${text} Connecting again in ${Math.max(1, Math.round(waitMs / 1000))} s.`);
  noteEvent(context, stream, "reconnect", stream.explanation);
}

/** The server has bulk leasequery only: an incremental bulk run now and then instead of the stream. */
export function fallBack(context: Context, stream: Stream, reason: string): void {
  const { limits } = context.state;
  if (stream.link !== null) closeLink(context, stream.link);
  stream.connectedAtMs = null;
  stream.refusals = 0;
  stream.fallbackRunAtMs = context.now + limits.fallbackBulkMs;
  stream.fallbackRetryAtMs = context.now + limits.fallbackRetryMs;
  enter(
    context,
    stream,
    "Fallback",
    `${reason} What changes is asked for by bulk query every ${Math.round(limits.fallbackBulkMs / 1000)} s; active leasequery is tried again every ${Math.round(limits.fallbackRetryMs / 60_000)} min.`,
  );
}

export function restartStream(context: Context, stream: Stream, resync: boolean): void {
  if (stream.link !== null) closeLink(context, stream.link);
  stream.failures = 0;
  stream.refusals = 0;
  stream.reconnects += 1;
  if (resync) {
    stream.needsBulk = true;
    stream.baseTimeSeconds = null;
    forgetBaseTimes(context, stream);
  }
  noteEvent(
    context,
    stream,
    "reconnect",
    resync ? "Restarted, with everything told again." : "Restarted by the operator.",
  );
  connectStream(context, stream);
}

/** The relay has lost what it knew: nothing it was told counts any more. */
export function onBindingsLost(context: Context, relay: Relay): void {
  for (const server of relay.configured.servers) forgetBaseTimes(context, { relay, address: server.address });
  for (const stream of [...context.state.streams.values()])
    if (stream.relay.family === relay.family && stream.relay.instance === relay.instance)
      restartStream(context, stream, true);
}

/** When the silence of a stream's connection ends it, ms since 1970. */
export function silenceEndsAtMs(context: Pick<Context, "state">, link: Link, stream: Stream): number {
  const { active } = stream.relay.configured;
  if (link.stage !== "open") return link.sinceMs + context.state.limits.connectTimeoutMs;
  const timeoutMs =
    stream.phase === "Active"
      ? // The server says something every 60 s: a shorter patience would cut a healthy stream (RFC 7724 §5.3).
        Math.max((active?.idleTimeoutSeconds ?? 0) * 1000, context.state.limits.streamSilenceMsMin)
      : (active?.timeoutSeconds ?? 0) * 1000 || context.state.limits.dataTimeoutMs;
  return link.lastReceivedAtMs + timeoutMs;
}

export function onStreamDeadlines(context: Context): void {
  for (const stream of context.state.streams.values()) {
    if (stream.link === null && stream.reconnectAtMs !== null && stream.reconnectAtMs <= context.now) {
      connectStream(context, stream);
      continue;
    }
    if (stream.phase === "Fallback" && (stream.fallbackRetryAtMs ?? Number.POSITIVE_INFINITY) <= context.now) {
      connectStream(context, stream);
      continue;
    }
    if (stream.fallbackRunAtMs === null || stream.fallbackRunAtMs > context.now) continue;
    stream.fallbackRunAtMs = null;
    for (const gap of stream.gaps) if (gap.healedAtMs === null && gap.runId === null) fillGap(context, stream, gap);
    if (stream.phase !== "Fallback") continue;
    stream.fallbackRunAtMs = context.now + context.state.limits.fallbackBulkMs;
    const last = stream.fallbackRunId === null ? undefined : context.state.runs.get(stream.fallbackRunId);
    // The one before is still under way.
    if (last !== undefined && last.finishedAtMs === null) continue;
    const run = ownRun(context, stream.relay, {
      prefix: "fallback",
      cause: "active",
      serverAddress: stream.address,
      incremental: true,
    });
    stream.fallbackRunId = run?.request.id ?? null;
  }
}
