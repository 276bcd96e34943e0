import type { Context } from "./context.ts";
import { endQuery, transmit } from "./query.ts";
import type { Query, RequestorState } from "./state.ts";
import { retryWaiting } from "./waiting.ts";

/** When `deadline` is due next, ms since 1970; null when nothing waits. */
export function nextDeadlineMs(state: RequestorState): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const query of state.queries.values())
    if (query.deadlineMs !== null && query.deadlineMs < next) next = query.deadlineMs;
  for (const reply of state.waiting) if (reply.dueMs < next) next = reply.dueMs;
  return Number.isFinite(next) ? next : null;
}

/** Sends again what was not answered in time, and gives up what was sent often enough. */
export function onDeadline(context: Context): void {
  for (const query of [...context.state.queries.values()]) {
    if (query.state !== "pending" || query.deadlineMs === null || query.deadlineMs > context.now) continue;
    const { run } = query.server;
    const mayAsk = query.label !== null || run.confirmedAtMs === null;
    if (mayAsk && query.attempts < query.attemptsMax) transmit(context, query);
    else giveUp(context, query);
  }
  retryWaiting(context);
}

function giveUp(context: Context, query: Query): void {
  const { server } = query;
  const times = query.attempts === 1 ? "once" : `${query.attempts} times`;
  const about = query.label === null ? "" : ` about ${query.label}`;
  if (query.sendError !== null) {
    endQuery(context, query, "error", `error: ${query.sendError} (tried ${times}).`);
    return;
  }
  if (query.dropped !== null) {
    endQuery(context, query, "dropped", `No usable answer${about}: ${query.dropped.text}`);
    return;
  }
  if (query.label === null && server.run.confirmedAtMs !== null && query.attempts < query.attemptsMax) {
    endQuery(
      context,
      query,
      "silent",
      `No answer yet; not asked again, as ${server.run.confirmedBy} confirmed the lease.`,
    );
    return;
  }
  endQuery(
    context,
    query,
    "silent",
    `No answer${about} after being asked ${times}. Check that the server runs, allows leasequery and can reach this relay${returnPath(query)}.`,
  );
}

function returnPath({ server, question }: Query): string {
  return question.family === 4
    ? ` at the gateway address ${server.run.gatewayAddress}`
    : ` (some servers answer to port 546 only)`;
}
