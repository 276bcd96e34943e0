import { duidLengthMax, duidLengthMin } from "@leasewire/net";
import { MessageType6 } from "@leasewire/wire";
import { octetsKey } from "../server-common/octets.ts";
import { isReachable, octetsOfSource } from "./addresses.ts";
import { isOverClientLimit, isUnknownClient } from "./clients.ts";
import { type Context6, drop } from "./context.ts";
import { awaitReply } from "./exchanges.ts";
import { passOn, writeMessage } from "./forward.ts";
import { HeadAt, makeHead, relayParts } from "./head.ts";
import type { RelayArrival6 } from "./messages.ts";
import { option82Of } from "./option82.ts";
import type { RelayDropReason6 } from "./reasons.ts";
import { isBeingRestored } from "./restoring.ts";
import { scan, scanMessage } from "./scan.ts";
import type { Access6, Relay6 } from "./state.ts";

/** RFC 9915 §19.1.1: a client on an access interface. */
export function onClientMessage(
  context: Context6,
  relay: Relay6,
  access: Access6,
  arrival: RelayArrival6,
  bytes: Uint8Array,
): void {
  const { instance } = relay;
  const peer = octetsOfSource(context.state, arrival.sourceAddress);
  if (peer === undefined || !isReachable(peer)) {
    drop(context, instance, "source address", arrival.sourceAddress);
    return;
  }
  const type = bytes[0]!;
  const isKnown = isLeaseMessage(type);
  // What the relay agent does not know it passes on as it is (§19).
  if (isKnown && !scanMessage(bytes, 0, bytes.length)) {
    drop(context, instance, "malformed option-truncated", arrival.sourceAddress);
    return;
  }
  const duidLength = isKnown ? scan.duidTo - scan.duidFrom : 0;
  const isLearnt = duidLength >= duidLengthMin && duidLength <= duidLengthMax;
  const duid = isLearnt ? bytes.subarray(scan.duidFrom, scan.duidTo) : undefined;
  const duidKey = duid === undefined ? "" : octetsKey(duid);
  const fault =
    relay.restoring.size > 0 && isKnown && scan.hasIa && isBeingRestored(context, relay, bytes)
      ? "binding being restored"
      : duid === undefined
        ? undefined
        : faultOfClient(context, relay, access, type, duid, duidKey);
  if (fault !== undefined) {
    drop(context, instance, fault, access.name);
    return;
  }
  const head =
    access.headIsFixed && arrival.hardwareAddress === undefined
      ? access.clientHead
      : headOf(context, relay, access, arrival, duid);
  if (typeof head === "string") {
    drop(context, instance, head, access.name);
    return;
  }
  if (access.nameless) {
    drop(context, instance, "no circuit", access.name);
    return;
  }
  const sent = writeMessage(context, relay, head, bytes);
  if (sent === undefined) return;
  sent.set(peer, HeadAt.peerAddress);
  if (!passOn(context, relay, access.servers, sent)) return;
  if (duid === undefined || !isAwaited(type)) return;
  awaitReply(context, relay, {
    duidKey,
    transactionId: (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!,
    messageType: type,
    access,
    sent,
    peerText: arrival.sourceAddress,
    messageAt: head.length + 4,
    headEnd: head.length,
  });
}

function faultOfClient(
  context: Context6,
  relay: Relay6,
  access: Access6,
  type: number,
  duid: Uint8Array,
  duidKey: string,
): RelayDropReason6 | undefined {
  const { overrides } = access.configuration;
  if (overrides.noBindOnRequest && isUnknownClient(context, relay, type, duid, duidKey)) return "unknown client";
  if (access.clients !== undefined && isOverClientLimit(access, type, duidKey)) return "client limit";
  return undefined;
}

/** What is not the same for all clients of the interface: their option 82, their link-layer address. */
function headOf(
  context: Context6,
  relay: Relay6,
  access: Access6,
  { hardwareAddress }: RelayArrival6,
  duid: Uint8Array | undefined,
): Uint8Array | RelayDropReason6 {
  let { interfaceId, remoteId } = access;
  if (!access.headIsFixed) {
    const texts = option82Of(context, relay, access, hardwareAddress, duid);
    if (texts === undefined) return "no option 82";
    interfaceId = texts.interfaceId ?? interfaceId;
    remoteId = texts.remoteId ?? remoteId;
  }
  return makeHead({
    ...relayParts(relay),
    linkAddress: access.linkAddress,
    interfaceId,
    remoteId,
    subscriberId: access.subscriberId,
    hardwareAddress,
  });
}

/** Messages that RFC 9915 §7.3 has clients send. */
export function isLeaseMessage(type: number): boolean {
  switch (type) {
    case MessageType6.SOLICIT:
    case MessageType6.REQUEST:
    case MessageType6.CONFIRM:
    case MessageType6.RENEW:
    case MessageType6.REBIND:
    case MessageType6.RELEASE:
    case MessageType6.DECLINE:
    case MessageType6["INFORMATION-REQUEST"]:
      return true;
    default:
      return false;
  }
}

/** An INFORMATION-REQUEST is about no lease. */
export function isAwaited(type: number): boolean {
  return type !== MessageType6["INFORMATION-REQUEST"] && isLeaseMessage(type);
}
