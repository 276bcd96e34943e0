import type { Ipv4Address } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import type { Vss } from "../formats/vss.ts";
import { MessageType4, Op4, OptionCode4 } from "./codes.ts";
import { encodeMessage4, type Option4 } from "./encode.ts";
import { exactlyOne, type MacQuery4, primaryOptions, readKeys, requestList, unexpectedType } from "./leasequery.ts";
import type { Message4 } from "./message.ts";
import { option4, readOption4 } from "./registry.ts";
import type { Status4 } from "./status-code.ts";

/** The primary query of a DHCPBULKLEASEQUERY (RFC 6926 §7.2). There is none by address and none by giaddr. */
export type BulkQuery4 =
  | MacQuery4
  | { readonly kind: "client-id"; readonly clientId: Uint8Array }
  | { readonly kind: "remote-id"; readonly remoteId: Uint8Array }
  | { readonly kind: "relay-id"; readonly relayId: Uint8Array }
  | { readonly kind: "all" };

export interface BulkLeasequery4 {
  /** Unique on the connection. */
  readonly xid: number;
  /** Not mentioned by RFC 6926; a server must not depend on it. */
  readonly giaddr?: Ipv4Address;
  readonly query: BulkQuery4;
  readonly parameterRequestList: readonly number[];
  /** Only bindings changed at or after this moment, seconds since 1970 by the server's clock. */
  readonly queryStartTimeSeconds?: number;
  /** Only bindings changed at or before this moment. */
  readonly queryEndTimeSeconds?: number;
  /** Absent: the global VPN only. */
  readonly vss?: Vss;
}

/** A DHCPBULKLEASEQUERY, without the size in front of it on TCP. */
export function bulkLeasequery4(query: BulkLeasequery4): Uint8Array {
  const options: Option4[] = [option4(OptionCode4.messageType, MessageType4.DHCPBULKLEASEQUERY)];
  options.push(...primaryOptions(query.query), ...requestList(query.parameterRequestList));
  if (query.queryStartTimeSeconds !== undefined)
    options.push(option4(OptionCode4.queryStartTime, query.queryStartTimeSeconds));
  if (query.queryEndTimeSeconds !== undefined)
    options.push(option4(OptionCode4.queryEndTime, query.queryEndTimeSeconds));
  if (query.vss !== undefined) options.push(option4(OptionCode4.vss, query.vss));
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    xid: query.xid,
    giaddr: query.giaddr,
    ...(query.query.kind === "mac" ? { htype: query.query.htype, chaddr: query.query.address } : {}),
    options,
  });
}

/**
 * The query in a DHCPBULKLEASEQUERY. Octets are views of the message.
 * Errors: `message-type-missing`, `message-type-unexpected`; `query-address-set` (ciaddr, yiaddr or siaddr is not zero: the server
 * answers MalformedQuery), `query-several` (NotAllowed), `query-hardware-address`; those of the options read (RFC 6926 §8.2).
 */
export function readBulkLeasequery4(message: Message4): WireResult<BulkLeasequery4> {
  if (message.messageType !== MessageType4.DHCPBULKLEASEQUERY) return unexpectedType(message, "DHCPBULKLEASEQUERY");
  for (const field of ["ciaddr", "yiaddr", "siaddr"] as const) {
    if (message[field] !== 0)
      return wireError("query-address-set", addressOffsets[field], `${field} is set in a bulk query`);
  }
  const keys = readKeys(message);
  if (!keys.ok) return keys;
  const { mac, clientId, remoteId, relayId } = keys.value;
  const queries: BulkQuery4[] = [];
  if (mac !== undefined) queries.push(mac);
  if (clientId !== undefined) queries.push({ kind: "client-id", clientId });
  if (remoteId !== undefined) queries.push({ kind: "remote-id", remoteId });
  if (relayId !== undefined) queries.push({ kind: "relay-id", relayId });
  const query = exactlyOne<BulkQuery4>(queries.length === 0 ? [{ kind: "all" }] : queries);
  if (!query.ok) return query;

  const list = readOption4(message, OptionCode4.parameterRequestList);
  if (!list.ok) return list;
  const start = readOption4(message, OptionCode4.queryStartTime);
  if (!start.ok) return start;
  const end = readOption4(message, OptionCode4.queryEndTime);
  if (!end.ok) return end;
  const vss = readOption4(message, OptionCode4.vss);
  if (!vss.ok) return vss;
  return {
    ok: true,
    value: {
      xid: message.xid,
      ...(message.giaddr === 0 ? {} : { giaddr: message.giaddr }),
      query: query.value,
      parameterRequestList: list.value ?? [],
      ...(start.value === undefined ? {} : { queryStartTimeSeconds: start.value }),
      ...(end.value === undefined ? {} : { queryEndTimeSeconds: end.value }),
      ...(vss.value === undefined ? {} : { vss: vss.value }),
    },
  };
}

/** The end of a bulk answer (RFC 6926 §7.3, §8.3): no status means success. */
export interface LeasequeryDone4 {
  readonly xid: number;
  readonly serverIdentifier?: Ipv4Address;
  readonly baseTimeSeconds?: number;
  readonly status?: Status4;
}

export function leasequeryDone4(done: LeasequeryDone4): Uint8Array {
  return encodeStreamMessage4(MessageType4.DHCPLEASEQUERYDONE, done);
}

export function readLeasequeryDone4(message: Message4): WireResult<LeasequeryDone4> {
  return message.messageType === MessageType4.DHCPLEASEQUERYDONE
    ? readStreamMessage4(message)
    : unexpectedType(message, "DHCPLEASEQUERYDONE");
}

/** DONE and STATUS: the messages of a stream that are about the query, not about an address. */
export function encodeStreamMessage4(messageType: number, fields: LeasequeryDone4): Uint8Array {
  const options: Option4[] = [option4(OptionCode4.messageType, messageType as MessageType4)];
  if (fields.serverIdentifier !== undefined)
    options.push(option4(OptionCode4.serverIdentifier, fields.serverIdentifier));
  if (fields.baseTimeSeconds !== undefined) options.push(option4(OptionCode4.baseTime, fields.baseTimeSeconds));
  if (fields.status !== undefined) options.push(option4(OptionCode4.statusCode, fields.status));
  return encodeMessage4({ op: Op4.BOOTREPLY, xid: fields.xid, options });
}

export function readStreamMessage4(message: Message4): WireResult<LeasequeryDone4> {
  const server = readOption4(message, OptionCode4.serverIdentifier);
  if (!server.ok) return server;
  const baseTime = readOption4(message, OptionCode4.baseTime);
  if (!baseTime.ok) return baseTime;
  const status = readOption4(message, OptionCode4.statusCode);
  if (!status.ok) return status;
  return {
    ok: true,
    value: {
      xid: message.xid,
      ...(server.value === undefined ? {} : { serverIdentifier: server.value }),
      ...(baseTime.value === undefined ? {} : { baseTimeSeconds: baseTime.value }),
      ...(status.value === undefined ? {} : { status: status.value }),
    },
  };
}

const addressOffsets = { ciaddr: 12, yiaddr: 16, siaddr: 20 } as const;
