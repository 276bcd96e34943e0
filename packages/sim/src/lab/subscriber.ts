import type { BindingInput, BindingKind } from "@leasewire/bindings";
import { DEFAULT_INSTANCE, type Ipv6Address, ipv4ToBytes } from "@leasewire/net";
import {
  encodeOptions4,
  encodeRelayAgentInformation,
  encodeRelayMessage6,
  lqRelayData,
  MessageType6,
  OptionCode4,
  OptionCode6,
  RelayAgentSubOption,
} from "@leasewire/wire";
import { giaddrOctets, LAB_GATEWAYS, LAB_SERVER_DUID, type LabGateway } from "./topology.ts";

/** Juniper's enterprise number, as its relays put it in front of a DHCPv6 remote-id. */
const REMOTE_ID_ENTERPRISE = 2636;
const text = new TextEncoder();

/** A household: one router that has an IPv4 address, an IPv6 address and a delegated prefix through one gateway. */
export interface LabSubscriber {
  readonly number: number;
  readonly name: string;
  readonly gateway: LabGateway;
  readonly hardwareAddress: Uint8Array;
  /** Option 61: type 1 and the hardware address. */
  readonly clientId: Uint8Array;
  readonly duid: Uint8Array;
  readonly circuitId: string;
  readonly remoteId: string;
  readonly vendorClass: string;
  readonly leases: readonly LabLease[];
}

export interface LabLease {
  readonly family: 4 | 6;
  readonly kind: BindingKind;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly gateway: LabGateway;
}

/**
 * Subscriber `number` of the lab, always the same one. Every 40th has a second IPv4 address (answers with
 * associated-ip); every 40th, from the 20th on, has also an address on the other gateway's link (LQ_CLIENT_LINK).
 */
export function labSubscriber(number: number): LabSubscriber {
  const gateway = LAB_GATEWAYS[number % LAB_GATEWAYS.length]!;
  const other = LAB_GATEWAYS[(number + 1) % LAB_GATEWAYS.length]!;
  const place = Math.floor(number / LAB_GATEWAYS.length);
  const hardwareAddress = Uint8Array.from([0x02, 0x4c, 0x57, 0x10, number >>> 8, number & 255]);
  const leases: LabLease[] = [
    address4(gateway, 10 + place),
    address6(gateway, 0x1000 + place),
    { family: 6, kind: "prefix", address: prefix6(gateway, place), prefixLength: 56, gateway },
  ];
  if (number % 40 === 0) leases.push(address4(gateway, 700 + place));
  if (number % 40 === 20) leases.push(address6(other, 0x8000 + place));
  return {
    number,
    name: `lab-${String(number).padStart(4, "0")}`,
    gateway,
    hardwareAddress,
    clientId: Uint8Array.from([1, ...hardwareAddress]),
    duid: Uint8Array.from([0, 3, 0, 1, ...hardwareAddress]),
    circuitId: `ge-1/0/${place % 8}.0:${100 + Math.floor(place / 8)}`,
    remoteId: `subscriber-${String(number).padStart(4, "0")}`,
    vendorClass: number % 3 === 0 ? "home-router-3" : "home-router-2",
    leases,
  };
}

