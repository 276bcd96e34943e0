import type { BindingInput } from "@leasewire/bindings";
import { type Context, countDrop, countersOf } from "./context.ts";
import { place } from "./place.ts";
import { endQuery } from "./query.ts";
import { recordAnswer } from "./record-answer.ts";
import { relayKey } from "./relay.ts";
import type { Query, WaitingReply } from "./state.ts";

/** Keeps an answer whose access interface is not configured yet. False when `repliesWaitingMax` is reached. */
export function waitForInterface(
  context: Context,
  query: Query,
  leases: readonly BindingInput[],
  circuit: string,
): boolean {
  const { waiting, limits } = context.state;
  const { relay } = query.server;
  if (waiting.length >= limits.repliesWaitingMax || relay.replyRetriesMax === 0) return false;
  waiting.push({ query, leases, circuit, retries: 0, dueMs: context.now + relay.replyRetrySeconds * 1000 });
  return true;
}

/** Tries the answers that are due again (`leasequery-reply-packet-retry-timer`, `max-leasequery-reply-packet-retries`). */
export function retryWaiting(context: Context): void {
  const { waiting } = context.state;
  for (const reply of [...waiting]) {
    if (reply.dueMs > context.now) continue;
    const { relay } = reply.query.server;
    const current = context.state.relays.get(relayKey(relay.family, relay.instance)) ?? relay;
    const counters = countersOf(context, relay.family, relay.instance);
    counters.replyPacketRetries += 1;
    reply.retries += 1;
    const placed = reply.leases.map((lease) => ({ lease, at: place(current, lease.circuitId) }));
    if (placed.every(({ at }) => at.waitsFor === null)) {
      remove(waiting, reply);
      recordAnswer(
        context,
        reply.query,
        placed.map(({ lease, at }) => ({ ...lease, interfaceName: at.interfaceName })),
      );
    } else if (reply.retries >= current.replyRetriesMax) {
      remove(waiting, reply);
      counters.repliesGivenUp += 1;
      countDrop(context, relay.family, relay.instance, "interface unknown");
      endQuery(
        context,
        reply.query,
        "dropped",
        `The lease is on interface ${reply.circuit}, which is none of this relay's client interfaces; given up after ${reply.retries} retries.`,
      );
    } else {
      reply.dueMs = context.now + current.replyRetrySeconds * 1000;
    }
  }
}

export function remove(waiting: WaitingReply[], reply: WaitingReply): void {
  const at = waiting.indexOf(reply);
  if (at >= 0) waiting.splice(at, 1);
}
