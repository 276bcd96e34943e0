import type { Context } from "./context.ts";
import type { Ledger, Teller } from "./state.ts";

/** The base-times of the server that tells. */
export function ledgerOf(context: Context, { relay, address }: Pick<Teller, "relay" | "address">): Ledger {
  const { family, instance } = relay;
  const { ledgers, limits } = context.state;
  const key = `${family}|${instance}|${address}`;
  let ledger = ledgers.get(key);
  if (ledger === undefined) {
    if (ledgers.size >= limits.baseTimesMax)
      for (const [oldest] of ledgers) {
        ledgers.delete(oldest);
        break;
      }
    ledger = { family, instance, server: address, durableSeconds: null, pending: [], leasesLast: null };
    ledgers.set(key, ledger);
  }
  return ledger;
}

/**
 * Everything the server told before this base-time is in the table: once that is stored, a later query may begin here
 * (RFC 6926 §7.4, RFC 7724 §7.3). Only the moment waited for and the latest are kept.
 */
export function noteBaseTime(context: Context, teller: Teller, seconds: number): void {
  const ledger = ledgerOf(context, teller);
  const latest = ledger.pending.at(-1)?.seconds ?? ledger.durableSeconds ?? -1;
  if (seconds <= latest) return;
  const entry = { seconds, sequence: context.state.tables[ledger.family].sequence };
  if (ledger.pending.length < 2) ledger.pending.push(entry);
  else ledger.pending[1] = entry;
  settleLedger(context, ledger);
}

/** What was told before is not sure to be held any more: a later query begins from nothing, after a restart as well. */
export function forgetBaseTimes(context: Context, teller: Pick<Teller, "relay" | "address">): void {
  const ledger = ledgerOf(context, teller);
  const { family, instance, server } = ledger;
  ledger.durableSeconds = null;
  ledger.pending.length = 0;
  ledger.leasesLast = null;
  context.out.baseTimes.push({ family, instance, server, baseTimeSeconds: 0 });
}

export function onDurable(context: Context, family: 4 | 6, sequence: number): void {
  if (sequence <= context.state.durable[family]) return;
  context.state.durable[family] = sequence;
  for (const ledger of context.state.ledgers.values()) if (ledger.family === family) settleLedger(context, ledger);
}

function settleLedger(context: Context, ledger: Ledger): void {
  const durable = context.state.durable[ledger.family];
  let stored = false;
  while (ledger.pending[0] !== undefined && ledger.pending[0].sequence <= durable) {
    ledger.durableSeconds = ledger.pending.shift()!.seconds;
    stored = true;
  }
  if (!stored || ledger.durableSeconds === null) return;
  const { family, instance, server, durableSeconds } = ledger;
  context.out.baseTimes.push({ family, instance, server, baseTimeSeconds: durableSeconds });
}
