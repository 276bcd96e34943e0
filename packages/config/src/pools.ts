import {
  type InstanceName,
  type Ipv4Address,
  type Ipv4Prefix,
  type Ipv6Prefix,
  ipv4PrefixContains,
  maskIpv4,
  parseHex,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  parseOpaque,
  type Result,
} from "@leasewire/net";
import type { Scope } from "./instances.ts";
import { type PoolOption, poolOptions4, poolOptions6 } from "./pool-options.ts";
import { defaultOf } from "./schema/walk.ts";
import { type ContainerNode, containerAt, entriesOf, leafListValues, leafValue } from "./tree.ts";

/** `access address-assignment pool` as servers read it: addresses as numbers and octets, options in wire form. */

/** Whom a reservation is for. `circuit-id` and `remote-id` are sub-options 1 and 2 of option 82, or options 18 and 37. */
export interface HostKey {
  readonly kind: "hardware-address" | "client-id" | "duid" | "circuit-id" | "remote-id";
  readonly value: Uint8Array;
}

/** IPv4 addresses to lease, from `low` to `high`, both included. */
export interface AddressPool4 {
  readonly name: string;
  readonly instance: InstanceName;
  readonly family: 4;
  readonly network: Ipv4Prefix;
  readonly ranges: readonly { readonly name: string; readonly low: Ipv4Address; readonly high: Ipv4Address }[];
  /** What is never leased: as configured, and the network's own address, its broadcast address and the routers. */
  readonly excluded: readonly { readonly low: Ipv4Address; readonly high: Ipv4Address }[];
  readonly hosts: readonly { readonly name: string; readonly key: HostKey; readonly address: Ipv4Address }[];
  readonly leaseTimeSeconds: number;
  /** undefined: the share of the lease time that RFC 2131 §4.4.5 names. */
  readonly renewalTimeSeconds?: number;
  readonly rebindingTimeSeconds?: number;
  readonly serverIdentifier?: Ipv4Address;
  /** Each code once, 1 to 254; data of at most 255 octets. */
  readonly options: readonly PoolOption[];
  /** Links beyond `network` whose clients the pool serves. */
  readonly linkAddresses: readonly Ipv4Prefix[];
}

/** IPv6 addresses to lease, or prefixes to delegate. */
export interface AddressPool6 {
  readonly name: string;
  readonly instance: InstanceName;
  readonly family: 6;
  readonly prefix: Ipv6Prefix;
  /** With `delegatedLength` prefixes of that length are delegated; `low` and `high` lie in the first and the last. */
  readonly ranges: readonly {
    readonly name: string;
    readonly low: Uint8Array;
    readonly high: Uint8Array;
    readonly delegatedLength?: number;
  }[];
  readonly excluded: readonly { readonly low: Uint8Array; readonly high: Uint8Array }[];
  readonly hosts: readonly {
    readonly name: string;
    readonly key: HostKey;
    readonly address?: Uint8Array;
    readonly prefix?: Ipv6Prefix;
  }[];
  readonly preferredLifetimeSeconds: number;
  readonly validLifetimeSeconds: number;
  /** undefined: the shares of the preferred lifetime that RFC 9915 §21.4 names. */
  readonly renewalTimeSeconds?: number;
  readonly rebindingTimeSeconds?: number;
  readonly options: readonly PoolOption[];
  readonly linkAddresses: readonly Ipv6Prefix[];
}

/** The words of a host that say whom it is for, in the order in which the first one counts. */
export const hostKeyWords = ["hardware-address", "client-id", "duid", "circuit-id", "remote-id"] as const;

/** One pool and family of the configuration, before it is made sense of. */
export interface PoolNode {
  readonly name: string;
  readonly family: 4 | 6;
  readonly node: ContainerNode;
  /** Words down to `family inet` or `family inet6`. */
  readonly path: readonly string[];
}

export function poolNodes({ node, prefix }: Scope): PoolNode[] {
  return [...entriesOf(containerAt(node, "access", "address-assignment"), "pool")].flatMap(([name, pool]) =>
    ([4, 6] as const).flatMap((family) => {
      const word = family === 4 ? "inet" : "inet6";
      const found = containerAt(pool, "family", word);
      const path = [...prefix, "access", "address-assignment", "pool", name, "family", word];
      return found === undefined ? [] : [{ name, family, node: found, path }];
    }),
  );
}