/** The binding of one lease as a server stores it. Times in unix seconds. */
export function labBinding(
  subscriber: LabSubscriber,
  lease: LabLease,
  state: number,
  startTimeOfStateSeconds: number,
  clientLastTransactionTimeSeconds: number,
  expiresAtSeconds: number,
): BindingInput {
  const common = {
    instance: DEFAULT_INSTANCE,
    address: lease.address,
    prefixLength: lease.prefixLength,
    kind: lease.kind,
    state,
    hardwareType: 1,
    hardwareAddress: subscriber.hardwareAddress,
    startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds,
    expiresAtSeconds,
    dataSource: 0,
    origin: "server",
    circuitId: text.encode(subscriber.circuitId),
  } as const;
  return lease.family === 4
    ? {
        ...common,
        clientId: subscriber.clientId,
        linkAddress: giaddrOctets(lease.gateway),
        ...relayInformation4(subscriber, lease.gateway),
        options: encodeOptions4([
          { code: OptionCode4.hostName, data: text.encode(subscriber.name) },
          { code: OptionCode4.vendorClassIdentifier, data: text.encode(subscriber.vendorClass) },
        ]),
      }
    : {
        ...common,
        clientId: subscriber.duid,
        iaid: 1,
        preferredUntilSeconds:
          clientLastTransactionTimeSeconds + Math.floor((expiresAtSeconds - clientLastTransactionTimeSeconds) * 0.75),
        linkAddress: lease.gateway.linkAddress,
        ...relayInformation6(subscriber, lease.gateway),
        serverIdentifier: LAB_SERVER_DUID,
      };
}

function relayInformation4(subscriber: LabSubscriber, gateway: LabGateway): Partial<BindingInput> {
  const remoteId = text.encode(subscriber.remoteId);
  return {
    remoteId,
    relayId: gateway.relayId,
    relayAgentInformation: encodeRelayAgentInformation([
      { code: RelayAgentSubOption.circuitId, data: text.encode(subscriber.circuitId) },
      { code: RelayAgentSubOption.remoteId, data: remoteId },
      { code: RelayAgentSubOption.relayId, data: gateway.relayId },
    ]),
  };
}

/** What the gateway's RELAY-FORW held, the client's message left out (RFC 5007 §4.1.2.4). */
function relayInformation6(subscriber: LabSubscriber, gateway: LabGateway): Partial<BindingInput> {
  const remote = text.encode(subscriber.remoteId);
  const remoteId = new Uint8Array(4 + remote.length);
  new DataView(remoteId.buffer).setUint32(0, REMOTE_ID_ENTERPRISE);
  remoteId.set(remote, 4);
  const message = encodeRelayMessage6({
    messageType: MessageType6["RELAY-FORW"],
    hopCount: 0,
    linkAddress: gateway.linkAddress,
    peerAddress: linkLocal(subscriber.hardwareAddress),
    options: [
      { code: OptionCode6.INTERFACE_ID, data: text.encode(subscriber.circuitId) },
      { code: OptionCode6.REMOTE_ID, data: remoteId },
      { code: OptionCode6.RELAY_ID, data: gateway.relayId },
    ],
  });
  return {
    remoteId,
    relayId: gateway.relayId,
    relayAgentInformation: lqRelayData.encode({ peerAddress: gateway.address6, message }),
  };
}

function address4(gateway: LabGateway, host: number): LabLease {
  return { family: 4, kind: "address", address: ipv4ToBytes(gateway.pool.address + host), prefixLength: 32, gateway };
}

function address6(gateway: LabGateway, host: number): LabLease {
  const address = Uint8Array.from(gateway.addresses.address);
  address[14] = host >>> 8;
  address[15] = host & 255;
  return { family: 6, kind: "address", address, prefixLength: 128, gateway };
}

/** The nth /56 of the gateway's delegated range. */
function prefix6(gateway: LabGateway, place: number): Uint8Array {
  const address = Uint8Array.from(gateway.delegated.address);
  address[5] = (address[5] ?? 0) | (place >>> 8);
  address[6] = place & 255;
  return address;
}

/** fe80::/64 with the modified EUI-64 of a hardware address (RFC 4291 appendix A). */
function linkLocal(mac: Uint8Array): Ipv6Address {
  const address = new Uint8Array(16);
  address[0] = 0xfe;
  address[1] = 0x80;
  address.set([(mac[0] ?? 0) ^ 2, mac[1] ?? 0, mac[2] ?? 0, 0xff, 0xfe, mac[3] ?? 0, mac[4] ?? 0, mac[5] ?? 0], 8);
  return address as Ipv6Address;
}
