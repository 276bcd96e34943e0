import type { BindingInput } from "@leasewire/bindings";
import { decodeMessage4, type Message4, MessageType4, messageTypeName4, Op4 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import { type Arrival, emptyServerOutput, type ServerOutput } from "../server-common/messages.ts";
import { onConfiguration } from "./configuration.ts";
import { type Context4, drop } from "./context.ts";
import { onDeadline } from "./deadline.ts";
import { followTable, markRow, rangeOf } from "./follow-table.ts";
import type { Server4Input } from "./messages.ts";
import { expireOffers } from "./offers.ts";
import { onDecline } from "./on-decline.ts";
import { onDiscover } from "./on-discover.ts";
import { onInform } from "./on-inform.ts";
import { onProbeResult } from "./on-probe-result.ts";
import { onRelease } from "./on-release.ts";
import { onRequest } from "./on-request.ts";
import { readRequest } from "./request.ts";
import type { Server4State } from "./state.ts";

/**
 * The DHCPv4 server (RFC 2131): decides what an input leads to. Changes `state` in place, and nothing else; the same
 * state, table, inputs, times and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. `changes` go to the binding table before the next step; a send that `promises`
 * leaves once they are durable.
 */
export function step4(state: Server4State, input: Server4Input, now: number): ServerOutput {
  const context: Context4 = { state, now, nowSeconds: Math.floor(now / 1000), out: emptyServerOutput() };
  followTable(state);
  switch (input.kind) {
    case "message":
      expireOffers(context);
      onMessage(context, input.arrival, input.message);
      break;
    case "datagram":
      expireOffers(context);
      onDatagram(context, input.arrival, input.bytes);
      break;
    case "deadline":
      onDeadline(context);
      break;
    case "probe-result":
      onProbeResult(context, input.token, input.inUse);
      break;
    case "configuration":
      onConfiguration(context, input.servers, input.localAddresses ?? []);
      break;
    case "granting":
      state.granting = input.allowed;
      break;
    case "cleared":
      onCleared(state, input.binding);
      break;
  }
  return context.out;
}

function onDatagram(context: Context4, arrival: Arrival, bytes: Uint8Array): void {
  const decoded = decodeMessage4(bytes);
  if (decoded.ok) onMessage(context, arrival, decoded.value);
  else if (decoded.error.code === "cookie-missing") drop(context, arrival.instance, "bootp", arrival.sourceAddress);
  else drop(context, arrival.instance, `malformed ${decoded.error.code}`, decoded.error.message);
}

function onMessage(context: Context4, arrival: Arrival, message: Message4): void {
  const { state } = context;
  const { instance, sourceAddress } = arrival;
  const server = state.servers.get(instance);
  if (server === undefined) {
    drop(context, instance, "no server");
    return;
  }
  if (message.op !== Op4.BOOTREQUEST) {
    drop(context, instance, "wrong op", sourceAddress);
    return;
  }
  if (message.bytes.length > state.limits.requestOctetsMax) {
    drop(context, instance, "message too long", sourceAddress);
    return;
  }
  const type = message.messageType;
  if (type === undefined) {
    drop(context, instance, "bootp", sourceAddress);
    return;
  }
  if (!isClientType(type)) {
    drop(context, instance, "wrong message type", `${messageTypeName4(type) ?? type} from ${sourceAddress}`);
    return;
  }
  increase(server.counters.received, messageTypeName4(type)!);
  const request = readRequest(state, server, arrival, message, type);
  if (typeof request === "string") {
    drop(context, instance, request, sourceAddress);
    return;
  }
  switch (type) {
    case MessageType4.DHCPDISCOVER:
      onDiscover(context, request);
      break;
    case MessageType4.DHCPREQUEST:
      onRequest(context, request);
      break;
    case MessageType4.DHCPDECLINE:
      onDecline(context, request);
      break;
    case MessageType4.DHCPRELEASE:
      onRelease(context, request);
      break;
    case MessageType4.DHCPINFORM:
      onInform(context, request);
      break;
  }
}

type ClientType =
  | typeof MessageType4.DHCPDISCOVER
  | typeof MessageType4.DHCPREQUEST
  | typeof MessageType4.DHCPDECLINE
  | typeof MessageType4.DHCPRELEASE
  | typeof MessageType4.DHCPINFORM;

function isClientType(type: number): type is ClientType {
  return (
    type === MessageType4.DHCPDISCOVER ||
    type === MessageType4.DHCPREQUEST ||
    type === MessageType4.DHCPDECLINE ||
    type === MessageType4.DHCPRELEASE ||
    type === MessageType4.DHCPINFORM
  );
}

/** A row that is removed is in no list of changes: whoever removes a binding says so. */
function onCleared(state: Server4State, { instance, address }: BindingInput): void {
  const server = state.servers.get(instance);
  if (server === undefined || address.length !== 4) return;
  const number = ((address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!) >>> 0;
  const range = rangeOf(server, number);
  if (range !== undefined)
    markRow(state, server, range, number - range.low, state.table.byPrefix(instance, address, 32));
}
