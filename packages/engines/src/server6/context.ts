import type { InstanceName } from "@leasewire/net";
import { increase } from "../server-common/counters.ts";
import type { Server6Output } from "./messages.ts";
import type { DropReason6, NoteName6 } from "./reasons.ts";
import { countersOf, type Server6State } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context6 {
  readonly state: Server6State;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly nowSeconds: number;
  readonly out: Server6Output;
}

/** Counts and traces a message that is not answered. */
export function drop(
  context: Context6,
  instance: InstanceName,
  reason: DropReason6 | `malformed ${string}`,
  text?: string,
): void {
  increase(countersOf(context.state, instance, context.now).drops, reason);
  context.out.notes.push({ instance, kind: "drop", reason, text });
}

export function note(context: Context6, instance: InstanceName, reason: NoteName6, text?: string, by = 1): void {
  increase(countersOf(context.state, instance, context.now).notes, reason, by);
  context.out.notes.push({ instance, kind: "note", reason, text });
}
