import { BindingState } from "@leasewire/bindings";
import { MessageType6 } from "@leasewire/wire";
import { type Context6, count, note } from "./context.ts";
import { endExchange } from "./exchanges.ts";
import { followTable, isBehind } from "./follow-table.ts";
import { endLeasesNamed } from "./learn.ts";
import { messageEnd, scan, scanMessage } from "./scan.ts";
import type { Relay6State } from "./state.ts";

/** Changes of the table are looked at that soon although no packet arrives. */
const FOLLOW_MS = 100;
/** Exchanges end on whole seconds: a deadline that moved with every packet would cost a timer each. */
const EXCHANGE_END_MS = 1000;

/** Milliseconds since 1970 of the next thing that is due; null when nothing is. */
export function nextRelayDeadlineMs6(state: Relay6State): number | null {
  let due = Number.POSITIVE_INFINITY;
  const { first } = state.exchanges;
  if (first !== undefined) due = Math.ceil(first.expiresAtMs / EXCHANGE_END_MS) * EXCHANGE_END_MS;
  if (state.declined.first !== undefined) due = Math.min(due, state.declined.first.dueSeconds * 1000);
  if (!state.caughtUp) due = Math.min(due, state.nowMs);
  else if (isBehind(state)) due = Math.min(due, (Math.floor(state.nowMs / FOLLOW_MS) + 1) * FOLLOW_MS);
  return due === Number.POSITIVE_INFINITY ? null : due;
}

export function onDeadline(context: Context6): void {
  const { limits } = context.state;
  followTable(context, limits.tableChangesPerDeadlineMax);
  endExchanges(context, limits.duePerStepMax);
  freeDeclined(context, limits.duePerStepMax);
}

/** No answer came. What a RELEASE names the client uses no more all the same (RFC 9915 §18.2.7). */
function endExchanges(context: Context6, max: number): void {
  const { state, now } = context;
  for (let done = 0; done < max; done += 1) {
    const { first } = state.exchanges;
    if (first === undefined || first.expiresAtMs > now) return;
    const { relay, sent, messageAt } = first;
    if (first.messageType === MessageType6.RELEASE && scanMessage(sent, messageAt, messageEnd(sent, messageAt))) {
      endLeasesNamed(context, relay, first, sent.subarray(scan.duidFrom, scan.duidTo), BindingState.RELEASED);
      count(context, relay.instance, "release unanswered");
    } else count(context, relay.instance, "exchange unanswered");
    endExchange(state, first);
  }
}

/** Nobody else ends the binding of a declined address. */
function freeDeclined(context: Context6, max: number): void {
  const { state, nowSeconds, out } = context;
  const { table } = state;
  for (let done = 0; done < max; done += 1) {
    const { first } = state.declined;
    if (first === undefined || first.dueSeconds > nowSeconds) return;
    state.declined.remove(first);
    const { row, generation } = first;
    if (!table.has(row) || table.generation(row) !== generation || table.stateOf(row) !== BindingState.ABANDONED)
      continue;
    // Declined anew meanwhile: that has an entry of its own.
    if (table.startTimeOfStateSecondsOf(row) + state.limits.declinedRetentionSeconds > nowSeconds) continue;
    const stored = table.at(row)!;
    out.changes.push({
      binding: {
        ...stored,
        state: BindingState.AVAILABLE,
        startTimeOfStateSeconds: nowSeconds,
        expiresAtSeconds: nowSeconds,
        origin: "gleaned",
      },
      cause: "declined long ago",
    });
    note(context, stored.instance, "declined address freed");
  }
}
