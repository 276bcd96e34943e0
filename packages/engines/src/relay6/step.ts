import { emptyRelayOutput, type RelayOutput } from "../relay-common/messages.ts";
import { onConfiguration } from "./configuration.ts";
import type { Context6 } from "./context.ts";
import { onDeadline } from "./deadline.ts";
import { followTable } from "./follow-table.ts";
import type { Relay6Input } from "./messages.ts";
import { onDatagram } from "./receive.ts";
import { onCleared } from "./release.ts";
import { onRestoring } from "./restoring.ts";
import { endRoutes } from "./routes.ts";
import type { Relay6State } from "./state.ts";

/**
 * The DHCPv6 relay agents (RFC 9915 §19): decides what an input leads to. Changes `state` in place, and nothing else; the same
 * state, table, inputs, times and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. `changes` go to the binding table before the next step; sends leave at once.
 */
export function stepRelay6(state: Relay6State, input: Relay6Input, now: number): RelayOutput {
  const context: Context6 = { state, now, nowSeconds: Math.floor(now / 1000), out: emptyRelayOutput() };
  state.nowMs = now;
  switch (input.kind) {
    case "datagram":
      followTable(context, state.limits.tableChangesPerStepMax);
      onDatagram(context, input.arrival, input.bytes);
      break;
    case "configuration":
      onConfiguration(context, input.relays, input.interfaces, input.hostName);
      endRoutes(context);
      break;
    case "restoring":
      onRestoring(context, input.instance, input.address, input.prefixLength ?? 128, input.done === true);
      break;
    case "cleared":
      onCleared(context, input.binding);
      break;
    case "deadline":
      onDeadline(context);
      break;
  }
  return context.out;
}
