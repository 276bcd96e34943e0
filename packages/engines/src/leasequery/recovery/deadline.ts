import { type Context, countDrop } from "./context.ts";
import { failLink } from "./on-received.ts";
import { onRunDeadlines } from "./runs.ts";
import type { Link, RecoveryState } from "./state.ts";
import { onStreamDeadlines, silenceEndsAtMs } from "./streams.ts";
import { retryWaiting } from "./waiting.ts";

/** When `deadline` is due next, ms since 1970; null when nothing waits. */
export function nextRecoveryDeadlineMs(state: RecoveryState): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const link of state.links.values()) next = Math.min(next, deadlineOf(state, link));
  for (const run of state.runs.values()) {
    if (run.walk !== null) return 0;
    if (run.finishedAtMs !== null) continue;
    for (const { state: at, nextAttemptAtMs } of run.servers)
      if (at === "waiting" && nextAttemptAtMs !== null) next = Math.min(next, nextAttemptAtMs);
  }
  for (const stream of state.streams.values()) {
    for (const due of [stream.reconnectAtMs, stream.fallbackRunAtMs, stream.fallbackRetryAtMs])
      if (due !== null) next = Math.min(next, due);
  }
  for (const { dueMs } of state.waiting) next = Math.min(next, dueMs);
  return Number.isFinite(next) ? next : null;
}

export function onDeadline(context: Context): void {
  const { state, now } = context;
  for (const link of [...state.links.values()]) {
    if (deadlineOf(state, link) > now) continue;
    switch (link.stage) {
      case "connecting":
        failLink(context, link, `${link.owner.address} does not answer`);
        break;
      case "tls":
      case "handshake":
        countDrop(context, link.owner.relay, "tls refused");
        failLink(context, link, "the server does not answer when asked for TLS");
        break;
      case "open":
        failLink(
          context,
          link,
          `the server has said nothing for ${Math.round((now - link.lastReceivedAtMs) / 1000)} s`,
        );
    }
  }
  onRunDeadlines(context);
  onStreamDeadlines(context);
  if (state.waiting.length > 0) retryWaiting(context);
}

/** Reading stops, or goes on: what is silent then is given its time anew. */
export function onReading({ state, now }: Context, held: boolean): void {
  if (state.held && !held) for (const link of state.links.values()) link.lastReceivedAtMs = now;
  state.held = held;
}

function deadlineOf(state: RecoveryState, link: Link): number {
  const { owner } = link;
  if (state.held && link.stage === "open") return Number.POSITIVE_INFINITY;
  if (owner.kind === "stream") return silenceEndsAtMs({ state }, link, owner);
  if (link.paused) return Number.POSITIVE_INFINITY;
  return link.stage === "open"
    ? link.lastReceivedAtMs + state.limits.dataTimeoutMs
    : link.sinceMs + state.limits.connectTimeoutMs;
}
