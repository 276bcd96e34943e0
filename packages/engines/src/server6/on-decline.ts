import { BindingState } from "@leasewire/bindings";
import { formatIpv6 } from "@leasewire/net";
import { endedBinding, secondsFromNow } from "./binding.ts";
import { note } from "./context.ts";
import type { Exchange6 } from "./exchange.ts";
import { answerEnding, endNamed } from "./on-release.ts";

/** RFC 9915 §18.3.8: addresses found in use by somebody else are left alone. A prefix cannot be declined. */
export function onDecline(exchange: Exchange6): void {
  const { state, nowSeconds, out } = exchange.context;
  const { instance } = exchange.server;
  const dueSeconds = secondsFromNow(nowSeconds, state.limits.declinedRetentionSeconds);
  const ias = exchange.request.ias.filter(({ kind }) => kind !== "pd");
  const unbound = endNamed(exchange, ias, ({ row, address }) => {
    out.changes.push({ binding: endedBinding(exchange, row, BindingState.ABANDONED, dueSeconds), cause: "DECLINE" });
    state.declined.push({ instance, address, dueSeconds, earlier: undefined, later: undefined });
    note(exchange.context, instance, "address declined", formatIpv6(address));
  });
  answerEnding(exchange, unbound);
}
