import type { AddressPool4, AddressPool6, LocalServerConfiguration } from "@leasewire/config";
import type { Ipv4Address, Ipv6Address } from "@leasewire/net";
import type { AddressRange4, ResponderLink6, ResponderPolicy, ResponderScopes4, ResponderScopes6 } from "./scopes.ts";

/** What the responder of a configured DHCPv4 server tells. `serverIdentifier` is its option 54. */
export function responderScopes4(server: LocalServerConfiguration, serverIdentifier: Ipv4Address): ResponderScopes4 {
  const pools = server.pools.filter((pool): pool is AddressPool4 => pool.family === 4);
  return {
    ...policy(server),
    serverIdentifier,
    managed: pools.flatMap(({ network, hosts }) => [network, ...hosts.map(({ address }) => ({ address, length: 32 }))]),
    configured: configuredAddresses(pools),
    strictReplies: server.allowLeasequery?.strictReplies ?? false,
  };
}

/**
 * What the responder of a configured DHCPv6 server tells. A link is what a pool of addresses serves: its prefix and its
 * link-addresses; prefixes that other pools delegate there lie on it as well.
 */
export function responderScopes6(server: LocalServerConfiguration, serverDuid: Uint8Array): ResponderScopes6 {
  const pools = server.pools.filter((pool): pool is AddressPool6 => pool.family === 6);
  return { ...policy(server), serverDuid, links: configuredLinks(pools) };
}

function policy(server: LocalServerConfiguration): ResponderPolicy {
  const { allowLeasequery: individual, allowBulkLeasequery: bulk, allowActiveLeasequery: active } = server;
  return {
    instance: server.instance,
    origins: "own",
    ...(server.sensitiveOptions === undefined ? {} : { sensitiveOptions: server.sensitiveOptions }),
    restrictedRequestor: individual?.restrictedRequestor ?? false,
    ...(individual?.requestors === undefined ? {} : { requestorAddresses: individual.requestors }),
    ...(bulk === undefined
      ? {}
      : {
          bulk: {
            connectionsMax: bulk.connectionsMax,
            emptyRepliesMax: bulk.emptyRepliesMax,
            timeoutSeconds: bulk.timeoutSeconds,
            restrictedRequestor: bulk.restrictedRequestor,
            queriesParallelMax: bulk.queriesParallelMax,
            ...(bulk.requestors === undefined ? {} : { requestorAddresses: bulk.requestors }),
          },
        }),
    ...(active === undefined
      ? {}
      : {
          active: {
            timeoutSeconds: active.timeoutSeconds,
            idleTimeoutSeconds: active.idleTimeoutSeconds,
            mode: active.mode,
          },
        }),
    tls: server.tls !== undefined,
    guard: server.leasequeryGuard,
  };
}

/** The addresses that can be leased, reserved ones with them: in order, each once. */
function configuredAddresses(pools: readonly AddressPool4[]): AddressRange4[] {
  const ranges: AddressRange4[] = [];
  for (const { ranges: own, excluded, hosts } of pools) {
    let left: AddressRange4[] = own.map(({ low, high }) => ({ low, high }));
    for (const out of excluded) left = left.flatMap((range) => without(range, out));
    ranges.push(...left, ...hosts.map(({ address }) => ({ low: address, high: address })));
  }
  ranges.sort((a, b) => a.low - b.low);
  const joined: { low: number; high: number }[] = [];
  for (const { low, high } of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high);
    else joined.push({ low, high });
  }
  return joined;
}

function without({ low, high }: AddressRange4, out: AddressRange4): AddressRange4[] {
  if (out.high < low || out.low > high) return [{ low, high }];
  const left: AddressRange4[] = [];
  if (out.low > low) left.push({ low, high: out.low - 1 });
  if (out.high < high) left.push({ low: out.high + 1, high });
  return left;
}

function configuredLinks(pools: readonly AddressPool6[]): ResponderLink6[] {
  const delegates = (pool: AddressPool6): boolean =>
    pool.ranges.some(({ delegatedLength }) => delegatedLength !== undefined);
  const links: { linkAddress: Ipv6Address; prefixes: { address: Ipv6Address; length: number }[] }[] = [];
  const linkOf = (address: Ipv6Address, length: number): (typeof links)[number] => {
    const known = links.find(({ prefixes }) =>
      prefixes.some((prefix) => prefix.length <= length && startsWith(address, prefix.address, prefix.length)),
    );
    if (known !== undefined) return known;
    const made = { linkAddress: address, prefixes: [{ address, length }] };
    links.push(made);
    return made;
  };
  for (const pool of pools.filter((one) => !delegates(one))) {
    const link = linkOf(pool.prefix.address, pool.prefix.length);
    link.prefixes.push(...pool.linkAddresses, ...reservedPrefixes(pool));
  }
  for (const pool of pools.filter(delegates)) {
    // Where a delegating pool serves several links, the binding's own link-address tells which.
    const [first, ...others] = pool.linkAddresses;
    const link =
      first === undefined ? linkOf(pool.prefix.address, pool.prefix.length) : linkOf(first.address, first.length);
    link.prefixes.push({ address: pool.prefix.address, length: pool.prefix.length }, ...reservedPrefixes(pool));
    for (const other of others) linkOf(other.address, other.length);
  }
  return links;
}

function reservedPrefixes({ hosts }: AddressPool6): { address: Ipv6Address; length: number }[] {
  return hosts.flatMap(({ prefix }) =>
    prefix === undefined ? [] : [{ address: prefix.address, length: prefix.length }],
  );
}

function startsWith(address: Uint8Array, prefix: Uint8Array, length: number): boolean {
  for (let bit = 0; bit < length; bit += 8) {
    const mask = length - bit >= 8 ? 255 : (255 << (8 - (length - bit))) & 255;
    if (((address[bit >>> 3]! ^ prefix[bit >>> 3]!) & mask) !== 0) return false;
  }
  return true;
}
