import type { Ipv6Address } from "@leasewire/net";
import {
  encodeMessage6,
  encodeRelayMessage6,
  iaAddress,
  iaPrefix,
  identityAssociation,
  type Message6,
  MessageType6,
  type Option6,
  OptionCode6,
  type RelayMessage6,
  relayChain6,
  status6,
  type WireResult,
} from "@leasewire/wire";

/** A DHCPv6 client and the relay it is behind: what the relay sends on is what these functions make. */
export interface RelayedClient6 {
  readonly duid: Uint8Array;
  readonly iaid: number;
  /** Ask for a prefix as well as for an address. */
  readonly delegation: boolean;
  /** Address of the client on its link. */
  readonly peerAddress: Ipv6Address;
  readonly linkAddress: Ipv6Address;
  readonly interfaceId?: Uint8Array | undefined;
  /** Data of the option: enterprise number and what follows it. */
  readonly remoteId?: Uint8Array | undefined;
  readonly relayId?: Uint8Array | undefined;
}

export interface Lease6 {
  readonly serverDuid: Uint8Array;
  readonly address: Ipv6Address | undefined;
  readonly prefix: { readonly address: Ipv6Address; readonly length: number } | undefined;
  readonly validSeconds: number;
}

export function solicit6(client: RelayedClient6, transactionId: number): Uint8Array {
  return relayed(client, transactionId, MessageType6.SOLICIT, undefined, undefined);
}

/** Takes up what an ADVERTISE offers (RFC 9915 §18.2.2). */
export function request6(client: RelayedClient6, transactionId: number, offer: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.REQUEST, offer.serverDuid, offer);
}

export function renew6(client: RelayedClient6, transactionId: number, lease: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.RENEW, lease.serverDuid, lease);
}

export function release6(client: RelayedClient6, transactionId: number, lease: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.RELEASE, lease.serverDuid, lease);
}

/** The client's message inside what the server sent to the relay; undefined where there is none. */
export function answer6(received: Message6 | RelayMessage6): Message6 | undefined {
  const chain = relayChain6(received);
  return chain.ok ? chain.value.message : undefined;
}

/** What an ADVERTISE or REPLY gives; undefined where it gives nothing. */
export function readLease6(reply: Message6): Lease6 | undefined {
  const serverDuid = reply.option(OptionCode6.SERVERID);
  if (serverDuid === undefined || refuses(reply.option(OptionCode6.STATUS_CODE))) return undefined;
  const na = within(reply, OptionCode6.IA_NA, OptionCode6.IAADDR);
  const pd = within(reply, OptionCode6.IA_PD, OptionCode6.IAPREFIX);
  const address = valueIn(na === undefined ? undefined : iaAddress.decode(na));
  const prefix = valueIn(pd === undefined ? undefined : iaPrefix.decode(pd));
  if (address === undefined && prefix === undefined) return undefined;
  return {
    serverDuid: serverDuid.slice(),
    address: address?.address.slice() as Ipv6Address | undefined,
    prefix: prefix && { address: prefix.prefix.slice() as Ipv6Address, length: prefix.prefixLength },
    validSeconds: (address ?? prefix)!.validLifetimeSeconds,
  };
}

function valueIn<T>(result: WireResult<T> | undefined): T | undefined {
  return result?.ok === true ? result.value : undefined;
}

function within(reply: Message6, association: number, lease: number): Uint8Array | undefined {
  const data = reply.option(association);
  const decoded = data === undefined ? undefined : identityAssociation.decode(data);
  if (decoded?.ok !== true) return undefined;
  const { options } = decoded.value;
  if (refuses(options.find(({ code }) => code === OptionCode6.STATUS_CODE)?.data)) return undefined;
  return options.find(({ code }) => code === lease)?.data;
}

function refuses(status: Uint8Array | undefined): boolean {
  if (status === undefined) return false;
  const decoded = status6.decode(status);
  return !decoded.ok || decoded.value.code !== 0;
}

function relayed(
  client: RelayedClient6,
  transactionId: number,
  messageType: number,
  serverDuid: Uint8Array | undefined,
  lease: Lease6 | undefined,
): Uint8Array {
  const options: Option6[] = [{ code: OptionCode6.CLIENTID, data: client.duid }];
  if (serverDuid !== undefined) options.push({ code: OptionCode6.SERVERID, data: serverDuid });
  options.push({ code: OptionCode6.ELAPSED_TIME, data: Uint8Array.of(0, 0) });
  const association = (inside: Option6[]) =>
    identityAssociation.encode({ iaid: client.iaid, t1Seconds: 0, t2Seconds: 0, options: inside });
  const none = { preferredLifetimeSeconds: 0, validLifetimeSeconds: 0, options: [] };
  if (lease === undefined || lease.address !== undefined) {
    const data = lease?.address && iaAddress.encode({ ...none, address: lease.address });
    const inside = data === undefined ? [] : [{ code: OptionCode6.IAADDR, data }];
    options.push({ code: OptionCode6.IA_NA, data: association(inside) });
  }
  if (client.delegation && (lease === undefined || lease.prefix !== undefined)) {
    const data =
      lease?.prefix && iaPrefix.encode({ ...none, prefix: lease.prefix.address, prefixLength: lease.prefix.length });
    const inside = data === undefined ? [] : [{ code: OptionCode6.IAPREFIX, data }];
    options.push({ code: OptionCode6.IA_PD, data: association(inside) });
  }
  const relay: Option6[] = [
    { code: OptionCode6.RELAY_MSG, data: encodeMessage6({ messageType, transactionId, options }) },
  ];
  if (client.interfaceId !== undefined) relay.push({ code: OptionCode6.INTERFACE_ID, data: client.interfaceId });
  if (client.remoteId !== undefined) relay.push({ code: OptionCode6.REMOTE_ID, data: client.remoteId });
  if (client.relayId !== undefined) relay.push({ code: OptionCode6.RELAY_ID, data: client.relayId });
  const { linkAddress, peerAddress } = client;
  return encodeRelayMessage6({
    messageType: MessageType6["RELAY-FORW"],
    hopCount: 0,
    linkAddress,
    peerAddress,
    options: relay,
  });
}
