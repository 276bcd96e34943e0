import type { Context } from "./context.ts";
import { onRunConnected } from "./runs.ts";
import { onStreamConnected } from "./streams.ts";

/** A connection stands, or TLS has been agreed on it. */
export function onConnected(context: Context, id: number, secure: boolean): void {
  const link = context.state.links.get(id);
  // Once each: a second word about the same thing changes nothing.
  if (link === undefined || link.stage !== (secure ? "handshake" : "connecting")) return;
  link.secure = secure;
  link.sinceMs = context.now;
  link.lastReceivedAtMs = context.now;
  const { owner } = link;
  if (owner.kind === "server") onRunConnected(context, link, owner, secure);
  else onStreamConnected(context, link, owner, secure);
}
