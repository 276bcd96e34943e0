import { type WireResult, wireError } from "../error.ts";
import { MessageType6, OptionCode6 } from "./codes.ts";
import { encodeMessage6, type Option6 } from "./encode.ts";
import { identifiers, qualifiers, readQueryHeader, unexpectedType6 } from "./leasequery.ts";
import type { LqQuery6 } from "./lq-query.ts";
import type { Message6 } from "./message.ts";
import { option6 } from "./registry.ts";

/** ACTIVELEASEQUERY (RFC 7653 §6.2.1): everything that changes from now on, or what a query selects of it. */
export interface ActiveLeasequery6 {
  /** 24 bits, unique on the connection. */
  readonly transactionId: number;
  readonly clientDuid: Uint8Array;
  readonly serverDuid?: Uint8Array;
  /** Absent: everything. */
  readonly query?: LqQuery6;
  readonly requestedOptions?: readonly number[];
  /** Catch up from this moment on; seconds since 2000 modulo 2^32, by the server's clock. */
  readonly startTimeSeconds?: number;
}

export function activeLeasequery6(query: ActiveLeasequery6): Uint8Array {
  const options: Option6[] = identifiers(query);
  if (query.query !== undefined) options.push(option6(OptionCode6.LQ_QUERY, query.query));
  return encodeMessage6({
    messageType: MessageType6.ACTIVELEASEQUERY,
    transactionId: query.transactionId,
    options: [...options, ...qualifiers(query)],
  });
}

/**
 * Errors: `message-type-unexpected`; `option-missing` without CLIENTID; `query-end-time`, which the server answers with
 * MalformedQuery (RFC 7653 §9.3); those of the options read.
 */
export function readActiveLeasequery6(message: Message6): WireResult<ActiveLeasequery6> {
  if (message.messageType !== MessageType6.ACTIVELEASEQUERY) return unexpectedType6(message, "ACTIVELEASEQUERY");
  const endTimeOffset = message.optionOffset(OptionCode6.LQ_END_TIME);
  if (endTimeOffset >= 0) {
    return wireError(
      "query-end-time",
      endTimeOffset,
      "option 102 (LQ_END_TIME) has no meaning in an active query",
      OptionCode6.LQ_END_TIME,
    );
  }
  return readQueryHeader(message);
}
