import { BindingState } from "@leasewire/bindings";
import { type BindingCommon, bindingCommon, endedBinding, grantedBinding } from "./binding.ts";
import type { Exchange6, IaAnswer } from "./exchange.ts";
import { dropOffer, offer, offerOf, takeUp } from "./offers.ts";

/** Keeps what the answers promise for a while; what runs already needs no offer. */
export function offerAll(exchange: Exchange6): void {
  const { context, server } = exchange;
  for (const { ia, leases } of exchange.answers) {
    for (const lease of leases) {
      if (lease.row > 0) continue;
      offer(context.state, server, exchange.duidKey, ia, lease, context.now);
    }
  }
}

/** Makes the leases of the answers the client's: they are changes of this step, and what was offered is taken up. */
export function grantAll(exchange: Exchange6, cause: string): void {
  let common: BindingCommon | undefined;
  for (const answer of exchange.answers) {
    if (answer.leases.length === 0) continue;
    common ??= bindingCommon(exchange);
    grant(exchange, answer, cause, common);
  }
}

function grant(exchange: Exchange6, { ia, leases }: IaAnswer, cause: string, common: BindingCommon): void {
  const { context, server } = exchange;
  const { state, out } = context;
  const made = offerOf(server, exchange.duidKey, ia);
  let tookUp = false;
  for (const lease of leases) {
    out.changes.push({ binding: grantedBinding(exchange, ia, lease, common), cause });
    // The row follows with the next step: until then nobody else may be offered it.
    if (lease.range !== undefined && lease.range.unit === lease.length) lease.range.taken?.add(lease.slot);
    if (made !== undefined && made.slot === lease.slot && made.range === lease.range) tookUp = true;
  }
  if (made === undefined) return;
  if (tookUp) takeUp(state, made);
  else dropOffer(state, made);
}

/** Ends running leases of the client in the table; `rows` are its own. */
export function endRows(exchange: Exchange6, rows: readonly number[], cause: string): void {
  for (const row of rows) {
    exchange.context.out.changes.push({
      binding: endedBinding(exchange, row, BindingState.EXPIRED, exchange.context.nowSeconds),
      cause,
    });
  }
}
