import { MessageType6, messageTypeName6, OptionCode6 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import { type Context6, drop } from "./context.ts";
import { HeadAt } from "./head.ts";
import type { Relay6, ServerTarget } from "./state.ts";

/** `head` and, in RELAY_MSG behind it, the message (RFC 9915 §19.1); undefined: too long, and dropped. */
export function writeMessage(
  context: Context6,
  relay: Relay6,
  head: Uint8Array,
  message: Uint8Array,
): Uint8Array | undefined {
  const headLength = head.length;
  const { length } = message;
  if (headLength + 4 + length - HeadAt.relayForward > context.state.limits.forwardOctetsMax) {
    drop(context, relay.instance, "forward too long");
    return undefined;
  }
  const out = context.state.slab.take(headLength + 4 + length);
  out.set(head, 0);
  out[headLength] = OptionCode6.RELAY_MSG >>> 8;
  out[headLength + 1] = OptionCode6.RELAY_MSG;
  out[headLength + 2] = length >>> 8;
  out[headLength + 3] = length;
  out.set(message, headLength + 4);
  return out;
}

/** To each of the servers; false: there is none, and it is dropped. */
export function passOn(context: Context6, relay: Relay6, servers: readonly ServerTarget[], sent: Uint8Array): boolean {
  if (servers.length === 0) {
    drop(context, relay.instance, "no server");
    return false;
  }
  const bytes = sent.subarray(HeadAt.relayForward);
  for (const to of servers) context.out.sends.push({ instance: relay.instance, bytes, to });
  relay.counters.forwarded.towardsServers += 1;
  increase(relay.counters.sent, RELAY_FORWARD, servers.length);
  return true;
}

const RELAY_FORWARD = messageTypeName6(MessageType6["RELAY-FORW"])!;
