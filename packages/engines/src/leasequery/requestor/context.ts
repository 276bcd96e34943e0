import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { RequestorOutput } from "./messages.ts";
import { type DropReason, explainReason, type NoteName } from "./reasons.ts";
import { relayKey } from "./relay.ts";
import type { Exchange, RelayCounters, RequestorState, Run } from "./state.ts";

/** One step under way: where it reads, when it happens, what it leads to. */
export interface Context {
  readonly state: RequestorState;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly out: RequestorOutput;
}

export function countersOf(context: Context, family: Family, instance: InstanceName): RelayCounters {
  const key = relayKey(family, instance);
  let counters = context.state.counters.get(key);
  if (counters === undefined) {
    counters = {
      family,
      instance,
      sinceMs: context.now,
      leasequerySinceMs: context.now,
      totalQueries: 0,
      totalAttempts: 0,
      replyPacketRetries: 0,
      repliesGivenUp: 0,
      drops: new Map(),
      notes: new Map(),
      received: new Map(),
      sent: new Map(),
    };
    context.state.counters.set(key, counters);
  }
  return counters;
}

export function increase(context: Context, counters: Map<string, number>, name: string, by = 1): void {
  const value = counters.get(name);
  if (value === undefined && counters.size >= context.state.limits.counterNamesMax) return;
  counters.set(name, (value ?? 0) + by);
}

/** Counts and traces a drop. `name` is the reason, or `malformed CODE`. */
export function countDrop(
  context: Context,
  family: Family,
  instance: InstanceName,
  name: DropReason | `malformed ${string}`,
  text: string = explainReason(name),
): void {
  increase(context, countersOf(context, family, instance).drops, name);
  context.out.notes.push({ family, instance, kind: "drop", name, text });
}

export function countNote(
  context: Context,
  family: Family,
  instance: InstanceName,
  name: NoteName,
  by = 1,
  text: string = explainReason(name),
): void {
  increase(context, countersOf(context, family, instance).notes, name, by);
  context.out.notes.push({ family, instance, kind: "note", name, text });
}

export function recordExchange(context: Context, run: Run, exchange: Exchange): void {
  const { exchangesPerRunMax, exchangeBytesPerRunMax } = context.state.limits;
  context.out.runs.add(run.id);
  if (
    run.exchanges.length >= exchangesPerRunMax ||
    run.exchangeBytes + exchange.bytes.length > exchangeBytesPerRunMax
  ) {
    run.exchangesLeftOut += 1;
    return;
  }
  run.exchanges.push(exchange);
  run.exchangeBytes += exchange.bytes.length;
}

export function xidText(xid: number): string {
  return `0x${xid.toString(16).padStart(6, "0")}`;
}

export function peerText(address: string, port: number): string {
  return `${address}#${port}`;
}
