import { equalBytes } from "@leasewire/net";
import { chooseTargets } from "../common/targets.ts";
import { type Context, countersOf } from "./context.ts";
import { heldBy, newGroup, walkTable } from "./groups.ts";
import { ledgerOf, noteBaseTime } from "./ledger.ts";
import { askBulk, askForTls, closeLink, isSecure, openLink, runLinks } from "./links.ts";
import type { BulkRequest, RecoveryRefusal } from "./messages.ts";
import { keyRefusal, keyText } from "./questions.ts";
import type { Link, Relay, Run, RunServer, Stream } from "./state.ts";
import { measureRate, newTally } from "./tally.ts";

/** Starts a run: one query to each server that is asked. Refuses whole what cannot be asked. */
export function startRun(context: Context, request: BulkRequest): Run | null {
  const { state, now, out } = context;
  let active = 0;
  for (const run of state.runs.values()) if (run.finishedAtMs === null) active += 1;
  if (active >= state.limits.runsActiveMax) {
    return refuse(context, {
      code: "limit",
      message: `${active} bulk runs are under way, which is the limit (runsActiveMax): wait for one to end, or cancel one.`,
    });
  }
  const relays = [...state.relays.values()].map((relay) => ({ ...relay.configured, relay }));
  const targets = chooseTargets(relays, request, state.limits.serversPerRunMax, "bulk-leasequery");
  if ("code" in targets) return refuse(context, targets);
  for (const { relay } of targets) {
    const refusal = keyRefusal(relay, request);
    if (refusal !== null) return refuse(context, refusal);
  }
  const { key, queryStartTimeSeconds, queryEndTimeSeconds } = request;
  const isWhole =
    (key.kind === "all-configured" || key.kind === "relay-id") &&
    queryStartTimeSeconds === undefined &&
    queryEndTimeSeconds === undefined &&
    request.linkAddress === undefined &&
    request.incremental !== true;
  const asked = [...new Set(targets.map(({ relay }) => relay.relay))];
  const isWholeOfOwn = isWhole && asked.every((relay) => isForOwn(request, relay));
  const table = state.tables[request.family];
  const held = asked.reduce((sum, relay) => sum + heldBy(context, relay.family, relay.instance), 0);
  const run: Run = {
    request,
    keyText: keyText(request),
    startedAtMs: now,
    finishedAtMs: null,
    state: "running",
    outcome: "",
    servers: [],
    groups: new Map(),
    leftOut: newGroup(null, null),
    groupsLeftOut: 0,
    told: new Uint8Array(0),
    sequenceAtStart: table.sequence,
    lastSequence: table.sequence,
    expected: request.expected ?? (isWholeOfOwn ? held : null),
    isWhole,
    walk: null,
  };
  state.runs.set(request.id, run);
  out.runs.add(request.id);
  for (const relay of asked) countersOf(context, relay).requested += 1;
  for (const { relay, server } of targets) {
    const { relay: own } = relay;
    const several = targets.filter((other) => other.relay.relay === own).length > 1;
    const ledger = ledgerOf(context, { relay: own, address: server.address });
    const start = queryStartTimeSeconds ?? (request.incremental === true ? ledger.durableSeconds : null) ?? null;
    const expected = !isWholeOfOwn
      ? null
      : (request.expected ?? ledger.leasesLast ?? (several ? null : heldBy(context, own.family, own.instance)));
    run.servers.push({
      kind: "server",
      run,
      relay: own,
      address: server.address,
      server,
      tally: newTally(now),
      origin: "bulk",
      cause: `bulk leasequery (${request.cause})`,
      clockOffsetSeconds: null,
      state: "queued",
      explanation: "",
      attempts: 0,
      attemptsMax: own.configured.bulk.attempts,
      nextAttemptAtMs: null,
      startedAtMs: null,
      finishedAtMs: null,
      link: null,
      xid: 0,
      lastStatus: null,
      baseTimeSeconds: null,
      startTimeSeconds: start,
      expected: expected === 0 ? null : expected,
    });
  }
  for (const server of run.servers) enqueue(context, server);
  startQueued(context);
  describe(run);
  forgetOldRuns(context);
  return run;
}

function refuse(context: Context, refusal: RecoveryRefusal): null {
  context.out.refusal = refusal;
  return null;
}

function enqueue(context: Context, server: RunServer): void {
  server.state = "queued";
  server.explanation = "Waits for its turn to connect.";
  if (!context.state.queue.includes(server)) context.state.queue.push(server);
}

