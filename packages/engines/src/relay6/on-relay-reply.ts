import { MessageType6, messageTypeName6, OptionCode6 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import { octetsKey } from "../server-common/octets.ts";
import { isGlobal, isReachable, textOfPeer } from "./addresses.ts";
import { type Context6, drop } from "./context.ts";
import { exchangeOf } from "./exchanges.ts";
import { learn } from "./learn.ts";
import { CLIENT_PORT, RELAY_PORT } from "./limits.ts";
import type { RelayArrival6 } from "./messages.ts";
import { findInnermost, innermost, relayOptionAt, scan, scanMessage } from "./scan.ts";
import type { Access6, Exchange6, Relay6 } from "./state.ts";

/**
 * RFC 9915 §19.2: what is in the RELAY-REPL goes as it is to the client, or to the relay agent nearer to it. A RECONFIGURE comes
 * this way as every other message does.
 */
export function onRelayReply(context: Context6, relay: Relay6, arrival: RelayArrival6, bytes: Uint8Array): void {
  const { instance } = relay;
  const messageOption = relayOptionAt(bytes, 0, bytes.length, OptionCode6.RELAY_MSG);
  if (messageOption === -2) {
    drop(context, instance, "malformed option-truncated", arrival.sourceAddress);
    return;
  }
  const from = messageOption + 4;
  const to = messageOption < 0 ? 0 : from + ((bytes[messageOption + 2]! << 8) | bytes[messageOption + 3]!);
  if (messageOption < 0 || to - from < 4) {
    drop(context, instance, "relay message empty", arrival.sourceAddress);
    return;
  }
  const type = bytes[from]!;
  const toRelay = type === MessageType6["RELAY-REPL"];
  if (isLeasequery(type)) {
    drop(context, instance, "leasequery reply to a client", arrival.sourceAddress);
    return;
  }
  const peer = bytes.subarray(18, 34);
  if (!isReachable(peer)) {
    drop(context, instance, "peer address", arrival.sourceAddress);
    return;
  }
  const exchange = exchangeIn(relay, bytes, from, to);
  const access = accessOf(relay, bytes) ?? exchange?.access;
  const peerText = textOfPeer(peer, exchange);
  const port = toRelay ? portDownstream(bytes) : CLIENT_PORT;
  if (access !== undefined) {
    context.out.sends.push({
      instance,
      bytes: bytes.slice(from, to),
      to: { kind: "link", interfaceName: access.name, address: peerText, port },
    });
  } else if (toRelay && isGlobal(peer) && relayOptionAt(bytes, 0, bytes.length, OptionCode6.INTERFACE_ID) === -1) {
    // A relay agent that is on none of our interfaces.
    const localAddress = relay.configuration.listenAddress;
    context.out.sends.push({
      instance,
      bytes: bytes.slice(from, to),
      to: { kind: "server", address: peerText, port, localAddress },
    });
  } else {
    drop(context, instance, "reply for no interface", arrival.sourceAddress);
    return;
  }
  increase(relay.counters.sent, messageTypeName6(type) ?? "unknown");
  relay.counters.forwarded.towardsClients += 1;
  if (innermost.to > 0) learn(context, relay, arrival, exchange, bytes, innermost.from, innermost.to);
}

function isLeasequery(type: number): boolean {
  return (
    type === MessageType6.LEASEQUERY ||
    type === MessageType6["LEASEQUERY-REPLY"] ||
    type === MessageType6["LEASEQUERY-DONE"] ||
    type === MessageType6["LEASEQUERY-DATA"] ||
    type === MessageType6.ACTIVELEASEQUERY
  );
}

/** The exchange that the innermost message belongs to; where that can be read is left in `innermost` and `scan`, `to` 0 if it cannot. */
function exchangeIn(relay: Relay6, bytes: Uint8Array, from: number, to: number): Exchange6 | undefined {
  const found = findInnermost(bytes, from, to, MessageType6["RELAY-REPL"]);
  if (!found || !scanMessage(bytes, innermost.from, innermost.to)) {
    innermost.to = 0;
    return undefined;
  }
  if (scan.duidFrom < 0) return undefined;
  const at = innermost.from;
  const transactionId = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return exchangeOf(relay, octetsKey(bytes.subarray(scan.duidFrom, scan.duidTo)), transactionId);
}

/** Interface-ID names the interface, else link-address does (§19.2). */
function accessOf(relay: Relay6, bytes: Uint8Array): Access6 | undefined {
  const at = relayOptionAt(bytes, 0, bytes.length, OptionCode6.INTERFACE_ID);
  if (at >= 0) {
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    const named = relay.byInterfaceId.find(bytes.subarray(at + 4, end));
    if (named !== undefined) return named;
  }
  return relay.byLinkAddress.get(octetsKey(bytes.subarray(2, 18))) ?? undefined;
}

/** RFC 8357 §5.2. */
function portDownstream(bytes: Uint8Array): number {
  const at = relayOptionAt(bytes, 0, bytes.length, OptionCode6.RELAY_PORT);
  if (at < 0 || bytes[at + 3] !== 2 || bytes[at + 2] !== 0) return RELAY_PORT;
  return (bytes[at + 4]! << 8) | bytes[at + 5]! || RELAY_PORT;
}
