import { duidLengthMax, duidLengthMin, equalBytes, isIpv6Unspecified } from "@leasewire/net";
import {
  decodeMessage6,
  hopCountLimit,
  type Message6,
  MessageType6,
  messageTypeName6,
  type RelayMessage6,
  relayChain6,
} from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import type { Arrival } from "../server-common/messages.ts";
import { isLinkLocal, linkOf } from "./configuration.ts";
import { type Context6, drop } from "./context.ts";
import { beginExchange } from "./exchange.ts";
import { onConfirm } from "./on-confirm.ts";
import { onDecline } from "./on-decline.ts";
import { onInformationRequest } from "./on-information-request.ts";
import { onRelease } from "./on-release.ts";
import { onRebind, onRenew } from "./on-renew.ts";
import { onRequest } from "./on-request.ts";
import { onSolicit } from "./on-solicit.ts";
import type { DropReason6 } from "./reasons.ts";
import { reconfigureAnswered } from "./reconfigure.ts";
import { type Request6, readRequest } from "./request.ts";
import type { Link6, Server6 } from "./state.ts";

export function onDatagram(context: Context6, arrival: Arrival, bytes: Uint8Array): void {
  if (bytes.length > context.state.limits.requestOctetsMax) {
    drop(context, arrival.instance, "message too long");
    return;
  }
  const decoded = decodeMessage6(bytes);
  if (decoded.ok) onMessage(context, arrival, decoded.value);
  else drop(context, arrival.instance, `malformed ${decoded.error.code}`, decoded.error.message);
}

export function onMessage(context: Context6, arrival: Arrival, received: Message6 | RelayMessage6): void {
  const { state } = context;
  const { instance } = arrival;
  const server = state.servers.get(instance);
  if (server === undefined) {
    drop(context, instance, "no server");
    return;
  }
  if (received.bytes.length > state.limits.requestOctetsMax) {
    drop(context, instance, "message too long");
    return;
  }
  const chain = relayChain6(received);
  if (!chain.ok) {
    drop(context, instance, `malformed ${chain.error.code}`, chain.error.message);
    return;
  }
  const { relays, message } = chain.value;
  const type = messageTypeName6(message?.messageType ?? -1) ?? "unknown";
  increase(server.counters.received, type);
  const reason = faultOfRelays(relays, message);
  if (reason !== undefined || message === undefined) {
    drop(context, instance, reason ?? "relay message empty");
    return;
  }
  // §16: what a client multicasts is for us; a relay unicasts.
  if (relays.length === 0 && arrival.unicast) {
    drop(context, instance, "unicast from a client");
    return;
  }
  const request = readRequest(message, state.temporaryAddresses, state.limits);
  if (typeof request === "string") {
    drop(context, instance, request);
    return;
  }
  const fault = faultOf(server, request);
  if (fault !== undefined) {
    drop(context, instance, fault);
    return;
  }
  dispatch(context, server, arrival, relays, request);
}

/** RFC 9915 §9.1, §7.6, §16.14. A hop-count of HOP_COUNT_LIMIT may still arrive: the last relay that may forward sends it. */
function faultOfRelays(relays: readonly RelayMessage6[], message: Message6 | undefined): DropReason6 | undefined {
  for (const relay of relays) {
    if (relay.messageType !== MessageType6["RELAY-FORW"]) return "wrong message type";
    if (relay.hopCount > hopCountLimit) return "hop count";
  }
  return message === undefined ? "relay message empty" : undefined;
}

/** The rules of RFC 9915 §16 for messages that a server takes part in. */
function faultOf(server: Server6, { messageType, duid, serverDuid, hasIa }: Request6): DropReason6 | undefined {
  switch (messageType) {
    case MessageType6.SOLICIT:
    case MessageType6.CONFIRM:
    case MessageType6.REBIND:
      if (duid === undefined) return "no client-id";
      if (serverDuid !== undefined) return "server-id present";
      break;
    case MessageType6.REQUEST:
    case MessageType6.RENEW:
    case MessageType6.RELEASE:
    case MessageType6.DECLINE:
      if (serverDuid === undefined) return "no server-id";
      if (!equalBytes(serverDuid, server.duid)) return "other server chosen";
      if (duid === undefined) return "no client-id";
      break;
    case MessageType6["INFORMATION-REQUEST"]:
      if (serverDuid !== undefined && !equalBytes(serverDuid, server.duid)) return "other server chosen";
      if (hasIa) return "ia in information-request";
      break;
    default:
      return "wrong message type";
  }
  return duid !== undefined && (duid.length < duidLengthMin || duid.length > duidLengthMax)
    ? "client-id length"
    : undefined;
}

function dispatch(
  context: Context6,
  server: Server6,
  arrival: Arrival,
  relays: readonly RelayMessage6[],
  request: Request6,
): void {
  const { instance } = server;
  const { messageType } = request;
  const link = linkOfClient(context, server, arrival, relays);
  const ending = messageType === MessageType6.RELEASE || messageType === MessageType6.DECLINE;
  const promising = messageType !== MessageType6.CONFIRM && messageType !== MessageType6["INFORMATION-REQUEST"];
  if (!context.state.granting && promising) {
    // An ADVERTISE would only bring a REQUEST that has to go unanswered.
    drop(context, instance, "granting paused");
    return;
  }
  // A lease can be ended wherever the client is now; everything else depends on the link.
  if (!ending && messageType !== MessageType6["INFORMATION-REQUEST"] && link.pools.length === 0) {
    drop(context, instance, "no pool");
    return;
  }
  const exchange = beginExchange(context, server, link, arrival, relays, request, request.duid ?? NO_DUID);
  if (request.duid !== undefined && context.state.reconfigures.size > 0) reconfigureAnswered(exchange);
  switch (messageType) {
    case MessageType6.SOLICIT:
      onSolicit(exchange);
      break;
    case MessageType6.REQUEST:
      onRequest(exchange);
      break;
    case MessageType6.RENEW:
      onRenew(exchange);
      break;
    case MessageType6.REBIND:
      onRebind(exchange);
      break;
    case MessageType6.CONFIRM:
      onConfirm(exchange);
      break;
    case MessageType6.RELEASE:
      onRelease(exchange);
      break;
    case MessageType6.DECLINE:
      onDecline(exchange);
      break;
    case MessageType6["INFORMATION-REQUEST"]:
      onInformationRequest(exchange);
      break;
  }
}

const NO_DUID = new Uint8Array(0);
const NO_LINK: Link6 = {
  address: undefined,
  pools: [],
  addressPools: [],
  prefixPools: [],
  addressRanges: [],
  prefixRanges: [],
};

/**
 * The link the client is on (RFC 9915 §13.1): that of the link-address nearest to the client that says something (RFC 6221 has
 * `::` ignored, and a link-local one names no link by itself), else that of the interface the message came in on.
 */
function linkOfClient(context: Context6, server: Server6, arrival: Arrival, relays: readonly RelayMessage6[]): Link6 {
  for (let i = relays.length - 1; i >= 0; i -= 1) {
    const { linkAddress } = relays[i]!;
    if (!isIpv6Unspecified(linkAddress) && !isLinkLocal(linkAddress))
      return linkOf(server, linkAddress, context.state.limits);
  }
  return (arrival.interfaceName === undefined ? undefined : server.interfaces.get(arrival.interfaceName)) ?? NO_LINK;
}
