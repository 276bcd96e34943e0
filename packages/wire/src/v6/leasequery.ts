import { type Ipv6Address, ipv6Unspecified } from "@leasewire/net";
import { type WireError, type WireResult, wireError } from "../error.ts";
import type { RemoteId6 } from "../formats/tagged-lists6.ts";
import { MessageType6, messageTypeName6, OptionCode6, QueryType6 } from "./codes.ts";
import { encodeMessage6, type Option6 } from "./encode.ts";
import type { LqQuery6 } from "./lq-query.ts";
import type { Message6 } from "./message.ts";
import { option6, readAll6, readOption6 } from "./registry.ts";

/** LEASEQUERY (RFC 5007 §4.1.1), over UDP and, with times and query types 3 to 5, in bulk over TCP (RFC 5460 §5, RFC 7653 §5). */
export interface Leasequery6 {
  /** 24 bits; unique on a connection. */
  readonly transactionId: number;
  /** Of the requestor itself. */
  readonly clientDuid: Uint8Array;
  /** Where one server is meant. */
  readonly serverDuid?: Uint8Array;
  readonly queryType: number;
  /** Absent or `::` for all links. */
  readonly linkAddress?: Ipv6Address;
  /** Options of the query itself: its key, and an ORO for what is wanted of each client. */
  readonly queryOptions: readonly Option6[];
  /** ORO at the level of the message. */
  readonly requestedOptions?: readonly number[];
  /** Only what changed at or after this moment; seconds since 2000 modulo 2^32, by the server's clock. */
  readonly startTimeSeconds?: number;
  readonly endTimeSeconds?: number;
}

/** A LEASEQUERY, without the size in front of it on TCP. */
export function leasequery6(query: Leasequery6): Uint8Array {
  const { queryType, linkAddress = ipv6Unspecified, queryOptions } = query;
  return encodeMessage6({
    messageType: MessageType6.LEASEQUERY,
    transactionId: query.transactionId,
    options: [
      ...identifiers(query),
      option6(OptionCode6.LQ_QUERY, { queryType, linkAddress, options: queryOptions }),
      ...qualifiers(query),
    ],
  });
}

/**
 * The query in a LEASEQUERY. Octets are views of the message.
 * Errors: `message-type-unexpected`; `option-missing` without CLIENTID or LQ_QUERY (RFC 5007 §4.2.1); those of the options read.
 * What the query is about: `readQuery6`.
 */
export function readLeasequery6(message: Message6): WireResult<Leasequery6> {
  if (message.messageType !== MessageType6.LEASEQUERY) return unexpectedType6(message, "LEASEQUERY");
  const header = readQueryHeader(message);
  if (!header.ok) return header;
  const { query, ...rest } = header.value;
  if (query === undefined) return missingOption(message, OptionCode6.LQ_QUERY, "LQ_QUERY");
  return {
    ok: true,
    value: { ...rest, queryType: query.queryType, linkAddress: query.linkAddress, queryOptions: query.options },
  };
}

/** What a query is about, by its type (RFC 5007 §4.1.2.1, RFC 5460 §5.3). */
export type Query6 =
  | { readonly kind: "address"; readonly address: Ipv6Address }
  | { readonly kind: "client-id"; readonly clientDuid: Uint8Array }
  | { readonly kind: "relay-id"; readonly relayDuid: Uint8Array }
  | { readonly kind: "link-address" }
  | ({ readonly kind: "remote-id" } & RemoteId6);

/** The type and options of a query, to be spread into `leasequery6` or `activeLeasequery6`. `requestedOptions` is the inner ORO. */
export function query6(
  query: Query6,
  requestedOptions: readonly number[] = [],
): { queryType: QueryType6; queryOptions: readonly Option6[] } {
  const oro = requestedOptions.length === 0 ? [] : [option6(OptionCode6.ORO, requestedOptions)];
  switch (query.kind) {
    case "address":
      return {
        queryType: QueryType6.QUERY_BY_ADDRESS,
        queryOptions: [
          option6(OptionCode6.IAADDR, {
            address: query.address,
            preferredLifetimeSeconds: 0,
            validLifetimeSeconds: 0,
            options: [],
          }),
          ...oro,
        ],
      };
    case "client-id":
      return {
        queryType: QueryType6.QUERY_BY_CLIENTID,
        queryOptions: [option6(OptionCode6.CLIENTID, query.clientDuid), ...oro],
      };
    case "relay-id":
      return {
        queryType: QueryType6.QUERY_BY_RELAY_ID,
        queryOptions: [option6(OptionCode6.RELAY_ID, query.relayDuid), ...oro],
      };
    case "link-address":
      return { queryType: QueryType6.QUERY_BY_LINK_ADDRESS, queryOptions: oro };
    case "remote-id": {
      const { enterprise, remoteId } = query;
      return {
        queryType: QueryType6.QUERY_BY_REMOTE_ID,
        queryOptions: [option6(OptionCode6.REMOTE_ID, { enterprise, remoteId }), ...oro],
      };
    }
  }
}

/**
 * What option 44 asks about. Errors: `query-type-unknown` (the server answers UnknownQueryType), `query-option-missing`
 * (MalformedQuery), and those of the key's option.
 */
