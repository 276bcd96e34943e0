import type { InstanceName } from "@leasewire/net";
import type { RelayOutput } from "../relay-common/messages.ts";
import { increase } from "../server-common/counters.ts";
import type { RelayDropReason6, RelayNoteName6 } from "./reasons.ts";
import { countersOf, type Relay6State } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context6 {
  readonly state: Relay6State;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly nowSeconds: number;
  readonly out: RelayOutput;
}

/** Counts and traces a message that is not passed on. */
export function drop(
  context: Context6,
  instance: InstanceName,
  reason: RelayDropReason6 | `malformed ${string}`,
  text?: string,
): void {
  increase(countersOf(context.state, instance, context.now).drops, reason);
  context.out.notes.push({ instance, kind: "drop", reason, text });
}

export function note(context: Context6, instance: InstanceName, reason: RelayNoteName6, text?: string, by = 1): void {
  count(context, instance, reason, by);
  context.out.notes.push({ instance, kind: "note", reason, text });
}

/** What happens with every other packet is counted, not traced. */
export function count(context: Context6, instance: InstanceName, reason: RelayNoteName6, by = 1): void {
  increase(countersOf(context.state, instance, context.now).notes, reason, by);
}
