import type { Binding, BindingTable } from "@leasewire/bindings";
import { equalBytes, type Ipv6Address, ipv6FromBytes, ipv6PrefixContains, isIpv6Unspecified } from "@leasewire/net";
import {
  type ClientData6,
  type Leasequery6,
  type LeaseReply6,
  leaseReply6,
  lqRelayData,
  type Message6,
  MessageType6,
  OptionCode6,
  options6,
  type Query6,
  type RelayMessage6,
  readLeasequery6,
  readQuery6,
  readRequestedOptions,
  relayChain6,
  relayReply6,
  StatusCode6,
  secondsBefore,
} from "@leasewire/wire";
import { remainingSeconds } from "./lease.ts";
import { leasedBindings } from "./leased-bindings.ts";
import { drop, type ResponderLink6, type ResponderScopes6, type Response } from "./scopes.ts";

/**
 * Answers a LEASEQUERY over UDP (RFC 5007 §4.4), relayed or not, out of the table. `now` in ms. The answer goes back to
 * where the message came from; of a relayed query it is wrapped for the relays.
 *
 * Dropped (§4.2.1): no CLIENTID, no LQ_QUERY, another server's SERVERID, and what is not a LEASEQUERY.
 */
export function respond6(
  table: BindingTable,
  scopes: ResponderScopes6,
  received: Message6 | RelayMessage6,
  now: number,
): Response {
  const chain = relayChain6(received);
  if (!chain.ok) return drop(chain.error.code, chain.error.message);
  const { relays, message } = chain.value;
  if (message === undefined) return drop("relay-message-missing", "the relay message carries no message");
  const read = readLeasequery6(message);
  if (!read.ok) return drop(read.error.code, read.error.message);
  const query = read.value;
  if (query.serverDuid !== undefined && !equalBytes(query.serverDuid, scopes.serverDuid)) {
    return drop("server-duid-mismatch", "the query is meant for another server");
  }
  const said = answer(table, scopes, query, Math.floor(now / 1000));
  let bytes = leaseReply6({
    messageType: MessageType6["LEASEQUERY-REPLY"],
    transactionId: query.transactionId,
    serverDuid: scopes.serverDuid,
    clientDuid: query.clientDuid,
    ...said,
  });
  for (const relay of relays.toReversed()) bytes = relayReply6(bytes, relay);
  return { kind: "reply", bytes, unknown: said.clientData === undefined && said.clientLinks === undefined };
}

type Answer = Pick<LeaseReply6, "status" | "clientData" | "clientLinks">;

function answer(table: BindingTable, scopes: ResponderScopes6, query: Leasequery6, nowSeconds: number): Answer {
  if (scopes.requestors !== undefined && !scopes.requestors.some((duid) => equalBytes(duid, query.clientDuid))) {
    return status(StatusCode6.NotAllowed, "This requestor may not issue leasequeries.");
  }
  const key = readQuery6({ queryType: query.queryType, options: query.queryOptions });
  if (!key.ok) {
    return key.error.code === "query-type-unknown"
      ? status(StatusCode6.UnknownQueryType, `Query type ${query.queryType} is not known here.`)
      : status(StatusCode6.MalformedQuery, `The query is not well formed: ${key.error.message}.`);
  }
  const requested = readRequestedOptions(query.queryOptions);
  if (!requested.ok) {
    return status(StatusCode6.MalformedQuery, `The query is not well formed: ${requested.error.message}.`);
  }
  if (key.value.kind !== "address" && key.value.kind !== "client-id") {
    // RFC 5460 §4: these types are for TCP.
    return status(StatusCode6.NotAllowed, "This query type is answered over TCP only.");
  }
  let wanted: ResponderLink6 | undefined;
  if (query.linkAddress !== undefined && !isIpv6Unspecified(query.linkAddress)) {
    wanted = linkOf(scopes, query.linkAddress);
    if (wanted === undefined)
      return status(StatusCode6.NotConfigured, "The link-address is on no link of this server.");
  } else if (key.value.kind === "address") {
    wanted = linkOf(scopes, key.value.address);
    if (wanted === undefined) return status(StatusCode6.NotConfigured, "The address is on no link of this server.");
  }
  const leases = leasesOf(table, scopes, key.value, nowSeconds);
  const onLinks = new Map<ResponderLink6, Binding[]>();
  for (const lease of leases) {
    const link = linkOfBinding(scopes, lease);
    if (link === undefined || (wanted !== undefined && link !== wanted)) continue;
    const list = onLinks.get(link);
    if (list === undefined) onLinks.set(link, [lease]);
    else list.push(lease);
  }
  if (onLinks.size > 1) return { clientLinks: Array.from(onLinks.keys(), ({ linkAddress }) => linkAddress) };
  const [found] = onLinks.values();
  return found === undefined ? {} : { clientData: dataOf(scopes, found, requested.value, nowSeconds) };
}