/** Opens connections for those that wait, as many as may be there at a time. */
export function startQueued(context: Context): void {
  const { state } = context;
  let open = runLinks(context);
  for (let i = 0; i < state.queue.length; ) {
    const server = state.queue[i]!;
    if (server.run.state === "paused") {
      i += 1;
      continue;
    }
    if (open >= state.requestedConnectionsMax) {
      server.explanation = `Waits for its turn: ${open} of ${state.requestedConnectionsMax} connections are in use (request-max-tcp-connections).`;
      context.out.runs.add(server.run.request.id);
      i += 1;
      continue;
    }
    state.queue.splice(i, 1);
    open += 1;
    server.attempts += 1;
    server.state = "connecting";
    server.nextAttemptAtMs = null;
    server.startedAtMs ??= context.now;
    server.explanation = `Connecting to ${server.address} port ${server.server.port}.`;
    context.out.runs.add(server.run.request.id);
    openLink(context, server);
    describe(server.run);
  }
}

/** The connection of a run stands, perhaps secured. */
export function onRunConnected(context: Context, link: Link, server: RunServer, secure: boolean): void {
  if (!secure) countersOf(context, server.relay).connected += 1;
  if (!secure && isSecure(server)) {
    server.explanation = "Connected; asking for TLS.";
    askForTls(context, link);
    return;
  }
  const { request } = server.run;
  if (request.incremental === true) server.startTimeSeconds ??= ledgerOf(context, server).durableSeconds;
  server.state = server.run.state === "paused" ? "paused" : "receiving";
  server.explanation =
    request.incremental === true && server.startTimeSeconds === null
      ? "Receiving; no base-time of this server is known, so everything was asked for."
      : "Receiving.";
  server.baseTimeSeconds = null;
  askBulk(context, link, request, server.startTimeSeconds, request.queryEndTimeSeconds ?? null);
  server.xid = link.xid;
  if (server.run.state === "paused") pauseLink(context, link);
  context.out.runs.add(request.id);
}

/** A connection of a run brought something: see to what is shown. */
export function onRunReceived(context: Context, server: RunServer): void {
  measureRate(server.tally, context.now);
  server.run.lastSequence = context.state.tables[server.relay.family].sequence;
  context.out.runs.add(server.run.request.id);
}

/** The server has told everything. */
export function onRunDone(context: Context, link: Link, server: RunServer): void {
  const { run, tally } = server;
  const ledger = ledgerOf(context, server);
  server.state = "complete";
  server.finishedAtMs = context.now;
  server.baseTimeSeconds = link.firstBaseTimeSeconds;
  server.explanation =
    link.leases === 0
      ? "Complete: the server has nothing to tell about it."
      : `Complete: ${link.leases} ${link.leases === 1 ? "lease" : "leases"} told.`;
  server.run.lastSequence = context.state.tables[server.relay.family].sequence;
  if (run.isWhole && isForOwn(run.request, server.relay)) ledger.leasesLast = link.leases;
  // What was asked for reaches up to now: a later query may begin where this one was answered.
  const reachesNow =
    run.request.queryEndTimeSeconds === undefined &&
    run.request.linkAddress === undefined &&
    isForOwn(run.request, server.relay) &&
    (run.isWhole || (ledger.durableSeconds !== null && (server.startTimeSeconds ?? 0) <= ledger.durableSeconds));
  if (reachesNow && link.firstBaseTimeSeconds !== null && tally.waiting === 0)
    noteBaseTime(context, server, link.firstBaseTimeSeconds);
  closeLink(context, link);
  settle(context, run);
}

/** Whether the query is about everything of the relay that asks, rather than of another one it knows the relay-id of. */
function isForOwn({ key }: BulkRequest, { configured: { relayId } }: Relay): boolean {
  if (key.kind !== "relay-id") return key.kind === "all-configured";
  return key.value === undefined || (relayId !== undefined && equalBytes(key.value, relayId));
}

/** The server refuses the query for good. */
export function onRunRefused(context: Context, link: Link, server: RunServer, explanation: string): void {
  server.state = "refused";
  server.finishedAtMs = context.now;
  server.explanation = explanation;
  closeLink(context, link);
  settle(context, server.run);
}

/** A connection failed, or its answer did: only this server is asked again (Junos, RFC 6926 §7.8). The link is closed already. */
export function onRunFailed(context: Context, server: RunServer, reason: string): void {
  const { relay, run } = server;
  const counters = countersOf(context, relay);
  if (server.attempts < server.attemptsMax) {
    server.state = "waiting";
    server.nextAttemptAtMs = context.now + relay.configured.bulk.timeoutSeconds * 1000;
    server.explanation = `${sentence(reason)} It is tried again in ${relay.configured.bulk.timeoutSeconds} s (attempt ${server.attempts} of ${server.attemptsMax}).`;
    context.out.runs.add(run.request.id);
    describe(run);
  } else {
    counters.reachedMaxAttempts += 1;
    server.state = "failed";
    server.finishedAtMs = context.now;
    server.nextAttemptAtMs = null;
    server.explanation = `${sentence(reason)} Given up after ${server.attempts} ${server.attempts === 1 ? "attempt" : "attempts"}.`;
    settle(context, run);
  }
  startQueued(context);
}

function sentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Whether the run is over, and how. */
function settle(context: Context, run: Run): void {
  context.out.runs.add(run.request.id);
  const open = run.servers.some(({ state }) => !isOver(state));
  if (!open && run.finishedAtMs === null) {
    run.finishedAtMs = context.now;
    const complete = run.servers.filter(({ state }) => state === "complete").length;
    run.state = complete === run.servers.length ? "complete" : complete > 0 ? "partial" : "failed";
    if (run.state === "complete" && run.isWhole) run.walk = context.state.tables[run.request.family].rowCursor();
    onRunOver(context, run);
  }
  describe(run);
  startQueued(context);
}

function isOver(state: RunServer["state"]): boolean {
  return state === "complete" || state === "refused" || state === "failed" || state === "cancelled";
}

/** Gaps that a run was to fill, and fallback runs, look at how it went. */
function onRunOver(context: Context, run: Run): void {
  for (const stream of context.state.streams.values()) {
    for (const gap of stream.gaps) {
      if (gap.runId !== run.request.id) continue;
      const complete = run.servers.some((server) => server.address === stream.address && server.state === "complete");
      if (complete) {
        gap.healedAtMs = context.now;
        gap.healedBy = `bulk run ${run.request.id}`;
        noteEvent(
          context,
          stream,
          "healed",
          `The gap of ${gap.toSeconds - gap.fromSeconds} s was filled by bulk run ${run.request.id}.`,
        );
      } else {
        gap.runId = null;
        noteEvent(context, stream, "error", `Bulk run ${run.request.id} did not fill the gap; it is tried again.`);
        // Not at once: the server has just failed.
        stream.fallbackRunAtMs = context.now + context.state.limits.fallbackBulkMs;
      }
    }
  }
}

export function noteEvent(
  context: Context,
  stream: Stream,
  kind: Stream["events"][number]["kind"],
  text: string,
): void {
  stream.events.push({ atMs: context.now, kind, phase: stream.phase, text });
  if (stream.events.length > context.state.limits.eventsPerStreamMax) stream.events.shift();
  context.out.streams.add(stream.key);
}

/** The run in one sentence. */
function describe(run: Run): void {
  const count = (state: RunServer["state"]): number => run.servers.filter((server) => server.state === state).length;
  const servers = (number: number): string => `${number} ${number === 1 ? "server" : "servers"}`;
  const applied = run.servers.reduce((sum, { tally }) => sum + tally.applied, 0);
  if (run.finishedAtMs === null) {
    if (run.state === "paused") {
      run.outcome = "Paused: nothing is read until it is resumed.";
      return;
    }
    const waiting = count("queued");
    run.state = waiting === run.servers.length ? "queued" : "running";
    run.outcome =
      run.state === "queued"
        ? "Waits for a connection: all that may be open are in use (request-max-tcp-connections)."
        : `Asking ${servers(run.servers.length)}${waiting > 0 ? `, of which ${waiting} ${waiting === 1 ? "waits" : "wait"} for a connection` : ""}.`;
    return;
  }
  const failed = run.servers.length - count("complete");
  switch (run.state) {
    case "complete":
      run.outcome = `Complete: ${applied} ${applied === 1 ? "binding" : "bindings"} recovered from ${servers(run.servers.length)}.`;
      return;
    case "partial":
      run.outcome = `${servers(count("complete"))} told everything, ${failed} did not: ${applied} ${applied === 1 ? "binding" : "bindings"} recovered.`;
      return;
    case "cancelled":
      run.outcome = `Cancelled; ${applied} ${applied === 1 ? "binding" : "bindings"} recovered before.`;
      return;
    default:
      run.outcome =
        run.servers.length === 1
          ? (run.servers[0]?.explanation ?? "")
          : `None of ${servers(run.servers.length)} told everything.`;
  }
}

