import type { BindingTable } from "@leasewire/bindings";
import { formatInstance, type InstanceName, instanceParts, ipv4ToBytes, parseIpv4 } from "@leasewire/net";
import {
  type BulkLeasequery4,
  leasequeryDone4,
  leasequeryStatus4,
  type Message4,
  readActiveLeasequery4,
  readBulkLeasequery4,
  StatusCode4,
  type Vss,
} from "@leasewire/wire";
import { ActiveAnswer4 } from "./active4.ts";
import type { Answer } from "./answer.ts";
import { BulkAnswer4, CONFIGURED_ADDRESSES_MAX, type Vpn4 } from "./bulk4.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionReason } from "./reasons.ts";
import type { ResponderScopes4 } from "./scopes.ts";
import { statusText } from "./status.ts";

/** What becomes of a query over TCP. */
export type QueryOutcome =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** Refused with a message; `end`: and the connection is closed. */
  | { readonly kind: "refused"; readonly bytes: Uint8Array; readonly reason: ConnectionReason; readonly end: boolean };

export interface QueryContext {
  readonly table: BindingTable;
  readonly durable: () => number;
  /** Scopes of another instance of this family. */
  readonly scopesOf: (instance: InstanceName) => ResponderScopes4 | undefined;
  /** All instances of this family. */
  readonly instances: () => readonly InstanceName[];
  readonly now: number;
}

/** A DHCPBULKLEASEQUERY (RFC 6926 §8.2). */
export function openBulk4(
  connection: Connection,
  scopes: ResponderScopes4,
  message: Message4,
  context: QueryContext,
): QueryOutcome {
  const refuse = (code: number, reason: ConnectionReason, text: string): QueryOutcome => ({
    kind: "refused",
    reason,
    end: false,
    bytes: leasequeryDone4({
      xid: message.xid,
      serverIdentifier: scopes.serverIdentifier,
      status: { code, text: statusText(text) },
    }),
  });
  if (scopes.bulk === undefined)
    return refuse(StatusCode4.NotAllowed, "query-not-allowed", "Bulk leasequery is not configured here.");
  const read = readBulkLeasequery4(message);
  if (!read.ok) {
    const { code, message: text } = read.error;
    return code === "query-several"
      ? refuse(StatusCode4.NotAllowed, "query-not-allowed", `A bulk query has one primary query: ${text}.`)
      : refuse(StatusCode4.MalformedQuery, "query-malformed", `The query is not well formed: ${text}.`);
  }
  const query = read.value;
  if (connection.answers.some(({ xid }) => xid === query.xid))
    return refuse(StatusCode4.MalformedQuery, "query-malformed", "A query with this xid is being answered.");
  if (connection.answers.some(({ kind }) => kind === "active"))
    return refuse(StatusCode4.NotAllowed, "query-not-allowed", "An active query has its connection for itself.");
  const vpns = vpnsOf(scopes, query.vss, context);
  if (vpns === undefined)
    return refuse(StatusCode4.NotAllowed, "query-not-allowed", "That VPN may not be asked about from here.");
  let addresses = 0;
  for (const { scopes: one } of vpns) for (const { low, high } of one.configured ?? []) addresses += high - low + 1;
  if (query.query.kind === "all" && addresses > CONFIGURED_ADDRESSES_MAX)
    return refuse(
      StatusCode4.QueryTerminated,
      "query-not-allowed",
      "More addresses are configured than one query can tell.",
    );
  return {
    kind: "answer",
    answer: new BulkAnswer4(
      context.table,
      scopes,
      vpns,
      query,
      requestorGiaddr(connection, scopes, query),
      context.now,
    ),
  };
}

