import type { BindingTable } from "@leasewire/bindings";
import { equalBytes, formatInstance, type InstanceName, instanceParts, isIpv6Unspecified } from "@leasewire/net";
import {
  epoch2000ToUnixSeconds,
  type LqQuery6,
  leaseReply6,
  type Message6,
  MessageType6,
  OptionCode6,
  type Query6,
  type QueryHeader6,
  readActiveLeasequery6,
  readLeasequery6,
  readQuery6,
  readRequestedOptions,
  StatusCode6,
  vss as vssFormat,
} from "@leasewire/wire";
import { ActiveAnswer6 } from "./active6.ts";
import { BulkAnswer6 } from "./bulk6.ts";
import type { Connection } from "./connection.ts";
import type { TimeWindow } from "./lease.ts";
import { linkFinder } from "./links6.ts";
import { type QueryOutcome, vssOf } from "./query4.ts";
import type { ConnectionReason } from "./reasons.ts";
import type { ResponderScopes6 } from "./scopes.ts";
import { statusText } from "./status.ts";
import { ReplyPlan6 } from "./write6.ts";

export interface QueryContext6 {
  readonly table: BindingTable;
  readonly durable: () => number;
  readonly scopesOf: (instance: InstanceName) => ResponderScopes6 | undefined;
  readonly now: number;
}

/** Why a query is refused: a status of the RFC, and what is counted. */
export interface Refusal6 {
  readonly code: number;
  readonly reason: ConnectionReason;
  readonly text: string;
}

/** A LEASEQUERY over TCP (RFC 5460 §7.2). What RFC 5007 has discarded over UDP is answered here: the requestor waits. */
export function openBulk6(
  connection: Connection,
  own: ResponderScopes6,
  message: Message6,
  context: QueryContext6,
): QueryOutcome {
  const refuse = (refusal: Refusal6): QueryOutcome => refused(own, message, refusal, false);
  if (own.bulk === undefined) return refuse(notAllowed("Bulk leasequery is not configured here."));
  const read = readLeasequery6(message);
  if (!read.ok) return refuse(malformed(read.error.message));
  const query = read.value;
  if (query.serverDuid !== undefined && !equalBytes(query.serverDuid, own.serverDuid))
    return refuse(notAllowed("The query is meant for another server."));
  if (connection.answers.some(({ xid }) => xid === query.transactionId))
    return refuse(malformed("a query with this transaction-id is being answered"));
  if (connection.answers.some(({ kind }) => kind === "active"))
    return refuse(notAllowed("An active query has its connection for itself."));
  const scopes = vpnOf(own, message, context);
  if (scopes === undefined) return refuse(notAllowed("That VPN may not be asked about from here."));
  const asked = askedFor(scopes, {
    queryType: query.queryType,
    linkAddress: query.linkAddress ?? UNSPECIFIED,
    options: query.queryOptions,
  });
  if ("code" in asked) return refuse(asked);
  const { bulk } = scopes;
  return {
    kind: "answer",
    answer: new BulkAnswer6(
      context.table,
      scopes,
      {
        transactionId: query.transactionId,
        query: asked.query,
        link: asked.link,
        window: windowOf(query, context.now),
        relayId: bulk?.restrictedRequestor === true ? query.clientDuid : undefined,
      },
      planOf(own, scopes, query, asked.requestedOptions),
      context.now,
    ),
  };
}

/** An ACTIVELEASEQUERY (RFC 7653 §9.1–§9.3). An error ends the connection. */
export function openActive6(
  connection: Connection,
  own: ResponderScopes6,
  message: Message6,
  context: QueryContext6,
): QueryOutcome {
  const refuse = (refusal: Refusal6): QueryOutcome => refused(own, message, refusal, true);
  if (own.active === undefined) {
    return refuse({
      code: StatusCode6.NotSupported,
      reason: "query-not-supported",
      text: "Active leasequery is not configured here.",
    });
  }
  if (own.active.mode === "secure" && !connection.secured)
    return refuse(notAllowed("Active leasequery is answered over TLS only: begin with STARTTLS."));
  const read = readActiveLeasequery6(message);
  if (!read.ok) return refuse(malformed(read.error.message));
  const query = read.value;
  if (query.serverDuid !== undefined && !equalBytes(query.serverDuid, own.serverDuid))
    return refuse(notAllowed("The query is meant for another server."));
  if (connection.answers.length > 0) return refuse(notAllowed("An active query has its connection for itself."));
  const scopes = vpnOf(own, message, context);
  if (scopes === undefined) return refuse(notAllowed("That VPN may not be asked about from here."));
  const asked = query.query === undefined ? undefined : askedFor(scopes, query.query);
  if (asked !== undefined && "code" in asked) return refuse(asked);
  const nowSeconds = Math.floor(context.now / 1000);
  return {
    kind: "answer",
    answer: new ActiveAnswer6(
      scopes,
      { transactionId: query.transactionId, query: asked?.query, link: asked?.link },
      planOf(own, scopes, query, asked?.requestedOptions ?? query.requestedOptions ?? []),
      {
        table: context.table,
        instance: scopes.instance,
        origins: scopes.origins,
        durable: context.durable,
        startSeconds:
          query.startTimeSeconds === undefined
            ? undefined
            : Math.max(0, epoch2000ToUnixSeconds(query.startTimeSeconds, nowSeconds)),
        now: context.now,
      },
    ),
  };
}

