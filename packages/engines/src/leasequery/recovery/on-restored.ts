import type { Context } from "./context.ts";
import { ledgerOf } from "./ledger.ts";
import type { RecoveryInput } from "./messages.ts";
import { ownRun } from "./runs.ts";
import { keepStreams } from "./streams.ts";

/** The stored bindings are back: base-times count for relays that have theirs, and what begins by itself begins. */
export function onRestored(context: Context, { bound, baseTimes }: Extract<RecoveryInput, { kind: "restored" }>): void {
  const { state } = context;
  if (state.restored) return;
  state.restored = true;
  for (const { family, instance, server, baseTimeSeconds } of baseTimes) {
    const relay = state.relays.get(`${family}|${instance}`);
    if (relay === undefined || baseTimeSeconds === 0) continue;
    if (bound(family, instance) === 0) {
      // A relay that has lost its bindings begins from nothing. If it falls over again before everything is back, what it
      // has by then must not make the old base-time count.
      context.out.baseTimes.push({ family, instance, server, baseTimeSeconds: 0 });
      continue;
    }
    ledgerOf(context, { relay, address: server }).durableSeconds = baseTimeSeconds;
  }
  for (const relay of state.relays.values()) {
    keepStreams(context, relay);
    const { bulk, active } = relay.configured;
    // A stream begins with a bulk answer of its own.
    if (relay.family === 6 && bulk.triggerAutomatic && active === undefined && bound(6, relay.instance) === 0)
      ownRun(context, relay, { prefix: "auto", cause: "automatic", command: "trigger automatic" });
  }
}
