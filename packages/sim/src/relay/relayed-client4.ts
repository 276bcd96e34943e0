import { MessageType4 } from "@leasewire/wire";
import { type ClientMessage4, clientMessage4, type Identity4, type Lease4 } from "../client4/messages.ts";
import type { AccessCircuit } from "./circuit.ts";
import { type AccessRelay4, relayToServer4 } from "./relay4.ts";

/** A DHCPv4 client and the relay it is behind: what the relay sends on is what these functions make. */
export interface RelayedClient4 extends Identity4, AccessRelay4, AccessCircuit {}

export function discover4(client: RelayedClient4, xid: number): Uint8Array {
  return relayed(client, { type: MessageType4.DHCPDISCOVER, xid });
}

/** Takes up an offer (RFC 2131 §4.3.2, SELECTING). */
export function request4(client: RelayedClient4, xid: number, offer: Lease4): Uint8Array {
  const { address: requested, serverIdentifier } = offer;
  return relayed(client, { type: MessageType4.DHCPREQUEST, xid, requested, serverIdentifier });
}

/** Extends a lease (§4.3.2, RENEWING or, as it comes through the relay, REBINDING). */
export function renew4(client: RelayedClient4, xid: number, { address }: Lease4): Uint8Array {
  return relayed(client, { type: MessageType4.DHCPREQUEST, xid, ciaddr: address });
}

export function release4(client: RelayedClient4, xid: number, { address, serverIdentifier }: Lease4): Uint8Array {
  return relayed(client, { type: MessageType4.DHCPRELEASE, xid, ciaddr: address, serverIdentifier });
}

function relayed(client: RelayedClient4, message: ClientMessage4): Uint8Array {
  // What we made ourselves can be relayed.
  return relayToServer4(client, client, clientMessage4(client, message), false) as Uint8Array;
}