/** The pools of an instance and family, in the order entered. What lacks its network or prefix gives nothing out. */
export function addressPools(scope: Scope, family: 4): AddressPool4[];
export function addressPools(scope: Scope, family: 6): AddressPool6[];
export function addressPools(scope: Scope, family: 4 | 6): (AddressPool4 | AddressPool6)[];
export function addressPools(scope: Scope, family: 4 | 6): (AddressPool4 | AddressPool6)[] {
  return poolsWithPaths(scope).flatMap(({ pool }) => (pool.family === family ? [pool] : []));
}

/** The pools of an instance that have a network or prefix, with what they are made from. */
export function poolsWithPaths(scope: Scope): (PoolNode & { readonly pool: AddressPool4 | AddressPool6 })[] {
  return poolNodes(scope).flatMap((node) => {
    const pool = node.family === 4 ? addressPool4(node, scope.instance) : addressPool6(node, scope.instance);
    return pool === undefined ? [] : [{ ...node, pool }];
  });
}

function addressPool4({ name, node }: PoolNode, instance: InstanceName): AddressPool4 | undefined {
  const network = parsedValue(parseIpv4Prefix(leafValue(node, "network") ?? ""));
  if (network === undefined) return undefined;
  const attributes = containerAt(node, "dhcp-attributes");
  const leaseTimeSeconds = seconds(attributes, 4, "maximum-lease-time");
  const first = network.address;
  const last = (first + 2 ** (32 - network.length) - 1) as Ipv4Address;
  const ranges = [...entriesOf(node, "range")].flatMap(([rangeName, range]) => {
    const low = ipv4(leafValue(range, "low"));
    const high = ipv4(leafValue(range, "high"));
    return low === undefined || high === undefined ? [] : [{ name: rangeName, low, high }];
  });
  const routers = leafListValues(attributes, "router").flatMap((text) => ipv4(text) ?? []);
  return {
    name,
    instance,
    family: 4,
    network,
    // Junos gives out the whole network where no range is named.
    ranges: node.children.has("range") ? ranges : [{ name: "network", low: first, high: last }],
    excluded: [...excluded(node, ipv4), ...infrastructure(network, first, last, routers)],
    hosts: [...entriesOf(node, "host")].flatMap(([hostName, host]) => {
      const key = hostKey(host);
      const address = ipv4(leafValue(host, "ip-address"));
      return key === undefined || address === undefined ? [] : [{ name: hostName, key, address }];
    }),
    leaseTimeSeconds,
    ...renewalTimes(attributes, leaseTimeSeconds),
    ...optional("serverIdentifier", ipv4(leafValue(attributes, "server-identifier"))),
    options: poolOptions4(attributes, maskIpv4(0xffff_ffff, network.length)),
    linkAddresses: leafListValues(node, "link-address").flatMap((text) => parsedValue(parseIpv4Prefix(text)) ?? []),
  };
}

function addressPool6({ name, node }: PoolNode, instance: InstanceName): AddressPool6 | undefined {
  const prefix = parsedValue(parseIpv6Prefix(leafValue(node, "prefix") ?? ""));
  if (prefix === undefined) return undefined;
  const attributes = containerAt(node, "dhcp-attributes");
  const { valid, preferred } = lifetimes(attributes);
  const low = prefix.address;
  const high = lastAddress6(prefix);
  const ranges = [...entriesOf(node, "range")].flatMap(([rangeName, range]) => {
    const from = ipv6(leafValue(range, "low"));
    const to = ipv6(leafValue(range, "high"));
    const length = leafValue(range, "prefix-length");
    const delegated = length === undefined ? {} : { delegatedLength: Number(length) };
    if (from !== undefined && to !== undefined) return [{ name: rangeName, low: from, high: to, ...delegated }];
    return length === undefined ? [] : [{ name: rangeName, low, high, ...delegated }];
  });
  return {
    name,
    instance,
    family: 6,
    prefix,
    ranges: node.children.has("range") ? ranges : [{ name: "prefix", low, high }],
    excluded: excluded(node, ipv6),
    hosts: [...entriesOf(node, "host")].flatMap(([hostName, host]) => {
      const key = hostKey(host);
      const address = ipv6(leafValue(host, "ip-address"));
      const delegated = parsedValue(parseIpv6Prefix(leafValue(host, "ip-prefix") ?? ""));
      if (key === undefined || (address === undefined && delegated === undefined)) return [];
      return [{ name: hostName, key, ...optional("address", address), ...optional("prefix", delegated) }];
    }),
    preferredLifetimeSeconds: preferred,
    validLifetimeSeconds: valid,
    ...renewalTimes(attributes, preferred),
    options: poolOptions6(attributes),
    linkAddresses: leafListValues(node, "link-address").flatMap((text) => parsedValue(parseIpv6Prefix(text)) ?? []),
  };
}