/** All leases of the client that the query is about, latest heard of first; none unless the queried one is leased. */
function leasesOf(
  table: BindingTable,
  { instance }: ResponderScopes6,
  key: Extract<Query6, { kind: "address" | "client-id" }>,
  nowSeconds: number,
): Binding[] {
  let duid: Uint8Array | undefined;
  if (key.kind === "client-id") {
    duid = key.clientDuid;
  } else {
    // Inside a delegated prefix counts as well (RFC 5007 §4.1.2.1).
    const row = table.byAddress(instance, key.address);
    const [binding] = leasedBindings(table, row < 0 ? [] : [row], nowSeconds);
    duid = binding?.clientId;
  }
  if (duid === undefined) return [];
  // A lease without an end in the record has no valid lifetime that could be told (RFC 5007 §4.1.2.2).
  return leasedBindings(table, table.byClientId(instance, duid), nowSeconds).filter((l) => l.expiresAtSeconds !== 0);
}

/** What §4.4.2 demands of CLIENT_DATA, and what the query's own ORO asks for. `leases` are of one client, on one link. */
function dataOf(
  scopes: ResponderScopes6,
  leases: readonly Binding[],
  requested: readonly number[],
  nowSeconds: number,
): ClientData6 {
  const latest = leases[0]!;
  const told = requested.filter((code) => !scopes.sensitiveOptions?.includes(code));
  const relayData =
    told.includes(OptionCode6.LQ_RELAY_DATA) && latest.relayAgentInformation !== undefined
      ? lqRelayData.decode(latest.relayAgentInformation)
      : undefined;
  const lifetimes = (lease: Binding) => ({
    preferredLifetimeSeconds: remainingSeconds(lease.preferredUntilSeconds ?? lease.expiresAtSeconds, nowSeconds),
    validLifetimeSeconds: remainingSeconds(lease.expiresAtSeconds, nowSeconds),
    options: [],
  });
  return {
    clientDuid: latest.clientId!,
    addresses: leases
      .filter(({ kind }) => kind === "address")
      .map((lease) => ({ address: ipv6FromBytes(lease.address), ...lifetimes(lease) })),
    prefixes: leases
      .filter(({ kind }) => kind === "prefix")
      .map((lease) => ({
        prefix: ipv6FromBytes(lease.address),
        prefixLength: lease.prefixLength,
        ...lifetimes(lease),
      })),
    cltTimeSeconds: secondsBefore(nowSeconds, latest.clientLastTransactionTimeSeconds),
    ...(relayData?.ok ? { relayData: relayData.value } : {}),
    options:
      latest.options === undefined ? [] : [...options6(latest.options)].filter(({ code }) => told.includes(code)),
  };
}

/** The link of a binding: that of the relay's link-address, else the one its address or prefix lies on. */
function linkOfBinding(scopes: ResponderScopes6, binding: Binding): ResponderLink6 | undefined {
  const { linkAddress } = binding;
  if (linkAddress?.length === 16 && !isIpv6Unspecified(linkAddress)) {
    const link = linkOf(scopes, ipv6FromBytes(linkAddress));
    if (link !== undefined) return link;
  }
  return linkOf(scopes, ipv6FromBytes(binding.address));
}

function linkOf({ links }: ResponderScopes6, address: Ipv6Address): ResponderLink6 | undefined {
  return links.find(({ prefixes }) => prefixes.some((prefix) => ipv6PrefixContains(prefix, address)));
}

function status(code: number, text: string): Answer {
  return { status: { code, text: new TextEncoder().encode(text) } };
}
