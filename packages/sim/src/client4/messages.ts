import { type Ipv4Address, ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import { encodeMessage4, type Message4, MessageType4, Op4, type Option4, OptionCode4 } from "@leasewire/wire";

/** Who a DHCPv4 client is, and what it tells about itself. */
export interface Identity4 {
  readonly hardwareAddress: Uint8Array;
  readonly clientId?: Uint8Array | undefined;
  readonly hostName?: Uint8Array | undefined;
  readonly vendorClass?: Uint8Array | undefined;
}

/** A message of a client as it leaves it, before any relay (RFC 2131 table 5). */
export interface ClientMessage4 {
  readonly type: MessageType4;
  readonly xid: number;
  /** Seconds since the client began. */
  readonly secs?: number;
  /** The address the client uses. */
  readonly ciaddr?: Ipv4Address;
  /** Option 50. */
  readonly requested?: Ipv4Address;
  /** Option 54. */
  readonly serverIdentifier?: Ipv4Address;
}

export interface Lease4 {
  readonly address: Ipv4Address;
  readonly serverIdentifier: Ipv4Address;
  readonly leaseSeconds: number;
  /** T1 and T2, as the server says or by RFC 2131 §4.4.5. */
  readonly renewalSeconds: number;
  readonly rebindingSeconds: number;
}

const parameterRequestList = Uint8Array.of(
  OptionCode4.subnetMask,
  OptionCode4.router,
  OptionCode4.domainNameServer,
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
);

export function clientMessage4(identity: Identity4, message: ClientMessage4): Uint8Array {
  const options: Option4[] = [{ code: OptionCode4.messageType, data: Uint8Array.of(message.type) }];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) options.push({ code, data });
  };
  add(OptionCode4.requestedIpAddress, message.requested === undefined ? undefined : ipv4ToBytes(message.requested));
  add(
    OptionCode4.serverIdentifier,
    message.serverIdentifier === undefined ? undefined : ipv4ToBytes(message.serverIdentifier),
  );
  add(OptionCode4.clientIdentifier, identity.clientId);
  // RFC 2131 table 5: whoever releases asks for nothing and tells no more than who it is.
  if (message.type !== MessageType4.DHCPRELEASE) {
    add(OptionCode4.hostName, identity.hostName);
    add(OptionCode4.vendorClassIdentifier, identity.vendorClass);
    add(OptionCode4.parameterRequestList, parameterRequestList);
  }
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    htype: 1,
    xid: message.xid,
    secs: Math.min(message.secs ?? 0, 0xffff),
    ciaddr: message.ciaddr ?? 0,
    chaddr: identity.hardwareAddress,
    options,
  });
}

/** What an OFFER or ACK gives; undefined for any other message. */
export function readLease4(reply: Message4): Lease4 | undefined {
  const type = reply.messageType;
  if (type !== MessageType4.DHCPOFFER && type !== MessageType4.DHCPACK) return undefined;
  const server = uint32(reply, OptionCode4.serverIdentifier);
  const leaseSeconds = uint32(reply, OptionCode4.leaseTime);
  if (server === undefined || leaseSeconds === undefined || reply.yiaddr === 0) return undefined;
  return {
    address: reply.yiaddr,
    serverIdentifier: server,
    leaseSeconds,
    renewalSeconds: uint32(reply, OptionCode4.renewalTime) ?? Math.floor(leaseSeconds * 0.5),
    rebindingSeconds: uint32(reply, OptionCode4.rebindingTime) ?? Math.floor(leaseSeconds * 0.875),
  };
}

function uint32(message: Message4, code: number): Ipv4Address | undefined {
  const data = message.option(code);
  return data?.length === 4 ? ipv4FromBytes(data) : undefined;
}
