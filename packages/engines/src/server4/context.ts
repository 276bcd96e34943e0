import type { InstanceName } from "@leasewire/net";
import { increase } from "../server-common/counters.ts";
import type { ServerOutput } from "../server-common/messages.ts";
import type { DropReason4, NoteName4 } from "./reasons.ts";
import { countersOf, type Server4State } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context4 {
  readonly state: Server4State;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly nowSeconds: number;
  readonly out: ServerOutput;
}

/** Counts and traces a message that is not answered. */
export function drop(
  context: Context4,
  instance: InstanceName,
  reason: DropReason4 | `malformed ${string}`,
  text?: string,
): void {
  increase(countersOf(context.state, instance, context.now).drops, reason);
  context.out.notes.push({ instance, kind: "drop", reason, text });
}

export function note(context: Context4, instance: InstanceName, reason: NoteName4, text?: string, by = 1): void {
  increase(countersOf(context.state, instance, context.now).notes, reason, by);
  context.out.notes.push({ instance, kind: "note", reason, text });
}
