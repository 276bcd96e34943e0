import { BindingState } from "@leasewire/bindings";
import { type Context6, note } from "./context.ts";
import { dropOffer } from "./offers.ts";
import { reconfigureDue } from "./reconfigure.ts";
import type { Server6State } from "./state.ts";

/** Milliseconds since 1970 of the next thing that is due; null when nothing is. */
export function nextServerDeadlineMs6(state: Server6State): number | null {
  let due = Number.POSITIVE_INFINITY;
  if (state.offers.first !== undefined) due = state.offers.first.expiresAtMs;
  if (state.declined.first !== undefined) due = Math.min(due, state.declined.first.dueSeconds * 1000);
  for (const one of state.reconfigures.values()) due = Math.min(due, one.dueMs);
  return due === Number.POSITIVE_INFINITY ? null : due;
}

export function onDeadline(context: Context6): void {
  const { state } = context;
  const { duePerStepMax } = state.limits;
  endOffers(context, duePerStepMax);
  freeDeclined(context, duePerStepMax);
  if (state.reconfigures.size > 0) reconfigureDue(context, duePerStepMax);
}

export function endOffers({ state, now, out, nowSeconds }: Context6, max: number): void {
  const context = { state, now, out, nowSeconds };
  for (let done = 0; done < max; done += 1) {
    const first = state.offers.first;
    if (first === undefined || first.expiresAtMs > now) return;
    dropOffer(state, first);
    note(context, first.server.instance, "offer expired");
  }
}

/** A declined address that was left alone long enough is free again. */
function freeDeclined(context: Context6, max: number): void {
  const { state, nowSeconds, out } = context;
  const { table } = state;
  for (let done = 0; done < max; done += 1) {
    const first = state.declined.first;
    if (first === undefined || first.dueSeconds > nowSeconds) return;
    state.declined.remove(first);
    const row = table.byPrefix(first.instance, first.address, 128);
    if (row <= 0 || table.stateOf(row) !== BindingState.ABANDONED) continue;
    // Declined anew meanwhile: that has an entry of its own.
    if (table.expiresAtSecondsOf(row) > nowSeconds) continue;
    out.changes.push({
      binding: {
        ...table.at(row)!,
        state: BindingState.AVAILABLE,
        startTimeOfStateSeconds: nowSeconds,
        expiresAtSeconds: nowSeconds,
        origin: "server",
      },
      cause: "declined long ago",
    });
    note(context, first.instance, "declined address freed");
  }
}