export function readQuery6(query: Pick<LqQuery6, "queryType" | "options">): WireResult<Query6> {
  switch (query.queryType) {
    case QueryType6.QUERY_BY_ADDRESS: {
      const key = firstOf(readAll6(query.options, OptionCode6.IAADDR), OptionCode6.IAADDR, "IAADDR");
      return key.ok ? { ok: true, value: { kind: "address", address: key.value.address } } : key;
    }
    case QueryType6.QUERY_BY_CLIENTID: {
      const key = firstOf(readAll6(query.options, OptionCode6.CLIENTID), OptionCode6.CLIENTID, "CLIENTID");
      return key.ok ? { ok: true, value: { kind: "client-id", clientDuid: key.value } } : key;
    }
    case QueryType6.QUERY_BY_RELAY_ID: {
      const key = firstOf(readAll6(query.options, OptionCode6.RELAY_ID), OptionCode6.RELAY_ID, "RELAY_ID");
      return key.ok ? { ok: true, value: { kind: "relay-id", relayDuid: key.value } } : key;
    }
    case QueryType6.QUERY_BY_LINK_ADDRESS:
      return { ok: true, value: { kind: "link-address" } };
    case QueryType6.QUERY_BY_REMOTE_ID: {
      const key = firstOf(readAll6(query.options, OptionCode6.REMOTE_ID), OptionCode6.REMOTE_ID, "REMOTE_ID");
      return key.ok ? { ok: true, value: { kind: "remote-id", ...key.value } } : key;
    }
    default:
      return wireError("query-type-unknown", 0, `query type ${query.queryType} is unknown`, OptionCode6.LQ_QUERY);
  }
}

/** The codes of the ORO among the options of a query, empty without one. Errors: those of option 6. */
export function readRequestedOptions(options: readonly Option6[]): WireResult<readonly number[]> {
  const lists = readAll6(options, OptionCode6.ORO);
  return lists.ok ? { ok: true, value: lists.value.flat() } : lists;
}

/** What LEASEQUERY and ACTIVELEASEQUERY have in common. */
export interface QueryHeader6 {
  readonly transactionId: number;
  readonly clientDuid: Uint8Array;
  readonly serverDuid?: Uint8Array;
  readonly query?: LqQuery6;
  readonly requestedOptions?: readonly number[];
  readonly startTimeSeconds?: number;
  readonly endTimeSeconds?: number;
}

export function readQueryHeader(message: Message6): WireResult<QueryHeader6> {
  const client = readOption6(message, OptionCode6.CLIENTID);
  if (!client.ok) return client;
  if (client.value === undefined) return missingOption(message, OptionCode6.CLIENTID, "CLIENTID");
  const server = readOption6(message, OptionCode6.SERVERID);
  if (!server.ok) return server;
  const query = readOption6(message, OptionCode6.LQ_QUERY);
  if (!query.ok) return query;
  const oro = readOption6(message, OptionCode6.ORO);
  if (!oro.ok) return oro;
  const start = readOption6(message, OptionCode6.LQ_START_TIME);
  if (!start.ok) return start;
  const end = readOption6(message, OptionCode6.LQ_END_TIME);
  if (!end.ok) return end;
  return {
    ok: true,
    value: {
      transactionId: message.transactionId,
      clientDuid: client.value,
      ...(server.value === undefined ? {} : { serverDuid: server.value }),
      ...(query.value === undefined ? {} : { query: query.value }),
      ...(oro.value === undefined ? {} : { requestedOptions: oro.value }),
      ...(start.value === undefined ? {} : { startTimeSeconds: start.value }),
      ...(end.value === undefined ? {} : { endTimeSeconds: end.value }),
    },
  };
}

export function identifiers({
  clientDuid,
  serverDuid,
}: {
  clientDuid: Uint8Array;
  serverDuid?: Uint8Array;
}): Option6[] {
  const client = option6(OptionCode6.CLIENTID, clientDuid);
  return serverDuid === undefined ? [client] : [client, option6(OptionCode6.SERVERID, serverDuid)];
}

export function qualifiers(query: {
  requestedOptions?: readonly number[];
  startTimeSeconds?: number;
  endTimeSeconds?: number;
}): Option6[] {
  const options: Option6[] = [];
  if (query.requestedOptions !== undefined) options.push(option6(OptionCode6.ORO, query.requestedOptions));
  if (query.startTimeSeconds !== undefined) options.push(option6(OptionCode6.LQ_START_TIME, query.startTimeSeconds));
  if (query.endTimeSeconds !== undefined) options.push(option6(OptionCode6.LQ_END_TIME, query.endTimeSeconds));
  return options;
}

export function unexpectedType6(message: Message6, wanted: string): { ok: false; error: WireError } {
  const type = message.messageType;
  return wireError(
    "message-type-unexpected",
    0,
    `message type ${messageTypeName6(type) ?? type} where ${wanted} is wanted`,
  );
}

function missingOption(message: Message6, code: number, name: string): { ok: false; error: WireError } {
  return wireError("option-missing", message.bytes.length, `option ${code} (${name}) is missing`, code);
}

function firstOf<T>(values: WireResult<readonly T[]>, code: number, name: string): WireResult<T> {
  if (!values.ok) return values;
  const [first] = values.value;
  return first === undefined
    ? wireError("query-option-missing", 0, `the query has no option ${code} (${name})`, code)
    : { ok: true, value: first };
}
