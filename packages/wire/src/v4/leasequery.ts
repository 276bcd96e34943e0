import type { Ipv4Address } from "@leasewire/net";
import { type WireError, type WireResult, wireError } from "../error.ts";
import { MessageType4, Op4, OptionCode4, RelayAgentSubOption } from "./codes.ts";
import { encodeMessage4, type Option4 } from "./encode.ts";
import type { Message4 } from "./message.ts";
import { option4, readOption4, subOption } from "./registry.ts";
import { relayAgentSubOptions } from "./relay-agent-information.ts";

/** What a DHCPLEASEQUERY asks about (RFC 4388 §6.2; by remote-id RFC 6148 §4.1). */
export type Query4 =
  | { readonly kind: "address"; readonly address: Ipv4Address }
  | MacQuery4
  | { readonly kind: "client-id"; readonly clientId: Uint8Array }
  | { readonly kind: "remote-id"; readonly remoteId: Uint8Array };

export interface MacQuery4 {
  readonly kind: "mac";
  /** Compared together with the address; 1 is Ethernet. */
  readonly htype: number;
  /** 1 to 16 octets. */
  readonly address: Uint8Array;
}

export interface Leasequery4 {
  readonly xid: number;
  /** The requestor's own address, where the answer goes. */
  readonly giaddr: Ipv4Address;
  readonly query: Query4;
  /** Option codes wanted in the answer; empty for no option 55. */
  readonly parameterRequestList: readonly number[];
}

/** A DHCPLEASEQUERY. */
export function leasequery4(query: Leasequery4): Uint8Array {
  const options: Option4[] = [option4(OptionCode4.messageType, MessageType4.DHCPLEASEQUERY)];
  options.push(...primaryOptions(query.query), ...requestList(query.parameterRequestList));
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    xid: query.xid,
    giaddr: query.giaddr,
    ciaddr: query.query.kind === "address" ? query.query.address : 0,
    ...(query.query.kind === "mac" ? { htype: query.query.htype, chaddr: query.query.address } : {}),
    options,
  });
}

/**
 * The query in a DHCPLEASEQUERY. Octets are views of the message.
 * Errors: `message-type-unexpected`; `query-giaddr-zero` (no answer may be sent, RFC 4388 §6.4.3); `query-missing`, `query-several`,
 * `query-hardware-address` (RFC 4388 §6.3: exactly one of the keys); those of options 55 and 61.
 */
export function readLeasequery4(message: Message4): WireResult<Leasequery4> {
  if (message.messageType !== MessageType4.DHCPLEASEQUERY) return unexpectedType(message, "DHCPLEASEQUERY");
  if (message.giaddr === 0)
    return wireError("query-giaddr-zero", 24, "giaddr is zero: there is nowhere to send an answer");
  const keys = readKeys(message);
  if (!keys.ok) return keys;
  const { mac, clientId, remoteId } = keys.value;
  const queries: Query4[] = [];
  if (message.ciaddr !== 0) queries.push({ kind: "address", address: message.ciaddr });
  if (mac !== undefined) queries.push(mac);
  if (clientId !== undefined) queries.push({ kind: "client-id", clientId });
  // Beside another key a remote-id is not a key (RFC 6148 §5): relays may add option 82 to any query.
  if (queries.length === 0 && remoteId !== undefined) queries.push({ kind: "remote-id", remoteId });
  const query = exactlyOne(queries);
  if (!query.ok) return query;
  const list = readOption4(message, OptionCode4.parameterRequestList);
  if (!list.ok) return list;
  return {
    ok: true,
    value: { xid: message.xid, giaddr: message.giaddr, query: query.value, parameterRequestList: list.value ?? [] },
  };
}

/** Options 61 or 82 that carry the key of a query; none where the key stands in the header. */
export function primaryOptions(
  query: Query4 | { readonly kind: "relay-id"; readonly relayId: Uint8Array } | { readonly kind: "all" },
): Option4[] {
  switch (query.kind) {
    case "client-id":
      return [option4(OptionCode4.clientIdentifier, query.clientId)];
    case "remote-id":
      return [option4(OptionCode4.relayAgentInformation, [subOption(RelayAgentSubOption.remoteId, query.remoteId)])];
    case "relay-id":
      return [option4(OptionCode4.relayAgentInformation, [subOption(RelayAgentSubOption.relayId, query.relayId)])];
    default:
      return [];
  }
}

export function requestList(codes: readonly number[]): Option4[] {
  return codes.length === 0 ? [] : [option4(OptionCode4.parameterRequestList, codes)];
}

export interface Keys4 {
  readonly mac?: MacQuery4;
  readonly clientId?: Uint8Array;
  readonly remoteId?: Uint8Array;
  readonly relayId?: Uint8Array;
}

/** The keys that are there, whatever the message type makes of them. */
export function readKeys(message: Message4): WireResult<Keys4> {
  const clientId = readOption4(message, OptionCode4.clientIdentifier);
  if (!clientId.ok) return clientId;
  const information = message.option(OptionCode4.relayAgentInformation);
  let remoteId: Uint8Array | undefined;
  let relayId: Uint8Array | undefined;
  for (const { code, data } of information === undefined ? [] : relayAgentSubOptions(information)) {
    if (code === RelayAgentSubOption.remoteId) remoteId ??= data;
    if (code === RelayAgentSubOption.relayId) relayId ??= data;
  }
  const { htype, hlen, chaddr } = message;
  const chaddrSet = chaddr.some((octet) => octet !== 0);
  if (hlen === 0 && htype !== 0) return wireError("query-hardware-address", 1, `htype is ${htype}, but hlen is 0`);
  if (hlen !== 0 && htype === 0 && chaddrSet)
    return wireError("query-hardware-address", 1, `hlen is ${hlen}, but htype is 0`);
  return {
    ok: true,
    value: {
      ...(hlen !== 0 && htype !== 0 ? { mac: { kind: "mac", htype, address: chaddr } } : {}),
      ...(clientId.value === undefined ? {} : { clientId: clientId.value }),
      ...(remoteId === undefined ? {} : { remoteId }),
      ...(relayId === undefined ? {} : { relayId }),
    },
  };
}

export function exactlyOne<Q extends { readonly kind: string }>(queries: readonly Q[]): WireResult<Q> {
  const [query] = queries;
  if (query === undefined)
    return wireError("query-missing", 0, "the query names no address, hardware address or identifier");
  if (queries.length > 1)
    return wireError("query-several", 0, `the query has several keys: ${queries.map(({ kind }) => kind).join(", ")}`);
  return { ok: true, value: query };
}

export function unexpectedType(message: Message4, wanted: string): { ok: false; error: WireError } {
  const type = message.messageType;
  return type === undefined
    ? wireError(
        "message-type-missing",
        0,
        "option 53 (DHCP message type) is missing or not one octet",
        OptionCode4.messageType,
      )
    : wireError(
        "message-type-unexpected",
        0,
        `message type ${type} where ${wanted} is wanted`,
        OptionCode4.messageType,
      );
}