/** A DHCPACTIVELEASEQUERY (RFC 7724 §8.1, §8.2). An error ends the connection. */
export function openActive4(
  connection: Connection,
  scopes: ResponderScopes4,
  message: Message4,
  context: QueryContext,
): QueryOutcome {
  const refuse = (code: number, reason: ConnectionReason, text: string): QueryOutcome => ({
    kind: "refused",
    reason,
    end: true,
    bytes: leasequeryStatus4({
      xid: message.xid,
      serverIdentifier: scopes.serverIdentifier,
      status: { code, text: statusText(text) },
    }),
  });
  if (scopes.active === undefined)
    return refuse(StatusCode4.NotAllowed, "query-not-supported", "Active leasequery is not configured here.");
  if (scopes.active.mode === "secure" && !connection.secured)
    return refuse(
      StatusCode4.NotAllowed,
      "query-not-allowed",
      "Active leasequery is answered over TLS only: begin with DHCPTLS.",
    );
  const read = readActiveLeasequery4(message);
  if (!read.ok)
    return refuse(
      StatusCode4.MalformedQuery,
      "query-malformed",
      `The query is not well formed: ${read.error.message}.`,
    );
  if (connection.answers.length > 0)
    return refuse(StatusCode4.NotAllowed, "query-not-allowed", "An active query has its connection for itself.");
  return {
    kind: "answer",
    answer: new ActiveAnswer4(scopes, read.value, {
      table: context.table,
      instance: scopes.instance,
      origins: scopes.origins,
      durable: context.durable,
      startSeconds: read.value.queryStartTimeSeconds,
      now: context.now,
    }),
  };
}

/**
 * VPNs are routing instances (RFC 6607, RFC 6926 §6.2.9). The one in which a connection arrives is its global VPN: asked
 * about without option 221 or with type 255. Type 0 names a routing instance of the same logical system, type 254 means
 * all of them. Only from the `default` routing instance may others be asked about, and only those that answer bulk queries.
 */
function vpnsOf(own: ResponderScopes4, vss: Vss | undefined, context: QueryContext): readonly Vpn4[] | undefined {
  if (vss === undefined || vss.kind === "global") return [{ scopes: own }];
  const { logicalSystem, routingInstance } = instanceParts(own.instance);
  const isDefault = routingInstance === undefined || routingInstance === "default";
  const vpnOf = (instance: InstanceName): Vpn4[] => {
    const scopes = instance === own.instance ? own : context.scopesOf(instance);
    if (scopes?.bulk === undefined) return [];
    return [instance === own.instance && vss.kind === "all" ? { scopes } : { scopes, vss: vssOf(instance) }];
  };
  if (vss.kind === "name") {
    const name = new TextDecoder().decode(vss.name);
    const instance = formatInstance(logicalSystem, name);
    if (instance !== own.instance && !isDefault) return undefined;
    const found = vpnOf(instance);
    return found.length === 0 ? undefined : found;
  }
  if (vss.kind !== "all") return undefined;
  if (!isDefault) return [{ scopes: own }];
  const others = context
    .instances()
    .filter((instance) => instance !== own.instance && instanceParts(instance).logicalSystem === logicalSystem);
  return [{ scopes: own }, ...others.flatMap(vpnOf)];
}

/** Content of option 221 that names a routing instance: type 0 and NVT ASCII. */
export function vssOf(instance: InstanceName): Uint8Array {
  const name = new TextEncoder().encode(instanceParts(instance).routingInstance ?? "default");
  const octets = new Uint8Array(1 + name.length);
  octets.set(name, 1);
  return octets;
}

/** Whom a restricted requestor is: the giaddr of its query, else the address it connects from. */
function requestorGiaddr(
  { peerAddress }: Connection,
  { bulk }: ResponderScopes4,
  { giaddr }: BulkLeasequery4,
): Uint8Array | undefined {
  if (bulk?.restrictedRequestor !== true) return undefined;
  if (giaddr !== undefined) return ipv4ToBytes(giaddr);
  const peer = parseIpv4(peerAddress);
  return peer.ok ? ipv4ToBytes(peer.value) : new Uint8Array(4);
}
