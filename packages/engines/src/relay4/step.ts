import { Op4 } from "@leasewire/wire";
import { emptyRelayOutput, type RelayInput, type RelayOutput } from "../relay-common/messages.ts";
import type { Arrival } from "../server-common/messages.ts";
import { onConfiguration } from "./configuration.ts";
import { type Context4, countDrop, type Drop, dropped } from "./context.ts";
import { expireExchanges } from "./exchanges.ts";
import { onReply } from "./on-reply.ts";
import { onRequest } from "./on-request.ts";
import { onCleared } from "./release.ts";
import { onRestoring } from "./restoring.ts";
import type { Relay4State } from "./state.ts";

/**
 * The DHCPv4 relay agent (RFC 1542 §4, RFC 2131, RFC 3046): passes messages on and learns bindings from them. Changes
 * `state` in place, and nothing else; the same state, table, inputs, times and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. `changes` go to the binding table before the next step; nothing waits for them.
 */
export function stepRelay4(state: Relay4State, input: RelayInput, now: number): RelayOutput {
  const context: Context4 = { state, now, nowSeconds: Math.floor(now / 1000), out: emptyRelayOutput() };
  state.rows.follow(context);
  expireExchanges(context);
  switch (input.kind) {
    case "datagram":
      onDatagram(context, input.arrival, input.bytes);
      break;
    case "configuration":
      onConfiguration(context, input.relays, input.interfaces, input.hostName);
      break;
    case "restoring":
      onRestoring(context, input.instance, input.address, input.done === true);
      break;
    case "cleared":
      onCleared(context, input.binding);
      break;
    case "deadline":
      break;
  }
  return context.out;
}

function onDatagram(context: Context4, arrival: Arrival, bytes: Uint8Array): void {
  const drop = passOn(context, arrival, bytes);
  if (drop !== undefined) countDrop(context, arrival.instance, drop);
}

function passOn(context: Context4, arrival: Arrival, bytes: Uint8Array): Drop | undefined {
  const { state } = context;
  const { instance, sourceAddress } = arrival;
  const relay = state.relays.get(instance);
  if (relay === undefined) return dropped("no relay", sourceAddress);
  if (bytes.length > state.limits.messageOctetsMax) return dropped("message too long", sourceAddress);
  const error = state.message.scan(bytes);
  if (error === "cookie-missing") return dropped("bootp", sourceAddress);
  if (error !== undefined) return dropped(`malformed ${error}`, sourceAddress);
  switch (state.message.op) {
    case Op4.BOOTREQUEST:
      return onRequest(context, relay, arrival);
    case Op4.BOOTREPLY:
      return onReply(context, relay, arrival);
    default:
      return dropped("wrong op", sourceAddress);
  }
}
