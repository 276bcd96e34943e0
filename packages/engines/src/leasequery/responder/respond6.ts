import { type BindingTable, Field, RowView } from "@leasewire/bindings";
import { equalBytes, type InstanceName } from "@leasewire/net";
import {
  type Leasequery6,
  type LeaseReply6,
  leaseReply6,
  type Message6,
  MessageType6,
  type RelayMessage6,
  readLeasequery6,
  relayChain6,
  relayReply6,
  StatusCode6,
} from "@leasewire/wire";
import { gatherClient, isHeld } from "./clients6.ts";
import { originsTold } from "./lease.ts";
import { LinksOfRows, linkFinder } from "./links6.ts";
import { vssOf } from "./query4.ts";
import { askedFor, notAllowed, vpnOf } from "./query6.ts";
import { CLIENT_ROWS_MAX } from "./respond4.ts";
import { drop, type ResponderScopes6, type Response } from "./scopes.ts";
import { statusText } from "./status.ts";
import { ClientLeases, LeaseWriter6, ReplyPlan6 } from "./write6.ts";

/**
 * Answers a LEASEQUERY over UDP (RFC 5007 §4.4), relayed or not, out of the table. `now` in ms. The answer goes back to
 * where the message came from; of a relayed query it is wrapped for the relays. Whether the sender may ask at all
 * (`requestorAddresses`, the storm guard) has been found out before.
 *
 * Dropped (§4.2.1): no CLIENTID, no LQ_QUERY, another server's SERVERID, and what is not a LEASEQUERY.
 *
 * A query that names a VPN (option 68, RFC 6607 §6) is answered for that routing instance; see `respond4`.
 */
export function respond6(
  table: BindingTable,
  own: ResponderScopes6,
  received: Message6 | RelayMessage6,
  now: number,
  scopesOf: (instance: InstanceName) => ResponderScopes6 | undefined = () => undefined,
): Response {
  const chain = relayChain6(received);
  if (!chain.ok) return drop(chain.error.code, chain.error.message);
  const { relays, message } = chain.value;
  if (message === undefined) return drop("relay-message-missing", "the relay message carries no message");
  const read = readLeasequery6(message);
  if (!read.ok) return drop(read.error.code, read.error.message);
  const query = read.value;
  if (query.serverDuid !== undefined && !equalBytes(query.serverDuid, own.serverDuid)) {
    return drop("server-duid-mismatch", "the query is meant for another server");
  }
  const scopes = vpnOf(own, message, { scopesOf });
  const said =
    scopes === undefined
      ? status(StatusCode6.NotAllowed, "That VPN may not be asked about from here.")
      : answer(table, own, scopes, query, Math.floor(now / 1000));
  let bytes =
    said instanceof Uint8Array
      ? said
      : leaseReply6({
          messageType: MessageType6["LEASEQUERY-REPLY"],
          transactionId: query.transactionId,
          serverDuid: own.serverDuid,
          clientDuid: query.clientDuid,
          ...said,
        });
  for (const relay of relays.toReversed()) bytes = relayReply6(bytes, relay);
  return { kind: "reply", bytes, unknown: !(said instanceof Uint8Array) && said.clientLinks === undefined };
}

type Answer = Pick<LeaseReply6, "status" | "clientLinks">;

/** The whole message where there is client data, else what is to be said instead. */
function answer(
  table: BindingTable,
  own: ResponderScopes6,
  scopes: ResponderScopes6,
  query: Leasequery6,
  nowSeconds: number,
): Answer | Uint8Array {
  if (own.requestors !== undefined && !own.requestors.some((duid) => equalBytes(duid, query.clientDuid))) {
    return status(StatusCode6.NotAllowed, "This requestor may not issue leasequeries.");
  }
  // RFC 5460 §4: types 3 to 5 are for TCP; whether they are well formed does not matter here.
  if (query.queryType >= 3 && query.queryType <= 5) {
    const { code, text } = notAllowed("This query type is answered over TCP only.");
    return status(code, text);
  }
  const asked = askedFor(scopes, {
    queryType: query.queryType,
    linkAddress: query.linkAddress ?? UNSPECIFIED,
    options: query.queryOptions,
  });
  if ("code" in asked) return status(asked.code, asked.text);
  const work = workOf(table);
  const { view, leases } = work;
  const links = new LinksOfRows(table, linkFinder(scopes));
  const instanceId = table.instanceIdOf(scopes.instance);
  const origins = originsTold(scopes.origins);
  const isOnLink = (row: number): boolean => {
    if (!view.readNumbers(row) || !isHeld(view, instanceId, origins, nowSeconds)) return false;
    const link = links.linkOf(row);
    return link >= 0 && (asked.link === undefined || link === asked.link);
  };
  let found = 0;
  if (asked.query.kind === "address") {
    // Inside a delegated prefix counts as well (RFC 5007 §4.1.2.1).
    const row = table.byAddress(scopes.instance, asked.query.address);
    if (row > 0 && table.fieldLengthOf(row, Field.clientId) >= 0 && isOnLink(row)) found = row;
  } else if (asked.query.kind === "client-id") {
    const onLinks = new Map<number, number>();
    let visits = 0;
    for (const row of table.byClientId(scopes.instance, asked.query.clientDuid)) {
      visits += 1;
      if (visits > CLIENT_ROWS_MAX) break;
      if (isOnLink(row)) onLinks.set(links.linkOf(row), row);
    }
    if (onLinks.size > 1) {
      return { clientLinks: Array.from(onLinks.keys(), (link) => scopes.links[link]!.linkAddress) };
    }
    for (const row of onLinks.values()) found = row;
  }
  if (found === 0) return {};
  if (scopes.restrictedRequestor === true) {
    view.read(found);
    if (!view.fieldIs(Field.relayId, query.clientDuid)) {
      const { code, text } = notAllowed("Only the relay agent of a binding may ask about it.");
      return status(code, text);
    }
  }
  const relayId = scopes.restrictedRequestor === true ? query.clientDuid : undefined;
  gatherClient(table, view, links, found, instanceId, origins, true, nowSeconds, leases, relayId);
  const plan = new ReplyPlan6({
    framed: false,
    transactionId: query.transactionId,
    serverDuid: own.serverDuid,
    clientDuid: query.clientDuid,
    vss: scopes === own ? undefined : vssOf(scopes.instance),
    baseTime: false,
    requestedOptions: asked.requestedOptions,
    sensitiveOptions: scopes.sensitiveOptions,
  });
  const end = work.writer.write(plan, "reply", leases, work.reply, 0, work.reply.length, nowSeconds);
  return end < 0
    ? status(StatusCode6.UnspecFail, "The answer would be longer than a message.")
    : work.reply.slice(0, end);
}

const UNSPECIFIED = new Uint8Array(16) as NonNullable<Leasequery6["linkAddress"]>;

/** What answering needs again and again, once for each table. */
interface Work6 {
  readonly view: RowView;
  readonly writer: LeaseWriter6;
  readonly leases: ClientLeases;
  readonly reply: Uint8Array;
}

const works = new WeakMap<BindingTable, Work6>();

function workOf(table: BindingTable): Work6 {
  let work = works.get(table);
  if (work === undefined) {
    work = {
      view: new RowView(table),
      writer: new LeaseWriter6(table),
      leases: new ClientLeases(),
      reply: new Uint8Array(65_535),
    };
    works.set(table, work);
  }
  return work;
}

function status(code: number, text: string): Answer {
  return { status: { code, text: statusText(text) } };
}
