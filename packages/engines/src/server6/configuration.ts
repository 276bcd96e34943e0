import type { AddressPool6, HostKey, LocalServerConfiguration } from "@leasewire/config";
import { equalBytes } from "@leasewire/net";
import type { LocalAddress } from "../server-common/messages.ts";
import { octetsKey } from "../server-common/octets.ts";
import type { Context6 } from "./context.ts";
import { rebuild } from "./follow-table.ts";
import { leaseKey } from "./leases.ts";
import type { Server6Limits } from "./limits.ts";
import { dropOffer } from "./offers.ts";
import { Pool6, Range6 } from "./pools.ts";
import { countersOf, type Host6, type HostIndex6, type HostKeyKind6, type Link6, type Server6 } from "./state.ts";
import { compareWords, wordsOf } from "./words.ts";

/**
 * Takes a committed configuration. Where pools or links changed they are made anew, and what is leased of them is found in the
 * table, which takes time; most commits change neither.
 */
export function onConfiguration(
  context: Context6,
  configurations: readonly LocalServerConfiguration[],
  localAddresses: readonly LocalAddress[],
): void {
  const { state } = context;
  const served = configurations.filter(({ family, duid }) => family === 6 && duid !== undefined);
  const layout = { pools: served.map(({ instance, pools }) => ({ instance, pools })), localAddresses };
  if (isSame(layout, state.layout)) {
    for (const configuration of served) {
      const server = state.servers.get(configuration.instance)!;
      state.servers.set(configuration.instance, { ...server, configuration, duid: configuration.duid! });
    }
  } else {
    makeServers(context, served, localAddresses);
    state.layout = layout;
  }
  for (const [key, { instance }] of state.reconfigures) {
    if (!state.servers.get(instance)?.configuration.reconfigure) state.reconfigures.delete(key);
  }
}

function makeServers(
  { state, now }: Context6,
  configurations: readonly LocalServerConfiguration[],
  localAddresses: readonly LocalAddress[],
): void {
  const servers: Server6[] = [];
  const ranges: (Range6 | undefined)[] = [undefined];
  for (const configuration of configurations) {
    const { instance } = configuration;
    const own = localAddresses.filter((one) => one.instance === instance && one.address.length === 16);
    servers.push(makeServer(configuration, own, ranges, state.limits, countersOf(state, instance, now)));
  }
  const offers = [...state.servers.values()].flatMap((server) => [...server.offersByClient.values()].flat());
  // What was offered is not promised: of what moved to other pools the clients are told when they ask for it.
  for (const offer of offers) dropOffer(state, offer);
  state.servers.clear();
  for (const server of servers) state.servers.set(server.instance, server);
  state.ranges = ranges;
  rebuild(state);
}

/** Whether two pieces of configuration say the same: plain objects, arrays, octets, and what is compared by `===`. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  const entries = Object.entries(a).filter(([, value]) => value !== undefined);
  const others = Object.values(b).filter((value) => value !== undefined);
  return (
    entries.length === others.length &&
    entries.every(([key, value]) => isSame(value, (b as Record<string, unknown>)[key]))
  );
}

function makeServer(
  configuration: LocalServerConfiguration,
  localAddresses: readonly LocalAddress[],
  numbered: (Range6 | undefined)[],
  limits: Server6Limits,
  counters: Server6["counters"],
): Server6 {
  const addressRanges: Range6[] = [];
  const prefixRanges: Range6[] = [];
  const pools: Pool6[] = [];
  for (const one of configuration.pools) {
    if (one.family !== 6) continue;
    const pool = new Pool6(one);
    pools.push(pool);
    addRanges(pool, one, addressRanges, prefixRanges, numbered, limits);
  }
  for (const ranges of [addressRanges, prefixRanges]) ranges.sort((a, b) => compareWords(a.low, b.low));
  const hosts = indexHosts(pools);
  const reservations = new Map<string, Host6[]>();
  for (const host of hosts.all)
    for (const { address, length } of host.leases) push(reservations, leaseKey(address, length), host);
  for (const { leases } of hosts.all) {
    for (const { address, length } of leases) setAside(length === 128 ? addressRanges : prefixRanges, address, length);
  }
  return {
    instance: configuration.instance,
    configuration,
    duid: configuration.duid!,
    counters,
    pools,
    addressRanges,
    prefixRanges,
    links: new Map(),
    interfaces: interfaceLinks(localAddresses, pools),
    hosts: hosts.byKind,
    reservations,
    offersByClient: new Map(),
  };
}

/** What is reserved is not given to others, nor is what overlaps it. */
function setAside(ranges: readonly Range6[], address: Uint8Array, length: number): void {
  const words = wordsOf(address);
  for (const range of ranges) {
    if (range.unit === length) {
      const slot = range.slotOf(words);
      if (slot >= 0) range.block(slot);
      continue;
    }
    const span = range.span(words, length);
    if (span !== undefined) range.covers.set(-1 - range.covers.size, span);
  }
}

