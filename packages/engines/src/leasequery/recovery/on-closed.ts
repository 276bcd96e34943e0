import { type Context, countDrop, countersOf } from "./context.ts";
import { forget } from "./links.ts";
import { onRunFailed } from "./runs.ts";
import { onStreamFailed } from "./streams.ts";

/** A connection is gone, not by us: what came before is kept, the query is repeated whole (RFC 6926 §7.8). */
export function onClosed(context: Context, id: number, reason: string): void {
  const link = context.state.links.get(id);
  if (link === undefined) return;
  const { owner } = link;
  countersOf(context, owner.relay).closedDueToError += 1;
  forget(context, link);
  // No answer to DHCPTLS, or none but the end: the server has no TLS (RFC 7724 §7.2).
  const refusedTls = link.stage === "tls" || link.stage === "handshake";
  if (refusedTls) countDrop(context, owner.relay, "tls refused");
  const inMessage = link.frames.pendingOctets > 0 ? ", in the middle of a message" : "";
  const text = `${reason}${inMessage}${refusedTls ? " when it was asked for TLS" : ""}`;
  if (owner.kind === "server") onRunFailed(context, owner, text);
  else onStreamFailed(context, owner, text, link);
}
