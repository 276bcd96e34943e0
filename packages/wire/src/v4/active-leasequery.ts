import type { Ipv4Address } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import { encodeStreamMessage4, type LeasequeryDone4, readStreamMessage4 } from "./bulk-leasequery.ts";
import { MessageType4, Op4, OptionCode4 } from "./codes.ts";
import { encodeMessage4, type Option4 } from "./encode.ts";
import { requestList, unexpectedType } from "./leasequery.ts";
import type { Message4 } from "./message.ts";
import { option4, readOption4 } from "./registry.ts";

/** A request for everything that changes from now on (RFC 7724 §7.1, §8.2); it has no key. */
export interface ActiveLeasequery4 {
  /** Unique on the connection. */
  readonly xid: number;
  readonly giaddr?: Ipv4Address;
  readonly parameterRequestList: readonly number[];
  /** Catch up from this moment on, seconds since 1970 by the server's clock. */
  readonly queryStartTimeSeconds?: number;
}

/** A DHCPACTIVELEASEQUERY, without the size in front of it on TCP. */
export function activeLeasequery4(query: ActiveLeasequery4): Uint8Array {
  const options: Option4[] = [
    option4(OptionCode4.messageType, MessageType4.DHCPACTIVELEASEQUERY),
    ...requestList(query.parameterRequestList),
  ];
  if (query.queryStartTimeSeconds !== undefined)
    options.push(option4(OptionCode4.queryStartTime, query.queryStartTimeSeconds));
  return encodeMessage4({ op: Op4.BOOTREQUEST, xid: query.xid, giaddr: query.giaddr, options });
}

/**
 * The query in a DHCPACTIVELEASEQUERY.
 * Errors: `message-type-missing`, `message-type-unexpected`; `query-end-time` and `query-key-not-allowed` (ciaddr, chaddr, option 61),
 * which the server answers with MalformedQuery (RFC 7724 §8.2); those of the options read.
 */
export function readActiveLeasequery4(message: Message4): WireResult<ActiveLeasequery4> {
  if (message.messageType !== MessageType4.DHCPACTIVELEASEQUERY) return unexpectedType(message, "DHCPACTIVELEASEQUERY");
  if (message.has(OptionCode4.queryEndTime)) {
    return wireError(
      "query-end-time",
      message.optionOffset(OptionCode4.queryEndTime),
      "option 155 (query-end-time) has no meaning in an active query",
      OptionCode4.queryEndTime,
    );
  }
  if (message.ciaddr !== 0) return wireError("query-key-not-allowed", 12, "ciaddr is set in an active query");
  if (message.hlen !== 0) return wireError("query-key-not-allowed", 2, "a hardware address is set in an active query");
  if (message.has(OptionCode4.clientIdentifier)) {
    return wireError(
      "query-key-not-allowed",
      message.optionOffset(OptionCode4.clientIdentifier),
      "option 61 (client identifier) is set in an active query",
      OptionCode4.clientIdentifier,
    );
  }
  const list = readOption4(message, OptionCode4.parameterRequestList);
  if (!list.ok) return list;
  const start = readOption4(message, OptionCode4.queryStartTime);
  if (!start.ok) return start;
  return {
    ok: true,
    value: {
      xid: message.xid,
      ...(message.giaddr === 0 ? {} : { giaddr: message.giaddr }),
      parameterRequestList: list.value ?? [],
      ...(start.value === undefined ? {} : { queryStartTimeSeconds: start.value }),
    },
  };
}

/** State of an active stream: keepalive, catch-up complete, data missing, or its end (RFC 7724 §5.2.1). */
export type LeasequeryStatus4 = LeasequeryDone4;

export function leasequeryStatus4(status: LeasequeryStatus4): Uint8Array {
  return encodeStreamMessage4(MessageType4.DHCPLEASEQUERYSTATUS, status);
}

export function readLeasequeryStatus4(message: Message4): WireResult<LeasequeryStatus4> {
  return message.messageType === MessageType4.DHCPLEASEQUERYSTATUS
    ? readStreamMessage4(message)
    : unexpectedType(message, "DHCPLEASEQUERYSTATUS");
}