export interface Asked6 {
  readonly query: Query6;
  readonly link: number | undefined;
  readonly requestedOptions: readonly number[];
}

/** What option 44 asks for, or the status it is refused with. */
export function askedFor(scopes: ResponderScopes6, query: LqQuery6): Asked6 | Refusal6 {
  const read = readQuery6(query);
  if (!read.ok) {
    return read.error.code === "query-type-unknown"
      ? {
          code: StatusCode6.UnknownQueryType,
          reason: "query-type-unknown",
          text: `Query type ${query.queryType} is not known here.`,
        }
      : malformed(read.error.message);
  }
  const requested = readRequestedOptions(query.options);
  if (!requested.ok) return malformed(requested.error.message);
  const finder = linkFinder(scopes);
  const value = read.value;
  let link: number | undefined;
  if (!isIpv6Unspecified(query.linkAddress)) {
    link = finder.findOctets(query.linkAddress);
    if (link < 0) return notConfigured("The link-address is on no link of this server.");
  } else if (value.kind === "link-address") {
    return malformed("a query by link-address names no link-address");
  } else if (value.kind === "address") {
    link = finder.findOctets(value.address);
    if (link < 0) return notConfigured("The address is on no link of this server.");
  }
  return { query: value, link, requestedOptions: requested.value };
}

export function notAllowed(text: string): Refusal6 {
  return { code: StatusCode6.NotAllowed, reason: "query-not-allowed", text };
}

export function malformed(text: string): Refusal6 {
  return {
    code: StatusCode6.MalformedQuery,
    reason: "query-malformed",
    text: `The query is not well formed: ${text}.`,
  };
}

function notConfigured(text: string): Refusal6 {
  return { code: StatusCode6.NotConfigured, reason: "query-not-configured", text };
}

const UNSPECIFIED = new Uint8Array(16) as LqQuery6["linkAddress"];

function refused(scopes: ResponderScopes6, message: Message6, refusal: Refusal6, end: boolean): QueryOutcome {
  const clientDuid = message.option(OptionCode6.CLIENTID);
  return {
    kind: "refused",
    reason: refusal.reason,
    end,
    bytes: leaseReply6({
      messageType: MessageType6["LEASEQUERY-REPLY"],
      transactionId: message.transactionId,
      serverDuid: scopes.serverDuid,
      ...(clientDuid === undefined || clientDuid.length === 0 ? {} : { clientDuid }),
      status: { code: refusal.code, text: statusText(refusal.text) },
    }),
  };
}

/** LQ_BASE_TIME is told if option 100 is in either ORO (RFC 7653 §9.3 does not say in which). */
function planOf(
  own: ResponderScopes6,
  scopes: ResponderScopes6,
  query: Pick<QueryHeader6, "transactionId" | "clientDuid" | "requestedOptions">,
  requestedOptions: readonly number[],
): ReplyPlan6 {
  return new ReplyPlan6({
    framed: true,
    transactionId: query.transactionId,
    serverDuid: own.serverDuid,
    clientDuid: query.clientDuid,
    vss: scopes === own ? undefined : vssOf(scopes.instance),
    baseTime:
      requestedOptions.includes(OptionCode6.LQ_BASE_TIME) ||
      query.requestedOptions?.includes(OptionCode6.LQ_BASE_TIME) === true,
    requestedOptions,
    sensitiveOptions: scopes.sensitiveOptions,
  });
}

/** Times count from 2000 and wrap in 2136: the moments are those nearest to now. */
function windowOf(
  { startTimeSeconds, endTimeSeconds }: Pick<QueryHeader6, "startTimeSeconds" | "endTimeSeconds">,
  now: number,
): TimeWindow | undefined {
  if (startTimeSeconds === undefined && endTimeSeconds === undefined) return undefined;
  const nowSeconds = Math.floor(now / 1000);
  return {
    startSeconds: startTimeSeconds === undefined ? 0 : epoch2000ToUnixSeconds(startTimeSeconds, nowSeconds),
    endSeconds:
      endTimeSeconds === undefined ? Number.MAX_SAFE_INTEGER : epoch2000ToUnixSeconds(endTimeSeconds, nowSeconds),
  };
}

/** The instance that option 68 beside the CLIENTID names (RFC 6607 §6), as for DHCPv4; undefined: it may not be asked about. */
export function vpnOf(
  own: ResponderScopes6,
  message: Message6,
  context: { scopesOf: (instance: InstanceName) => ResponderScopes6 | undefined },
): ResponderScopes6 | undefined {
  const option = message.option(OptionCode6.VSS);
  if (option === undefined) return own;
  const read = vssFormat.decode(option);
  if (!read.ok) return undefined;
  if (read.value.kind === "global") return own;
  if (read.value.kind !== "name") return undefined;
  const { logicalSystem, routingInstance } = instanceParts(own.instance);
  const instance = formatInstance(logicalSystem, new TextDecoder().decode(read.value.name));
  if (instance === own.instance) return own;
  if (routingInstance !== undefined && routingInstance !== "default") return undefined;
  const scopes = context.scopesOf(instance);
  return scopes?.bulk === undefined ? undefined : scopes;
}
