import { type BindingInput, BindingState } from "@leasewire/bindings";
import {
  equalBytes,
  formatDuid,
  formatIpv6,
  type Ipv6Address,
  ipv6FromBytes,
  ipv6PrefixContains,
  isIpv6Unspecified,
} from "@leasewire/net";
import {
  type ClientData6,
  clientData,
  decodeMessage6,
  encodeOptions6,
  type Message6,
  MessageType6,
  OptionCode6,
  type RelayMessage6,
  relayChain6,
  StatusCode6,
  status6,
} from "@leasewire/wire";
import type { Context } from "./context.ts";
import { place } from "./place.ts";
import type { Question6 } from "./question.ts";
import type { NoteName } from "./reasons.ts";
import type { RequestorRelay } from "./relay.ts";
import type { Query } from "./state.ts";
import { endOf, transactionTime } from "./times.ts";
import { invalid, unusable, type Verdict } from "./verdict.ts";

export function isReplyType6(messageType: number): boolean {
  return messageType === MessageType6["LEASEQUERY-REPLY"];
}

/** Judges a LEASEQUERY-REPLY to an outstanding query (RFC 5007 §4.2.2, §4.3.3; steps of the relay: Junos). */
export function judgeReply6(context: Context, query: Query, question: Question6, message: Message6): Verdict {
  const { relay } = query.server;
  const requestor = message.option(OptionCode6.CLIENTID);
  if (requestor === undefined || relay.duid === undefined || !equalBytes(requestor, relay.duid)) {
    return invalid(
      "requestor duid mismatch",
      requestor === undefined
        ? "The reply has no client identifier; it must repeat this relay's DUID (RFC 5007 §4.2.2)."
        : "The reply has another client identifier than this relay's DUID (RFC 5007 §4.2.2).",
    );
  }
  const serverId = message.option(OptionCode6.SERVERID);
  const statusData = message.option(OptionCode6.STATUS_CODE);
  const status = statusData === undefined ? undefined : status6.decode(statusData);
  if (status !== undefined && !status.ok) {
    return invalid(`malformed ${status.error.code}`, `The status code option ${status.error.message}.`);
  }
  if (status !== undefined && status.value.code !== StatusCode6.Success) {
    return {
      kind: "refused",
      reason: status.value.code === StatusCode6.QueryTerminated ? "query-terminated" : "error code",
      text: `The server answered with status ${status6.show(status.value)}.${advice(status.value.code)}`,
      notes: serverId === undefined ? ["error reply without server-id"] : [],
    };
  }
  if (serverId === undefined) {
    return invalid("no server-id", "The reply has no server identifier, so it must be discarded (RFC 5007 §4.2.2).");
  }
  const links = message.option(OptionCode6.LQ_CLIENT_LINK);
  const data = message.option(OptionCode6.CLIENT_DATA);
  if (links !== undefined && data === undefined) return clientLinks(query, question, links);
  if (data === undefined) return nothing(context, query, question, serverId);
  const decoded = clientData.decode(data);
  if (!decoded.ok) {
    return invalid(`malformed ${decoded.error.code}`, `The client data ${decoded.error.message}.`);
  }
  return client(context, query, question, decoded.value, serverId);
}

function advice(code: number): string {
  switch (code) {
    case StatusCode6.UnknownQueryType:
      return " The server does not support this kind of query; ask by address.";
    case StatusCode6.NotConfigured:
      return " The address or link is not in the server's configuration.";
    case StatusCode6.NotAllowed:
      return " The server does not allow this relay to ask; permit it there.";
    default:
      return "";
  }
}

/** The client is on several links and none was named: each is asked (RFC 5007 §4.1.2.5, §4.3.3). */
function clientLinks(query: Query, question: Question6, data: Uint8Array): Verdict {
  if (data.length === 0 || data.length % 16 !== 0) {
    return invalid("malformed option-length", `The list of links (option 48) has ${data.length} octets.`);
  }
  if (query.label !== null || question.linkAddress !== undefined) {
    return unusable("client-link present", "The server listed links although the query named one.");
  }
  const links = new Map<string, Ipv6Address>();
  for (let at = 0; at < data.length; at += 16) {
    const link = ipv6FromBytes(data, at);
    if (!isIpv6Unspecified(link)) links.set(formatIpv6(link), link);
  }
  return {
    kind: "links",
    questions: [...links].map(([text, linkAddress]) => ({
      question: { ...question, linkAddress },
      label: `link ${text}`,
    })),
  };
}

/** No status, no data, no links: there is no such lease (RFC 5007 §4.3.3). */
function nothing(context: Context, query: Query, question: Question6, serverId: Uint8Array): Verdict {
  const { bindings } = context.state;
  const { instance } = query.server.relay;
  const endings: BindingInput[] = [];
  if (question.kind === "address") {
    const stored = bindings.binding(6, instance, question.address, 128);
    if (stored !== undefined) endings.push(stored);
  } else {
    endings.push(...storedElsewhere(context, query, question.duid, question.linkAddress, serverId, new Set()));
  }
  return {
    kind: "unconfirmed",
    text:
      question.kind === "address"
        ? "The server knows no lease of this address."
        : "The server knows no lease of this client.",
    dropReason: "no client-data",
    endings,
  };
}

