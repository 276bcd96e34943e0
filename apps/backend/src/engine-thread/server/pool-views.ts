import type { EnginePool, RunningServer } from "@leasewire/api";
import type { AddressPool4, AddressPool6, LocalServerConfiguration } from "@leasewire/config";
import type { PoolStatistics } from "@leasewire/engines";
import { formatIpv4, formatIpv6 } from "@leasewire/net";

type AddressPool = AddressPool4 | AddressPool6;

/** A pool as it is shown; without statistics no server gives it out, and nothing of it is leased. */
export function poolView(pool: AddressPool, statistics: PoolStatistics | undefined): EnginePool {
  const none = { total: 0, active: 0, offered: 0, declined: 0, reserved: 0, free: 0 };
  const { total, active, offered, declined, reserved, free } = statistics ?? none;
  return {
    id: poolId(pool),
    family: pool.family,
    instance: pool.instance,
    name: pool.name,
    ...described(pool),
    served: statistics !== undefined,
    total,
    active,
    offered,
    declined,
    reserved,
    free,
  };
}

export function runningServer(server: LocalServerConfiguration, port: number): RunningServer {
  const any = server.family === 4 ? "0.0.0.0" : "::";
  return {
    instance: server.instance,
    family: server.family,
    listen: `${server.listenAddress ?? any}#${port}`,
    interfaces: server.interfaces,
  };
}

export function poolId({ family, instance, name }: Pick<AddressPool, "family" | "instance" | "name">): string {
  return `${family}/${instance}/${name}`;
}

function described(pool: AddressPool): Pick<EnginePool, "prefix" | "ranges" | "leaseTimeSeconds" | "links"> {
  if (pool.family === 4) {
    return {
      prefix: `${formatIpv4(pool.network.address)}/${pool.network.length}`,
      ranges: pool.ranges.map(({ name, low, high }) => ({
        name,
        low: formatIpv4(low),
        high: formatIpv4(high),
        delegatedLength: null,
      })),
      leaseTimeSeconds: pool.leaseTimeSeconds,
      links: pool.linkAddresses.map(({ address, length }) => `${formatIpv4(address)}/${length}`),
    };
  }
  return {
    prefix: `${formatIpv6(pool.prefix.address)}/${pool.prefix.length}`,
    ranges: pool.ranges.map(({ name, low, high, delegatedLength }) => ({
      name,
      low: formatIpv6(low),
      high: formatIpv6(high),
      delegatedLength: delegatedLength ?? null,
    })),
    leaseTimeSeconds: pool.validLifetimeSeconds,
    links: pool.linkAddresses.map(({ address, length }) => `${formatIpv6(address)}/${length}`),
  };
}
