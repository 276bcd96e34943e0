import type { InstanceName } from "@leasewire/net";
import type { RelayOutput } from "../relay-common/messages.ts";
import { increase } from "../server-common/counters.ts";
import type { RelayDropReason4, RelayNoteName4 } from "./reasons.ts";
import { countersOf, type Relay4State } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context4 {
  readonly state: Relay4State;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly nowSeconds: number;
  readonly out: RelayOutput;
}

/** Why a message goes no further. */
export interface Drop {
  readonly reason: RelayDropReason4 | `malformed ${string}`;
  readonly text: string;
}

export function dropped(reason: Drop["reason"], text: string): Drop {
  return { reason, text };
}

/** Counts and traces a message that goes no further. */
export function countDrop(context: Context4, instance: InstanceName, { reason, text }: Drop): void {
  increase(countersOf(context.state, instance, context.now).drops, reason);
  context.out.notes.push({ instance, kind: "drop", reason, text });
}

/** Counts and traces what is worth a line. */
export function note(context: Context4, instance: InstanceName, reason: RelayNoteName4, text?: string): void {
  count(context, instance, reason);
  context.out.notes.push({ instance, kind: "note", reason, text });
}

/** Counts what happens too often for a line each. */
export function count(context: Context4, instance: InstanceName, reason: RelayNoteName4): void {
  increase(countersOf(context.state, instance, context.now).notes, reason);
}