/** Ranges that overlap an earlier one of the same kind are left out: the commit check refuses them. */
function addRanges(
  pool: Pool6,
  configuration: AddressPool6,
  addressRanges: Range6[],
  prefixRanges: Range6[],
  numbered: (Range6 | undefined)[],
  limits: Server6Limits,
): void {
  for (const { low, high, delegatedLength } of configuration.ranges) {
    const unit = delegatedLength ?? 128;
    const lowWords = wordsOf(low);
    const highWords = wordsOf(high);
    if (compareWords(lowWords, highWords) > 0 || unit < 1 || unit > 128) continue;
    const siblings = delegatedLength === undefined ? addressRanges : prefixRanges;
    if (siblings.some((other) => compareWords(other.low, highWords) <= 0 && compareWords(lowWords, other.high) <= 0))
      continue;
    const range = new Range6(pool, numbered.length, lowWords, highWords, unit, limits.slotsPerRangeMax);
    numbered.push(range);
    pool.ranges.push(range);
    siblings.push(range);
    exclude(range, pool);
  }
}

/** Excluded addresses, and interface identifiers that are never given out (RFC 5453), are set aside. */
function exclude(range: Range6, pool: Pool6): void {
  const spans = pool.exclusions.map(({ low, high }) => [low, high] as const);
  const oneSubnet = range.low[0] === range.high[0] && range.low[1] === range.high[1];
  if (range.unit === 128 && oneSubnet) {
    for (const [low2, low3, high2, high3] of RESERVED_INTERFACE_IDENTIFIERS) {
      spans.push([
        Uint32Array.of(range.low[0]!, range.low[1]!, low2, low3),
        Uint32Array.of(range.low[0]!, range.low[1]!, high2, high3),
      ]);
    }
  }
  for (const [low, high] of spans) {
    if (compareWords(high, range.low) < 0 || compareWords(low, range.high) > 0) continue;
    const first = range.slotOf(compareWords(low, range.low) < 0 ? range.low : low);
    const last = range.slotOf(compareWords(high, range.high) > 0 ? range.high : high);
    if (range.taken === undefined) {
      range.excluded += last - first + 1;
      continue;
    }
    for (let slot = first; slot <= last; slot += 1) {
      if (range.blocked?.has(slot)) continue;
      range.block(slot);
      range.excluded += 1;
    }
  }
}

const RESERVED_INTERFACE_IDENTIFIERS = [
  [0, 0, 0, 0],
  [0x0200_5eff, 0xfe00_0000, 0x0200_5eff, 0xfeff_ffff],
  [0xfdff_ffff, 0xffff_ff80, 0xfdff_ffff, 0xffff_ffff],
] as const;

function interfaceLinks(localAddresses: readonly LocalAddress[], pools: readonly Pool6[]): Map<string, Link6> {
  const names = new Set(localAddresses.map(({ interfaceName }) => interfaceName));
  const links = new Map<string, Link6>();
  for (const name of names) {
    const own = localAddresses.filter((one) => one.interfaceName === name && !isLinkLocal(one.address));
    const words = own.map(({ address }) => wordsOf(address));
    const serving = pools.filter((pool) => words.some((address) => pool.serves(address)));
    links.set(name, makeLink(own[0]?.address, serving));
  }
  return links;
}

/** Pools that serve the link of a link-address, remembered: at most `linksRememberedMax`, then all are forgotten. */
export function linkOf(server: Server6, address: Uint8Array, limits: Server6Limits): Link6 {
  const key = octetsKey(address);
  let link = server.links.get(key);
  if (link === undefined) {
    const words = wordsOf(address);
    link = makeLink(
      address.slice(),
      server.pools.filter((pool) => pool.serves(words)),
    );
    if (server.links.size >= limits.linksRememberedMax) server.links.clear();
    server.links.set(key, link);
  }
  return link;
}

function makeLink(address: Uint8Array | undefined, pools: readonly Pool6[]): Link6 {
  const ranges = pools.flatMap((pool) => pool.ranges);
  return {
    address,
    pools,
    addressPools: pools.filter(({ givesAddresses }) => givesAddresses),
    prefixPools: pools.filter(({ delegates }) => delegates),
    addressRanges: ranges.filter(({ unit }) => unit === 128),
    prefixRanges: ranges.filter(({ unit }) => unit !== 128),
  };
}

/** Link-local (fe80::/10). */
export function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
}

function indexHosts(pools: readonly Pool6[]): { byKind: HostIndex6; all: readonly Host6[] } {
  const byKind: Record<HostKeyKind6, Map<string, Host6[]>> = {
    duid: new Map(),
    "circuit-id": new Map(),
    "remote-id": new Map(),
    "hardware-address": new Map(),
  };
  const all: Host6[] = [];
  for (const pool of pools) {
    for (const { name, key, address, prefix } of pool.configuration.hosts) {
      const leases: { address: Uint8Array; length: number }[] = [];
      if (address !== undefined) leases.push({ address, length: 128 });
      if (prefix !== undefined) leases.push(prefix);
      const host: Host6 = { name, pool, kind: kindOf(key), key: octetsKey(key.value), leases };
      push(byKind[host.kind], host.key, host);
      all.push(host);
    }
  }
  return { byKind, all };
}

/** A DHCPv6 client's identifier is its DUID. */
function kindOf({ kind }: HostKey): HostKeyKind6 {
  return kind === "client-id" ? "duid" : kind;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
