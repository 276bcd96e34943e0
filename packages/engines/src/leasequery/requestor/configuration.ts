import type { Context } from "./context.ts";
import { endQuery } from "./query.ts";
import { type RequestorRelay, relayKey } from "./relay.ts";

/**
 * Takes a committed configuration. What is under way goes on with the values it began with, except that a query ends
 * when its relay may not ask any more, or no longer knows the server.
 */
export function onConfiguration(context: Context, relays: readonly RequestorRelay[]): void {
  const { state } = context;
  state.relays.clear();
  for (const relay of relays) state.relays.set(relayKey(relay.family, relay.instance), relay);
  for (const query of [...state.queries.values()]) {
    const { relay, address, port } = query.server;
    const now = state.relays.get(relayKey(relay.family, relay.instance));
    if (now === undefined) {
      endQuery(context, query, "cancelled", "Ended by a commit: this relay has no leasequery any more.");
    } else if (!now.servers.some((server) => server.address === address && server.port === port)) {
      endQuery(context, query, "cancelled", `Ended by a commit: ${address} is no server of this relay any more.`);
    }
  }
  for (const reply of [...state.waiting]) {
    const { relay } = reply.query.server;
    // An interface may have come: look at once. A relay that is gone cannot place anything.
    if (state.relays.has(relayKey(relay.family, relay.instance))) reply.dueMs = Math.min(reply.dueMs, context.now);
    else {
      state.waiting.splice(state.waiting.indexOf(reply), 1);
      endQuery(context, reply.query, "cancelled", "Ended by a commit: this relay has no leasequery any more.");
    }
  }
}
