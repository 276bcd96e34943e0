import {
  formatIpv4,
  type Ipv4Address,
  type Ipv4Prefix,
  type Ipv6Address,
  type Ipv6Prefix,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  type Result,
} from "@leasewire/net";

/** One broadband gateway of the lab: the relay agent that its households come through. */
export interface LabGateway {
  /** Also its logical system. */
  readonly name: string;
  readonly interfaces: readonly LabInterface[];
  /** IPv4 link of its clients, and its own address there. */
  readonly network: Ipv4Prefix;
  readonly address: Ipv4Address;
  /** IPv6 link of its clients, its own address there, and what is delegated to them. */
  readonly link: Ipv6Prefix;
  readonly linkAddress: Ipv6Address;
  readonly delegated: Ipv6Prefix;
  /** Relay agent identifier and DUID of the gateway: one identity for both families. */
  readonly relayId: Uint8Array;
}

/** An access interface of a gateway. All of a gateway have its address, as unnumbered interfaces do. */
export interface LabInterface {
  /** Logical name: `ge-0/0/1.100`. No other gateway has one of that name. */
  readonly name: string;
  /** The street behind it. */
  readonly description: string;
}

/** Shared address space and the documentation prefix: nothing of the lab exists anywhere else. */
export const LAB_GATEWAYS: readonly LabGateway[] = [
  gateway("bng-a", 1, ["Ash Street", "Birch Street", "Cedar Street", "Dogwood Street"]),
  gateway("bng-b", 2, ["Elm Street", "Fir Street", "Gorse Street", "Hazel Street"]),
];

/** Host numbers that a gateway's pools give out: few enough to watch them fill. */
export const LAB_HOSTS = { low: 10, high: 73 } as const;

/** An address that is reserved for a household which never comes: managed, and surely not leased. */
export const LAB_VACANT_ADDRESS = (LAB_GATEWAYS[0]!.network.address + 200) as Ipv4Address;

/** The nth host of the gateway's IPv4 network. */
export function labHost4({ network }: LabGateway, host: number): string {
  return formatIpv4((network.address + host) as Ipv4Address);
}

function gateway(name: string, number: number, streets: readonly string[]): LabGateway {
  const network = value(parseIpv4Prefix(`100.64.${number * 4}.0/22`));
  return {
    name,
    interfaces: streets.map((description, index) => ({ name: `ge-0/0/${number}.${100 + index}`, description })),
    network,
    address: (network.address + 1) as Ipv4Address,
    link: value(parseIpv6Prefix(`2001:db8:${number}::/64`)),
    linkAddress: value(parseIpv6(`2001:db8:${number}::1`)),
    delegated: value(parseIpv6Prefix(`2001:db8:${number}000::/50`)),
    relayId: Uint8Array.of(0, 3, 0, 1, 0x02, 0x4c, 0x57, 0, 1, number),
  };
}

/** The texts parsed here are constants of this file. */
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
