import { type Context, countersOf, increase, peerText, recordExchange, xidText } from "./context.ts";
import { encodeQuestion, queryMessageName } from "./encode-question.ts";
import { finishIfDone } from "./finish.ts";
import type { Question } from "./question.ts";
import { retransmissionIntervalMs } from "./schedule.ts";
import type { Query, QueryState, RunServer } from "./state.ts";

/** Transaction ids of both families have 24 bits, so that one space serves the chassis. */
const xidMax = 0xff_ffff;
/** With at most some thousand ids taken of 16 million, a free one is found at once; this only bounds the loop. */
const xidTriesMax = 1000;

/** Makes a query and sends it. Returns `undefined` when `queriesInFlightMax` is reached. */
export function openQuery(
  context: Context,
  server: RunServer,
  question: Question,
  label: string | null,
): Query | undefined {
  const { state, now } = context;
  if (state.queries.size >= state.limits.queriesInFlightMax) return undefined;
  const xid = freeXid(context);
  if (xid === undefined) return undefined;
  const query: Query = {
    xid,
    server,
    question,
    label,
    message: encodeQuestion(question, xid, server.relay),
    state: "pending",
    attempts: 0,
    attemptsMax: server.relay.attempts,
    intervalMs: 0,
    deadlineMs: null,
    sentAtMs: now,
    roundTripMs: null,
    explanation: "",
    dropped: null,
    sendError: null,
  };
  state.queries.set(xid, query);
  server.queries.push(query);
  transmit(context, query);
  return query;
}

/** Sends the query (again) and sets the time of the next attempt. */
export function transmit(context: Context, query: Query): void {
  const { state, now, out } = context;
  const { server } = query;
  const { relay, run } = server;
  query.attempts += 1;
  query.sentAtMs = now;
  query.sendError = null;
  query.intervalMs = retransmissionIntervalMs(
    relay.family,
    relay.timeoutSeconds * 1000,
    query.attempts,
    query.intervalMs,
    state.random,
  );
  query.deadlineMs = now + query.intervalMs;
  query.explanation =
    query.attempts === 1
      ? "Asked; waiting for the answer."
      : `No answer yet; asked ${query.attempts} of ${query.attemptsMax} times.`;
  const counters = countersOf(context, relay.family, relay.instance);
  counters.totalAttempts += 1;
  increase(context, counters.sent, queryMessageName(relay.family));
  out.sends.push({
    family: relay.family,
    instance: relay.instance,
    address: server.address,
    port: server.port,
    bytes: query.message,
    xid: query.xid,
  });
  recordExchange(context, run, {
    atMs: now,
    direction: "sent",
    instance: relay.instance,
    peer: peerText(server.address, server.port),
    message: queryMessageName(relay.family),
    xid: xidText(query.xid),
    bytes: query.message,
    dropReason: null,
    dropExplanation: null,
  });
}

/** Ends a pending query. Its id is remembered for a while, to tell a late answer from a stray one. */
export function endQuery(
  context: Context,
  query: Query,
  state: Exclude<QueryState, "pending">,
  explanation: string,
): void {
  settleQuery(context, query, state, explanation);
  finishIfDone(context, query.server.run);
}

/** As `endQuery`, for a caller that looks at the run itself afterwards. */
export function settleQuery(
  context: Context,
  query: Query,
  state: Exclude<QueryState, "pending">,
  explanation: string,
): void {
  context.out.runs.add(query.server.run.id);
  query.explanation = explanation;
  query.deadlineMs = null;
  const wasPending = query.state === "pending";
  query.state = state;
  if (!wasPending) return;
  const { queries, pastQueries, limits } = context.state;
  queries.delete(query.xid);
  pastQueries.set(query.xid, {
    instance: query.server.relay.instance,
    family: query.server.relay.family,
    server: peerText(query.server.address, query.server.port),
    answered: state !== "silent" && state !== "cancelled" && state !== "error",
    runId: query.server.run.id,
    endedAtMs: context.now,
  });
  for (const [xid, past] of pastQueries) {
    if (pastQueries.size <= limits.pastQueriesMax && context.now - past.endedAtMs < limits.pastQueryLifetimeMs) break;
    pastQueries.delete(xid);
  }
}

function freeXid(context: Context): number | undefined {
  const { queries, pastQueries, random } = context.state;
  for (let i = 0; i < xidTriesMax; i += 1) {
    const xid = random.uint32() & xidMax;
    if (xid !== 0 && !queries.has(xid) && !pastQueries.has(xid)) return xid;
  }
  return undefined;
}
