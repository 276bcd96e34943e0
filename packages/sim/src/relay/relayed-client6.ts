import type { Ipv6Address } from "@leasewire/net";
import { type Message6, MessageType6, type RelayMessage6, relayChain6 } from "@leasewire/wire";
import { type Association6, clientMessage6, readReply6 } from "../client6/messages.ts";
import type { AccessCircuit } from "./circuit.ts";
import { type AccessRelay6, relayToServer6 } from "./relay6.ts";

/** A DHCPv6 client and the relay it is behind: what the relay sends on is what these functions make. */
export interface RelayedClient6 extends AccessRelay6, AccessCircuit {
  readonly duid: Uint8Array;
  readonly iaid: number;
  /** Ask for a prefix as well as for an address. */
  readonly delegation: boolean;
  /** Address of the client on its link. */
  readonly peerAddress: Ipv6Address;
}

/** What such a client was given: an address, a prefix, or both. */
export interface Lease6 {
  readonly serverDuid: Uint8Array;
  readonly address: Ipv6Address | undefined;
  readonly prefix: { readonly address: Ipv6Address; readonly length: number } | undefined;
  readonly validSeconds: number;
}

export function solicit6(client: RelayedClient6, transactionId: number): Uint8Array {
  return relayed(client, transactionId, MessageType6.SOLICIT, undefined);
}

/** Takes up what an ADVERTISE offers (RFC 9915 §18.2.2). */
export function request6(client: RelayedClient6, transactionId: number, offer: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.REQUEST, offer);
}

export function renew6(client: RelayedClient6, transactionId: number, lease: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.RENEW, lease);
}

export function release6(client: RelayedClient6, transactionId: number, lease: Lease6): Uint8Array {
  return relayed(client, transactionId, MessageType6.RELEASE, lease);
}

/** The client's message inside what the server sent to the relay; undefined where there is none. */
export function answer6(received: Message6 | RelayMessage6): Message6 | undefined {
  const chain = relayChain6(received);
  return chain.ok ? chain.value.message : undefined;
}

/** What an ADVERTISE or REPLY gives; undefined where it gives nothing. */
export function readLease6(message: Message6): Lease6 | undefined {
  const reply = readReply6(message);
  if (reply === undefined || reply.status !== 0) return undefined;
  const leases = reply.answers.flatMap((answer) => (answer.status === 0 ? answer.leases : []));
  const address = leases.find(({ association }) => association.kind === "address");
  const prefix = leases.find(({ association }) => association.kind === "prefix");
  const first = address ?? prefix;
  if (first === undefined) return undefined;
  return {
    serverDuid: reply.serverDuid,
    address: address?.address,
    prefix: prefix && { address: prefix.address, length: prefix.length },
    validSeconds: first.validSeconds,
  };
}

function relayed(
  client: RelayedClient6,
  transactionId: number,
  type: MessageType6,
  lease: Lease6 | undefined,
): Uint8Array {
  const address: Association6 = { kind: "address", iaid: client.iaid };
  const prefix: Association6 = { kind: "prefix", iaid: client.iaid };
  const associations: Association6[] = [];
  if (lease === undefined || lease.address !== undefined) associations.push(address);
  if (client.delegation && (lease === undefined || lease.prefix !== undefined)) associations.push(prefix);
  const leases = [];
  if (lease?.address !== undefined) leases.push({ association: address, address: lease.address, length: 128 });
  if (lease?.prefix !== undefined) leases.push({ association: prefix, ...lease.prefix });
  const identity = { duid: client.duid, associations };
  const message = { type, transactionId, serverDuid: lease?.serverDuid, associations, leases };
  // What we made ourselves can be relayed.
  return relayToServer6(client, client, client.peerAddress, clientMessage6(identity, message)) as Uint8Array;
}
