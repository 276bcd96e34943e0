import { MessageType6, messageTypeName6 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import { type Context6, drop } from "./context.ts";
import type { RelayArrival6 } from "./messages.ts";
import { onClientMessage } from "./on-client-message.ts";
import { onRelayForward } from "./on-relay-forward.ts";
import { onRelayReply } from "./on-relay-reply.ts";
import type { RelayDropReason6 } from "./reasons.ts";

/** What a relay agent does with a message: RFC 9915 §16, §19, by type and by the side it came from. */
export function onDatagram(context: Context6, arrival: RelayArrival6, bytes: Uint8Array): void {
  const { instance, interfaceName } = arrival;
  const relay = context.state.relays.get(instance);
  if (relay === undefined) {
    drop(context, instance, "no relay");
    return;
  }
  if (bytes.length < 4) {
    drop(context, instance, "malformed message-truncated");
    return;
  }
  if (bytes.length > context.state.limits.messageOctetsMax) {
    drop(context, instance, "message too long");
    return;
  }
  const type = bytes[0]!;
  increase(relay.counters.received, messageTypeName6(type) ?? "unknown");
  const access = interfaceName === undefined ? undefined : relay.access.get(interfaceName);
  if (interfaceName !== undefined && access === undefined) {
    drop(context, instance, "interface unknown", interfaceName);
    return;
  }
  if (type === MessageType6["RELAY-REPL"]) {
    if (access === undefined) onRelayReply(context, relay, arrival, bytes);
    else drop(context, instance, "relay-reply from an access interface", arrival.sourceAddress);
    return;
  }
  if (access?.configuration.overrides.disableRelay) {
    drop(context, instance, "relay disabled");
    return;
  }
  if (type === MessageType6["RELAY-FORW"]) {
    onRelayForward(context, relay, access, arrival, bytes);
    return;
  }
  const fault = faultOfType(type);
  if (fault !== undefined) drop(context, instance, fault, arrival.sourceAddress);
  else if (access === undefined) drop(context, instance, "client message without interface", arrival.sourceAddress);
  else onClientMessage(context, relay, access, arrival, bytes);
}

/** Types that are not for relay agents. What is unknown is passed on (RFC 9915 §19). */
function faultOfType(type: number): RelayDropReason6 | undefined {
  switch (type) {
    case MessageType6.LEASEQUERY:
      return "leasequery from a client";
    case MessageType6["LEASEQUERY-REPLY"]:
      return "leasequery reply";
    case MessageType6.ADVERTISE:
    case MessageType6.REPLY:
    case MessageType6.RECONFIGURE:
    case MessageType6["LEASEQUERY-DONE"]:
    case MessageType6["LEASEQUERY-DATA"]:
    case MessageType6["RECONFIGURE-REQUEST"]:
    case MessageType6["RECONFIGURE-REPLY"]:
    case MessageType6["DHCPV4-RESPONSE"]:
    case MessageType6.ACTIVELEASEQUERY:
    case MessageType6.STARTTLS:
    case MessageType6["ADDR-REG-REPLY"]:
      return "not for relay agents";
  }
  return type >= MessageType6.BNDUPD && type <= MessageType6.CONTACT ? "not for relay agents" : undefined;
}
