import { BindingState } from "@leasewire/bindings";
import { formatIpv4 } from "@leasewire/net";
import { unheldBinding } from "./binding.ts";
import { type Context4, note } from "./context.ts";
import { expireOffers } from "./offers.ts";
import { onProbeResult } from "./on-probe-result.ts";
import type { Server4State } from "./state.ts";

/** When the next `deadline` is due, milliseconds since 1970; null while nothing waits. */
export function nextServerDeadlineMs4(state: Server4State): number | null {
  const due = Math.min(
    state.offers.first?.expiresAtMs ?? Number.POSITIVE_INFINITY,
    state.probesDueMs,
    state.abandonedDueMs,
  );
  return due === Number.POSITIVE_INFINITY ? null : due;
}

/** Ends what is due, a bounded number in a step: what is left is due at once. */
export function onDeadline(context: Context4): void {
  endProbes(context);
  expireOffers(context);
  freeAbandoned(context);
}

function endProbes(context: Context4): void {
  const { state, now } = context;
  if (state.probesDueMs > now) return;
  let left = state.limits.duePerStepMax;
  let next = Number.POSITIVE_INFINITY;
  for (const { token, overdueAtMs, offer } of state.probes.values()) {
    if (overdueAtMs > now || left === 0) {
      next = Math.min(next, overdueAtMs);
      continue;
    }
    left -= 1;
    note(context, offer.server.instance, "probe unanswered", formatIpv4(offer.address));
    onProbeResult(context, token, false);
  }
  state.probesDueMs = next;
}

function freeAbandoned(context: Context4): void {
  const { state, now, nowSeconds } = context;
  if (state.abandonedDueMs > now) return;
  const { abandonedRetentionSeconds, duePerStepMax } = state.limits;
  let left = duePerStepMax;
  let next = Number.POSITIVE_INFINITY;
  for (const server of state.servers.values()) {
    for (const pool of server.pools) {
      for (let first = pool.abandoned.first; first !== undefined; first = pool.abandoned.first) {
        const dueMs = (first.sinceSeconds + abandonedRetentionSeconds) * 1000;
        if (dueMs > now || left === 0) {
          next = Math.min(next, dueMs);
          break;
        }
        left -= 1;
        const { range, slot } = first;
        const address = range.low + slot;
        range.abandoned.delete(slot);
        pool.abandoned.remove(first);
        context.out.changes.push({
          binding: unheldBinding(server.instance, address, BindingState.AVAILABLE, nowSeconds, server.identifier),
          cause: "abandoned long enough",
        });
        note(context, server.instance, "abandoned address freed", formatIpv4(address));
      }
    }
  }
  state.abandonedDueMs = next;
}
