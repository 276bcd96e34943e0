import { emptyServerOutput } from "../server-common/messages.ts";
import { onConfiguration } from "./configuration.ts";
import type { Context6 } from "./context.ts";
import { endOffers, onDeadline } from "./deadline.ts";
import { followTable } from "./follow-table.ts";
import type { Server6Input, Server6Output } from "./messages.ts";
import { freeUnstored } from "./offers.ts";
import { onDatagram, onMessage } from "./receive.ts";
import { onReconfigure } from "./reconfigure.ts";
import type { Server6State } from "./state.ts";

/**
 * The DHCPv6 servers: decides what an input leads to. Changes `state` in place, and nothing else; the same state, inputs, times
 * and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. `changes` go to the binding table before the next step; a send with `promises` leaves when
 * they are durable.
 */
export function step6(state: Server6State, input: Server6Input, now: number): Server6Output {
  const context: Context6 = { state, now, nowSeconds: Math.floor(now / 1000), out: emptyServerOutput() };
  followTable(state, state.limits.tableChangesPerStepMax);
  switch (input.kind) {
    case "datagram":
      // Offers that are over are free for this client.
      endOffers(context, 4);
      onDatagram(context, input.arrival, input.bytes);
      break;
    case "message":
      endOffers(context, 4);
      onMessage(context, input.arrival, input.message);
      break;
    case "configuration":
      onConfiguration(context, input.servers, input.localAddresses ?? []);
      break;
    case "granting":
      state.granting = input.allowed;
      break;
    case "cleared":
      // What is RESET in the table was learnt of there; what was removed from it, or refused by it, is learnt of here.
      freeUnstored(state, input.binding);
      break;
    case "reconfigure":
      onReconfigure(context, input.request);
      break;
    case "deadline":
      onDeadline(context);
      break;
  }
  return context.out;
}