/** Valid and preferred lifetime, seconds. `maximum-lease-time` is Junos's word for both. */
export function lifetimes(attributes: ContainerNode | undefined): { valid: number; preferred: number } {
  const usual = seconds(attributes, 6, "maximum-lease-time");
  const valid = Number(leafValue(attributes, "valid-lifetime") ?? usual);
  return { valid, preferred: Number(leafValue(attributes, "preferred-lifetime") ?? valid) };
}

export function leaseTime(attributes: ContainerNode | undefined): number {
  return seconds(attributes, 4, "maximum-lease-time");
}

/** T1 and T2 in seconds where they are configured, as seconds or as a share of `lifetime`. */
export function renewalTimes(
  attributes: ContainerNode | undefined,
  lifetime: number,
): { renewalTimeSeconds?: number; rebindingTimeSeconds?: number } {
  return {
    ...optional("renewalTimeSeconds", timeOrShare(attributes, "t1-renewal-time", "t1-percentage", lifetime)),
    ...optional("rebindingTimeSeconds", timeOrShare(attributes, "t2-rebinding-time", "t2-percentage", lifetime)),
  };
}

function timeOrShare(
  attributes: ContainerNode | undefined,
  time: string,
  share: string,
  lifetime: number,
): number | undefined {
  const fixed = leafValue(attributes, time);
  if (fixed !== undefined) return Number(fixed);
  const percent = leafValue(attributes, share);
  return percent === undefined ? undefined : Math.floor((lifetime * Number(percent)) / 100);
}

function seconds(attributes: ContainerNode | undefined, family: 4 | 6, word: string): number {
  const path = ["access", "address-assignment", "pool", "family", family === 4 ? "inet" : "inet6", "dhcp-attributes"];
  return Number(leafValue(attributes, word) ?? defaultOf([...path, word]));
}

/** The host's key; undefined if it has none. */
export function hostKey(host: ContainerNode): HostKey | undefined {
  for (const kind of hostKeyWords) {
    const text = leafValue(host, kind);
    if (text === undefined) continue;
    const value = hostKeyOctets(kind, text);
    if (value !== undefined) return { kind, value };
  }
  return undefined;
}

function hostKeyOctets(kind: HostKey["kind"], text: string): Uint8Array | undefined {
  if (kind === "hardware-address") return parsedValue(parseMac(text));
  if (kind === "duid") return parsedValue(parseHex(text));
  return parsedValue(parseOpaque(text, kind, 1, 255));
}

function excluded<T>(
  node: ContainerNode,
  parse: (text: string | undefined) => T | undefined,
): { readonly low: T; readonly high: T }[] {
  const single = leafListValues(node, "excluded-address").flatMap((text) => {
    const address = parse(text);
    return address === undefined ? [] : [{ low: address, high: address }];
  });
  const ranges = [...entriesOf(node, "excluded-range").values()].flatMap((range) => {
    const low = parse(leafValue(range, "low"));
    const high = parse(leafValue(range, "high"));
    return low === undefined || high === undefined ? [] : [{ low, high }];
  });
  return [...single, ...ranges];
}

/** No client gets the network's own address, its broadcast address or that of a router. */
function infrastructure(
  network: Ipv4Prefix,
  first: Ipv4Address,
  last: Ipv4Address,
  routers: readonly Ipv4Address[],
): { low: Ipv4Address; high: Ipv4Address }[] {
  const own = network.length <= 30 ? [first, last] : [];
  return [...own, ...routers.filter((router) => ipv4PrefixContains(network, router))].map((address) => ({
    low: address,
    high: address,
  }));
}

/** The last address of a prefix. */
export function lastAddress6({ address, length }: Ipv6Prefix): Uint8Array {
  return address.map((octet, at) => octet | (0xff >> Math.min(8, Math.max(0, length - at * 8))));
}

function ipv4(text: string | undefined): Ipv4Address | undefined {
  return text === undefined ? undefined : parsedValue(parseIpv4(text));
}

function ipv6(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : parsedValue(parseIpv6(text));
}

function parsedValue<T>(parsed: Result<T>): T | undefined {
  return parsed.ok ? parsed.value : undefined;
}

/** `{ [name]: value }`, or nothing where there is no value. */
function optional<N extends string, T>(name: N, value: T | undefined): { [K in N]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]?: T });
}
