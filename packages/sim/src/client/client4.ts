import { type Ipv4Address, ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import {
  encodeMessage4,
  encodeRelayAgentInformation,
  type Message4,
  MessageType4,
  Op4,
  type Option4,
  OptionCode4,
  RelayAgentSubOption,
} from "@leasewire/wire";

/** A DHCPv4 client and the relay it is behind: what the relay sends on is what these functions make. */
export interface RelayedClient4 {
  readonly hardwareAddress: Uint8Array;
  readonly clientId?: Uint8Array | undefined;
  readonly hostName?: Uint8Array | undefined;
  readonly vendorClass?: Uint8Array | undefined;
  readonly giaddr: Ipv4Address;
  /** Link of the client where it is not that of `giaddr` (RFC 3527). */
  readonly linkSelection?: Ipv4Address | undefined;
  readonly circuitId?: Uint8Array | undefined;
  readonly remoteId?: Uint8Array | undefined;
  readonly relayId?: Uint8Array | undefined;
}

export interface Lease4 {
  readonly address: Ipv4Address;
  readonly serverIdentifier: Ipv4Address;
  readonly leaseSeconds: number;
}

const parameterRequestList = Uint8Array.of(
  OptionCode4.subnetMask,
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
);

export function discover4(client: RelayedClient4, xid: number): Uint8Array {
  return message(client, xid, MessageType4.DHCPDISCOVER, 0, []);
}

/** Takes up an offer (RFC 2131 §4.3.2, SELECTING). */
export function request4(client: RelayedClient4, xid: number, offer: Lease4): Uint8Array {
  return message(client, xid, MessageType4.DHCPREQUEST, 0, [
    { code: OptionCode4.requestedIpAddress, data: ipv4ToBytes(offer.address) },
    { code: OptionCode4.serverIdentifier, data: ipv4ToBytes(offer.serverIdentifier) },
  ]);
}

/** Extends a lease (§4.3.2, RENEWING or, as it comes through the relay, REBINDING). */
export function renew4(client: RelayedClient4, xid: number, { address }: Lease4): Uint8Array {
  return message(client, xid, MessageType4.DHCPREQUEST, address, []);
}

export function release4(client: RelayedClient4, xid: number, { address, serverIdentifier }: Lease4): Uint8Array {
  return message(client, xid, MessageType4.DHCPRELEASE, address, [
    { code: OptionCode4.serverIdentifier, data: ipv4ToBytes(serverIdentifier) },
  ]);
}

/** What an OFFER or ACK gives; undefined for any other message. */
export function readLease4(reply: Message4): Lease4 | undefined {
  const type = reply.messageType;
  if (type !== MessageType4.DHCPOFFER && type !== MessageType4.DHCPACK) return undefined;
  const server = reply.option(OptionCode4.serverIdentifier);
  const seconds = reply.option(OptionCode4.leaseTime);
  if (server?.length !== 4 || seconds?.length !== 4) return undefined;
  return { address: reply.yiaddr, serverIdentifier: ipv4FromBytes(server), leaseSeconds: ipv4FromBytes(seconds) };
}

function message(
  client: RelayedClient4,
  xid: number,
  type: number,
  ciaddr: number,
  more: readonly Option4[],
): Uint8Array {
  const options: Option4[] = [{ code: OptionCode4.messageType, data: Uint8Array.of(type) }, ...more];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) options.push({ code, data });
  };
  add(OptionCode4.clientIdentifier, client.clientId);
  add(OptionCode4.hostName, client.hostName);
  add(OptionCode4.vendorClassIdentifier, client.vendorClass);
  add(OptionCode4.parameterRequestList, parameterRequestList);
  const relay: Option4[] = [];
  const addRelay = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) relay.push({ code, data });
  };
  addRelay(RelayAgentSubOption.circuitId, client.circuitId);
  addRelay(RelayAgentSubOption.remoteId, client.remoteId);
  addRelay(
    RelayAgentSubOption.linkSelection,
    client.linkSelection === undefined ? undefined : ipv4ToBytes(client.linkSelection),
  );
  addRelay(RelayAgentSubOption.relayId, client.relayId);
  if (relay.length > 0) add(OptionCode4.relayAgentInformation, encodeRelayAgentInformation(relay));
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    htype: 1,
    hops: 1,
    xid,
    ciaddr,
    giaddr: client.giaddr,
    chaddr: client.hardwareAddress,
    options,
  });
}
