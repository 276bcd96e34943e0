import { duidLengthMax, duidLengthMin } from "@leasewire/net";
import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { octetsKey } from "../server-common/octets.ts";
import { isGlobal, isReachable, octetsOfSource } from "./addresses.ts";
import { type Context6, drop } from "./context.ts";
import { awaitReply } from "./exchanges.ts";
import { passOn, writeMessage } from "./forward.ts";
import { HeadAt, makeHead, relayParts } from "./head.ts";
import { RELAY_PORT } from "./limits.ts";
import type { RelayArrival6 } from "./messages.ts";
import { isAwaited, isLeaseMessage } from "./on-client-message.ts";
import { isBeingRestored } from "./restoring.ts";
import { findInnermost, innermost, relayOptionAt, scan, scanMessage } from "./scan.ts";
import type { Access6, Relay6 } from "./state.ts";

const UNSPECIFIED = new Uint8Array(16);

/**
 * RFC 9915 §19.1.2: a relay agent nearer to the client. `access` undefined: it sent to an address of ours from somewhere else.
 * What lies in its message is not judged: that is for the server.
 */
export function onRelayForward(
  context: Context6,
  relay: Relay6,
  access: Access6 | undefined,
  arrival: RelayArrival6,
  bytes: Uint8Array,
): void {
  const { instance } = relay;
  const messageOption = relayOptionAt(bytes, 0, bytes.length, OptionCode6.RELAY_MSG);
  if (messageOption === -2) {
    drop(context, instance, "malformed option-truncated", arrival.sourceAddress);
    return;
  }
  if (messageOption < 0) {
    drop(context, instance, "relay message empty", arrival.sourceAddress);
    return;
  }
  const hopCount = bytes[1]!;
  if (hopCount >= relay.configuration.maximumHopCount) {
    drop(context, instance, "hop count", arrival.sourceAddress);
    return;
  }
  const peer = octetsOfSource(context.state, arrival.sourceAddress);
  if (peer === undefined || !isReachable(peer)) {
    drop(context, instance, "source address", arrival.sourceAddress);
    return;
  }
  const found = findInnermost(bytes, 0, bytes.length, MessageType6["RELAY-FORW"]);
  const { from, to } = innermost;
  const isRead = found && isLeaseMessage(bytes[from]!) && scanMessage(bytes, from, to);
  if (isRead && relay.restoring.size > 0 && scan.hasIa && isBeingRestored(context, relay, bytes.subarray(from, to))) {
    drop(context, instance, "binding being restored", access?.name);
    return;
  }
  const duidLength = isRead ? scan.duidTo - scan.duidFrom : 0;
  const duidKey =
    duidLength >= duidLengthMin && duidLength <= duidLengthMax
      ? octetsKey(bytes.subarray(scan.duidFrom, scan.duidTo))
      : "";
  const head = headOf(relay, access, peer, arrival.sourcePort, bytes);
  if (access?.nameless) {
    drop(context, instance, "no circuit", access.name);
    return;
  }
  const sent = writeMessage(context, relay, head, bytes);
  if (sent === undefined) return;
  sent[HeadAt.hopCount] = hopCount + 1;
  sent.set(peer, HeadAt.peerAddress);
  if (!passOn(context, relay, access?.servers ?? relay.servers, sent)) return;
  if (duidKey === "" || !isAwaited(bytes[from]!)) return;
  awaitReply(context, relay, {
    duidKey,
    transactionId: (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!,
    messageType: bytes[from]!,
    access,
    sent,
    peerText: arrival.sourceAddress,
    messageAt: head.length + 4 + from,
    headEnd: 0,
  });
}

function headOf(
  relay: Relay6,
  access: Access6 | undefined,
  peer: Uint8Array,
  sourcePort: number,
  received: Uint8Array,
): Uint8Array {
  const downstreamPort = sourcePort === RELAY_PORT ? undefined : sourcePort;
  if (access === undefined) {
    if (downstreamPort === undefined) return relay.remoteHead;
    return makeHead({ ...relayParts(relay), linkAddress: UNSPECIFIED, downstreamPort });
  }
  const { configuration } = access;
  const peerIsGlobal = isGlobal(peer);
  const keepsId =
    configuration.relayAgentInterfaceId?.keepIncoming === true &&
    relayOptionAt(received, 0, received.length, OptionCode6.INTERFACE_ID) >= 0 &&
    (peerIsGlobal || access.linkIsUnique);
  const keepsRemoteId =
    configuration.relayAgentRemoteId?.keepIncoming === true &&
    relayOptionAt(received, 0, received.length, OptionCode6.REMOTE_ID) >= 0;
  // To a global address there is a way without naming the interface; to another one it has to be named (§19.1.2).
  const identified = peerIsGlobal || access.linkIsUnique;
  const named = access.interfaceId ?? (identified ? undefined : encoder.encode(access.name));
  const parts = relayParts(relay);
  return makeHead({
    ...parts,
    linkAddress: peerIsGlobal || !access.linkIsGlobal ? UNSPECIFIED : access.linkAddress,
    interfaceId: keepsId ? undefined : named,
    remoteId: keepsRemoteId ? undefined : access.remoteId,
    subscriberId: access.subscriberId,
    downstreamPort: downstreamPort ?? parts.downstreamPort,
  });
}

const encoder = new TextEncoder();
