import type { ResponderLink6, ResponderScopes4, ResponderScopes6 } from "@leasewire/engines";
import {
  DEFAULT_INSTANCE,
  type InstanceName,
  type Ipv4Address,
  type Ipv6Address,
  ipv4ToBytes,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  type Result,
} from "@leasewire/net";

/** One broadband gateway of the lab: its subscribers come through it as DHCP relay. */
export interface LabGateway {
  readonly name: string;
  readonly giaddr: Ipv4Address;
  readonly pool: { readonly address: Ipv4Address; readonly length: number };
  readonly linkAddress: Ipv6Address;
  readonly addresses: { readonly address: Ipv6Address; readonly length: number };
  readonly delegated: { readonly address: Ipv6Address; readonly length: number };
  /** Relay agent identifier and DUID of the gateway: one identity for both families. */
  readonly relayId: Uint8Array;
  /** Source of what it relays (LQ_RELAY_DATA's peer-address). */
  readonly address6: Ipv6Address;
}

/** Shared address space and the documentation prefix: nothing of the lab exists anywhere else. */
export const LAB_GATEWAYS: readonly LabGateway[] = [gateway("bng-a", 1), gateway("bng-b", 2)];

export const LAB_SERVER_DUID = Uint8Array.from([0, 3, 0, 1, 0x02, 0x4c, 0x57, 0, 0, 1]);

export function labScopes4(serverIdentifier: Ipv4Address, instance: InstanceName = DEFAULT_INSTANCE): ResponderScopes4 {
  return { instance, serverIdentifier, managed: LAB_GATEWAYS.map(({ pool }) => pool) };
}

export function labScopes6(instance: InstanceName = DEFAULT_INSTANCE): ResponderScopes6 {
  const links: ResponderLink6[] = LAB_GATEWAYS.map(({ linkAddress, addresses, delegated }) => ({
    linkAddress,
    prefixes: [addresses, delegated],
  }));
  return { instance, serverDuid: LAB_SERVER_DUID, links };
}

function gateway(name: string, number: number): LabGateway {
  const pool = value(parseIpv4Prefix(`100.64.${number * 4}.0/22`));
  return {
    name,
    pool,
    giaddr: (pool.address + 1) as Ipv4Address,
    linkAddress: value(parseIpv6(`2001:db8:${number}::1`)),
    addresses: value(parseIpv6Prefix(`2001:db8:${number}::/64`)),
    delegated: value(parseIpv6Prefix(`2001:db8:${number}000::/36`)),
    relayId: Uint8Array.from([0, 3, 0, 1, 0x02, 0x4c, 0x57, 0, 1, number]),
    address6: value(parseIpv6(`2001:db8::${number}`)),
  };
}

/** Octets of a giaddr. */
export function giaddrOctets(gateway: LabGateway): Uint8Array {
  return ipv4ToBytes(gateway.giaddr);
}

/** The texts parsed here are constants of this file. */
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