function client(context: Context, query: Query, question: Question6, data: ClientData6, serverId: Uint8Array): Verdict {
  const { relay } = query.server;
  const { clientDuid, addresses, prefixes } = data;
  if (data.cltTimeSeconds === undefined) {
    return unusable("no clt-time", "The client data has no client last transaction time (RFC 5007 §4.3.3).");
  }
  if (clientDuid === undefined || addresses.length + prefixes.length === 0) {
    return unusable(
      "no lease",
      "The client data names no client, or neither an address nor a prefix (RFC 5007 §4.4.2).",
    );
  }
  const leasesMax = context.state.limits.bindingsPerReplyMax;
  if (addresses.length + prefixes.length > leasesMax) {
    return unusable(
      "too many leases",
      `The answer names ${addresses.length + prefixes.length} addresses and prefixes; ${leasesMax} are taken (bindingsPerReplyMax).`,
    );
  }
  if (question.kind === "client-id" && !equalBytes(clientDuid, question.duid)) {
    return invalid(
      "answer for another client",
      `The answer is about client ${formatDuid(clientDuid)}, not the one asked for.`,
    );
  }
  if (question.kind === "address" && !covers(data, question.address)) {
    return invalid(
      "ciaddr mismatch",
      `The answer has no lease that covers ${formatIpv6(question.address)}, the address asked for.`,
    );
  }

  const notes: NoteName[] = [];
  const strict = relay.interfaces.length > 0;
  const relayed = readRelayData(data);
  if (relayed.kind === "malformed") return invalid(`malformed ${relayed.code}`, `The relay data ${relayed.text}.`);
  const network = relayed.kind === "absent" && strict ? interfaceOfAll(relay, addresses) : undefined;
  if (relayed.kind === "absent") {
    if (strict && network === undefined) {
      return unusable(
        "no relay-data",
        "The answer has no relay data (option 47), and its addresses are in the network of no access interface or of several, so the lease cannot be tied to one. ISC dhcpd never sends relay data.",
      );
    }
    notes.push(strict ? "placed by its network" : "recorded without relay-data");
  } else if (relayed.relays.length > 1 || relayed.innermost.hopCount > 0) {
    if (strict) {
      return unusable(
        "relay hop count",
        `The relay data tells of ${relayed.relays.length} relays: the lease is behind another relay agent.`,
      );
    }
    notes.push("recorded with relay hop count");
  }
  const innermost = relayed.kind === "relayed" ? relayed.innermost : undefined;
  const interfaceId = innermost?.option(OptionCode6.INTERFACE_ID);
  if (relayed.kind === "relayed" && interfaceId === undefined) {
    if (strict) {
      return unusable(
        "no interface-id",
        "The relay data has no interface-id (option 18), so the lease cannot be tied to an access interface.",
      );
    }
    notes.push("recorded without interface-id");
  }
  const placed = network === undefined ? place(relay, interfaceId) : { interfaceName: network, waitsFor: null };

  const nowSeconds = Math.floor(context.now / 1000);
  const transaction = transactionTime(data.cltTimeSeconds, nowSeconds);
  if (transaction.wasAbsolute) notes.push("absolute client last transaction time");
  // Lifetimes are what remains (RFC 9915 §21.6), but ISC dhcpd, known by its date, tells them as it granted them then.
  const countedFrom = transaction.wasAbsolute ? transaction.seconds : nowSeconds;
  const linkLayer = linkLayerAddress(innermost, data);
  const link = linkOf(innermost, question) ?? (network === undefined ? undefined : relay.linkAddressOf?.(network));
  const common = {
    instance: relay.instance,
    hardwareType: linkLayer?.type ?? 0,
    hardwareAddress: linkLayer?.address,
    clientId: clientDuid,
    clientLastTransactionTimeSeconds: transaction.seconds,
    linkAddress: link,
    relayAgentInformation: relayed.kind === "relayed" ? relayed.bytes : undefined,
    circuitId: interfaceId,
    remoteId: innermost?.option(OptionCode6.REMOTE_ID),
    relayId: innermost?.option(OptionCode6.RELAY_ID),
    options: data.options.length === 0 ? undefined : encodeOptions6(data.options),
    serverIdentifier: serverId,
    serverAddress: query.server.address,
    dataSource: 0,
    origin: "individual" as const,
    interfaceName: placed.interfaceName,
  };
  const leases = [
    ...addresses.map((address) => ({
      kind: "address" as const,
      address: address.address,
      prefixLength: 128,
      ...lifetimes(address, countedFrom),
    })),
    ...prefixes.map((prefix) => ({
      kind: "prefix" as const,
      address: prefix.prefix,
      prefixLength: prefix.prefixLength,
      ...lifetimes(prefix, countedFrom),
    })),
  ].map((own): BindingInput => ({ ...common, ...own }));
  return {
    kind: "confirmed",
    leases,
    waitsFor: placed.waitsFor,
    notes,
    questions: [],
    endings:
      link === undefined
        ? []
        : storedElsewhere(context, query, clientDuid, link, serverId, new Set(leases.map(leaseKey))),
  };
}

