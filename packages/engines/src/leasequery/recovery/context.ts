import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { RecoveryOutput } from "./messages.ts";
import { explainRecoveryReason, type RecoveryDropReason, type RecoveryNoteName } from "./reasons.ts";
import type { Counters, RecoveryState, Relay, Teller } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context {
  readonly state: RecoveryState;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly out: RecoveryOutput;
}

/** Of a relay: made once, as every message is counted. */
export function countersOf(context: Context, relay: Relay): Counters {
  relay.counters ??= countersAt(context, relay.family, relay.instance);
  return relay.counters;
}

function countersAt(context: Context, family: Family, instance: InstanceName): Counters {
  const key = `${family}|${instance}`;
  let counters = context.state.counters.get(key);
  if (counters === undefined) {
    counters = {
      family,
      instance,
      sinceMs: context.now,
      requested: 0,
      attempted: 0,
      connected: 0,
      terminatedByServer: 0,
      reachedMaxAttempts: 0,
      closedDueToError: 0,
      replyPacketRetries: 0,
      replyMaxRetried: 0,
      drops: new Map(),
      notes: new Map(),
      received: new Map(),
      sent: new Map(),
    };
    context.state.counters.set(key, counters);
  }
  return counters;
}

export function increase(context: Context, map: Map<string, number>, name: string, by = 1): void {
  const value = map.get(name);
  if (value === undefined && map.size >= context.state.limits.counterNamesMax) return;
  map.set(name, (value ?? 0) + by);
}

/**
 * Counts what was dropped; traced once for each name and step, as a server can repeat itself a thousand times in one read.
 */
export function countDrop(
  context: Context,
  relay: Relay,
  name: RecoveryDropReason | `malformed ${string}`,
  text: string = explainRecoveryReason(name),
): void {
  const { family, instance } = relay;
  increase(context, countersOf(context, relay).drops, name);
  trace(context, family, instance, "drop", name, text);
}

export function countNote(context: Context, relay: Relay, name: RecoveryNoteName, by = 1): void {
  const { family, instance } = relay;
  increase(context, countersOf(context, relay).notes, name, by);
  trace(context, family, instance, "note", name, explainRecoveryReason(name));
}

/** A lease that was told and cannot be used. */
export function refuseLease(
  context: Context,
  teller: Teller,
  name: RecoveryDropReason | `malformed ${string}`,
  text?: string,
): void {
  increase(context, teller.tally.refused, name);
  countDrop(context, teller.relay, name, text);
}

function trace(
  context: Context,
  family: Family,
  instance: InstanceName,
  kind: "drop" | "note",
  name: string,
  text: string,
): void {
  const { notes } = context.out;
  for (let i = notes.length - 1; i >= 0 && i >= notes.length - 8; i -= 1) if (notes[i]!.name === name) return;
  if (notes.length < notesPerStepMax) notes.push({ family, instance, kind, name, text });
}

const notesPerStepMax = 100;