export function commandRun(
  context: Context,
  kind: "cancel-run" | "pause-run" | "resume-run" | "retry-run",
  id: string,
): void {
  const run = context.state.runs.get(id);
  if (run === undefined) {
    refuse(context, { code: "run-unknown", message: `There is no bulk run ${id} any more.` });
    return;
  }
  const over = run.finishedAtMs !== null;
  if (over !== (kind === "retry-run")) {
    refuse(
      context,
      over
        ? { code: "run-finished", message: "The run is finished already." }
        : { code: "run-running", message: "The run is still under way: what fails is tried again by itself." },
    );
    return;
  }
  if (kind === "retry-run" && run.servers.every(({ state }) => state === "complete")) {
    refuse(context, {
      code: "run-finished",
      message: "Every server of the run has told everything: there is nothing to retry.",
    });
    return;
  }
  switch (kind) {
    case "cancel-run":
      cancelRun(context, run, "Cancelled by the operator.");
      break;
    case "pause-run":
      run.state = "paused";
      for (const server of run.servers) {
        if (server.link === null) continue;
        pauseLink(context, server.link);
        if (server.state === "receiving") server.state = "paused";
      }
      break;
    case "resume-run":
      if (run.state !== "paused") break;
      run.state = "running";
      for (const server of run.servers) {
        if (server.link === null) continue;
        resumeLink(context, server.link);
        if (server.state === "paused") server.state = "receiving";
      }
      break;
    case "retry-run":
      run.finishedAtMs = null;
      run.state = "running";
      for (const server of run.servers) {
        if (server.state === "complete") continue;
        server.attempts = 0;
        server.attemptsMax = server.relay.configured.bulk.attempts;
        server.finishedAtMs = null;
        enqueue(context, server);
      }
  }
  context.out.runs.add(id);
  describe(run);
  startQueued(context);
}

export function cancelRun(context: Context, run: Run, explanation: string): void {
  for (const server of run.servers) {
    if (isOver(server.state)) continue;
    cancelServer(context, server, explanation);
  }
  run.finishedAtMs = context.now;
  run.state = "cancelled";
  onRunOver(context, run);
  describe(run);
  context.out.runs.add(run.request.id);
  startQueued(context);
}

function cancelServer(context: Context, server: RunServer, explanation: string): void {
  const { queue } = context.state;
  const at = queue.indexOf(server);
  if (at >= 0) queue.splice(at, 1);
  if (server.link !== null) closeLink(context, server.link);
  server.state = "cancelled";
  server.nextAttemptAtMs = null;
  server.finishedAtMs = context.now;
  server.explanation = explanation;
}

/** A commit took the server, or its relay. */
export function dropServer(context: Context, server: RunServer, explanation: string): void {
  if (isOver(server.state)) return;
  cancelServer(context, server, explanation);
  settle(context, server.run);
}

function pauseLink(context: Context, link: Link): void {
  if (link.paused) return;
  link.paused = true;
  context.out.pauses.push(link.id);
}

function resumeLink(context: Context, link: Link): void {
  if (!link.paused) return;
  link.paused = false;
  link.lastReceivedAtMs = context.now;
  context.out.resumes.push(link.id);
}

/** Servers whose next attempt is due, and finished runs that are being held against the table. */
export function onRunDeadlines(context: Context): void {
  for (const run of context.state.runs.values()) {
    if (run.walk !== null) {
      walkTable(context, run);
      context.out.runs.add(run.request.id);
    }
    if (run.finishedAtMs !== null) continue;
    for (const server of run.servers) {
      if (server.state === "waiting" && server.nextAttemptAtMs !== null && server.nextAttemptAtMs <= context.now)
        enqueue(context, server);
    }
  }
  startQueued(context);
}

export function newRunId(context: Context, prefix: string): string {
  context.state.runLast += 1;
  return `${prefix}-${context.now.toString(36)}-${context.state.runLast}`;
}

export function ownRun(
  context: Context,
  relay: Relay,
  more: Pick<BulkRequest, "cause"> & Partial<BulkRequest> & { readonly prefix: string },
): Run | null {
  const { prefix, ...rest } = more;
  const { instance } = relay;
  const colon = instance.indexOf(":");
  const run = startRun(context, {
    id: newRunId(context, prefix),
    family: relay.family,
    logicalSystem: instance.slice(0, colon),
    routingInstance: instance.slice(colon + 1),
    key: relay.configured.relayId === undefined ? { kind: "all-configured" } : { kind: "relay-id" },
    startedBy: "leasewire",
    command: "",
    ...rest,
  });
  // Nobody has asked for it: a refusal is nobody's answer.
  context.out.refusal = null;
  return run;
}

function forgetOldRuns(context: Context): void {
  const { runs, limits } = context.state;
  let finished = 0;
  for (const run of runs.values()) if (run.finishedAtMs !== null) finished += 1;
  for (const [id, run] of runs) {
    if (finished <= limits.runsRememberedMax) return;
    if (run.finishedAtMs === null) continue;
    run.walk?.close();
    runs.delete(id);
    finished -= 1;
  }
}