/** Valid lifetime 0 is a lease that ended. */
function lifetimes(
  lease: { readonly preferredLifetimeSeconds: number; readonly validLifetimeSeconds: number },
  fromSeconds: number,
) {
  const ended = lease.validLifetimeSeconds === 0;
  return {
    state: ended ? BindingState.RELEASED : BindingState.ACTIVE,
    startTimeOfStateSeconds: ended ? fromSeconds : 0,
    expiresAtSeconds: ended ? 0 : endOf(lease.validLifetimeSeconds, fromSeconds),
    preferredUntilSeconds: ended ? 0 : endOf(lease.preferredLifetimeSeconds, fromSeconds),
  };
}

/**
 * Stored leases of the client that this server told of on this link and that it does not name any more: its answer is
 * the complete set for client and link (RFC 5007 §4.1.2.2). What other servers told of stays (§4.3.4).
 */
function storedElsewhere(
  context: Context,
  query: Query,
  duid: Uint8Array,
  link: Uint8Array | undefined,
  serverId: Uint8Array,
  named: ReadonlySet<string>,
): BindingInput[] {
  const found: BindingInput[] = [];
  for (const stored of context.state.bindings.bindingsOfClient(6, query.server.relay.instance, duid)) {
    if (found.length >= context.state.limits.bindingsPerReplyMax) break;
    if (stored.state !== BindingState.ACTIVE || named.has(leaseKey(stored))) continue;
    if (stored.serverIdentifier === undefined || !equalBytes(stored.serverIdentifier, serverId)) continue;
    if (link !== undefined && (stored.linkAddress === undefined || !equalBytes(stored.linkAddress, link))) continue;
    found.push(stored);
  }
  return found;
}

function leaseKey(lease: BindingInput): string {
  return `${formatIpv6(lease.address)}/${lease.prefixLength}`;
}

function covers(data: ClientData6, address: Ipv6Address): boolean {
  return (
    data.addresses.some((lease) => equalBytes(lease.address, address)) ||
    data.prefixes.some((lease) => ipv6PrefixContains({ address: lease.prefix, length: lease.prefixLength }, address))
  );
}

type RelayData =
  | { readonly kind: "absent" }
  | { readonly kind: "malformed"; readonly code: string; readonly text: string }
  | {
      readonly kind: "relayed";
      readonly relays: readonly RelayMessage6[];
      /** Next to the client. */
      readonly innermost: RelayMessage6;
      /** Content of option 47. */
      readonly bytes: Uint8Array;
    };

function readRelayData(data: ClientData6): RelayData {
  const { relayData } = data;
  if (relayData === undefined) return { kind: "absent" };
  const outer = decodeMessage6(relayData.message);
  if (!outer.ok)
    return { kind: "malformed", code: outer.error.code, text: `is not well formed: ${outer.error.message}` };
  const chain = relayChain6(outer.value);
  if (!chain.ok)
    return { kind: "malformed", code: chain.error.code, text: `is not well formed: ${chain.error.message}` };
  const innermost = chain.value.relays.at(-1);
  if (innermost === undefined) {
    return { kind: "malformed", code: "message-type-unexpected", text: "holds no relay message" };
  }
  const bytes = new Uint8Array(16 + relayData.message.length);
  bytes.set(relayData.peerAddress, 0);
  bytes.set(relayData.message, 16);
  return { kind: "relayed", relays: chain.value.relays, innermost, bytes };
}

/** The link of the lease: what the relay wrote, else what was asked for. */
function linkOf(innermost: RelayMessage6 | undefined, question: Question6): Uint8Array | undefined {
  if (innermost !== undefined && !isIpv6Unspecified(innermost.linkAddress)) return innermost.linkAddress;
  return question.linkAddress;
}

/** The client interface in whose network all the addresses are. */
function interfaceOfAll(relay: RequestorRelay, addresses: ClientData6["addresses"]): string | undefined {
  const names = new Set(addresses.map(({ address }) => relay.interfaceOfAddress?.(address)));
  return names.size === 1 ? [...names][0] : undefined;
}

/** Option 79 (RFC 6939), which the relay added or the server kept. */
function linkLayerAddress(
  innermost: RelayMessage6 | undefined,
  data: ClientData6,
): { readonly type: number; readonly address: Uint8Array } | undefined {
  const value =
    innermost?.option(OptionCode6.CLIENT_LINKLAYER_ADDR) ??
    data.options.find((option) => option.code === OptionCode6.CLIENT_LINKLAYER_ADDR)?.data;
  if (value === undefined || value.length < 3 || value.length > 18) return undefined;
  return { type: ((value[0] as number) << 8) | (value[1] as number), address: value.subarray(2) };
}
