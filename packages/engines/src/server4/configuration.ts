import { BindingState } from "@leasewire/bindings";
import type { AddressPool4, LocalServerConfiguration } from "@leasewire/config";
import { equalBytes, type InstanceName, type Ipv4Address, ipv4FromBytes, maskIpv4, parseIpv4 } from "@leasewire/net";
import { encodeOptions4, OptionCode4 } from "@leasewire/wire";
import { countsClients } from "../server-common/interface-overrides.ts";
import type { LocalAddress } from "../server-common/messages.ts";
import { octetsKey } from "../server-common/octets.ts";
import { type Context4, note } from "./context.ts";
import { markRow, rangeOf } from "./follow-table.ts";
import { removeOffer } from "./offers.ts";
import { AddressRange, Mark, Pool4 } from "./pools.ts";
import { servingPools } from "./request.ts";
import { countersOf, type Host4, type Offer, type Server4 } from "./state.ts";

/**
 * Takes over a committed configuration. An instance whose addresses stay as they are goes on with its pools and offers;
 * any other is built anew: pools, marks as the table says, and the offers that can be kept. Offers of addresses that no
 * pool has any more are withdrawn.
 */
export function onConfiguration(
  context: Context4,
  configurations: readonly LocalServerConfiguration[],
  localAddresses: readonly LocalAddress[],
): void {
  const { state } = context;
  const before = new Map(state.servers);
  const built = new Set<Server4>();
  state.servers.clear();
  for (const configuration of configurations) {
    if (configuration.family !== 4) continue;
    const known = before.get(configuration.instance);
    if (known !== undefined && hasSameAddresses(known.configuration, configuration)) {
      before.delete(configuration.instance);
      Object.assign(known, identityOf(configuration, known.pools, localAddresses));
      state.servers.set(configuration.instance, known);
    } else {
      const server = buildServer(context, configuration, localAddresses);
      built.add(server);
      state.servers.set(configuration.instance, server);
    }
  }
  const offers: Offer[] = [];
  for (const offer of offersInOrder(state.offers.first)) if (before.has(offer.server.instance)) offers.push(offer);
  // What is being probed was not told to its client yet: it asks again.
  const told = offers.filter(({ probe }) => probe < 0);
  for (const offer of offers) removeOffer(state, offer);
  if (built.size > 0) markTable(context, built);
  for (const offer of told) restoreOffer(context, offer);
  state.abandonedDueMs = Number.POSITIVE_INFINITY;
  for (const { pools } of state.servers.values()) {
    for (const { abandoned } of pools) {
      const since = abandoned.first?.sinceSeconds ?? Number.POSITIVE_INFINITY;
      const dueMs = (since + state.limits.abandonedRetentionSeconds) * 1000;
      state.abandonedDueMs = Math.min(state.abandonedDueMs, dueMs);
    }
  }
}

/** Whether the pools, and what is counted by interface, are the same. */
function hasSameAddresses(a: LocalServerConfiguration, b: LocalServerConfiguration): boolean {
  return isSame(a.pools, b.pools) && countsClients(a) === countsClients(b);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b);
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!isSame(a[key as keyof typeof a], b[key as keyof typeof b])) return false;
  return true;
}

function* offersInOrder(first: Offer | undefined): Generator<Offer> {
  for (let offer = first; offer !== undefined; ) {
    const { later } = offer;
    yield offer;
    offer = later;
  }
}

function buildServer(
  context: Context4,
  configuration: LocalServerConfiguration,
  localAddresses: readonly LocalAddress[],
): Server4 {
  const { instance } = configuration;
  const pools: Pool4[] = [];
  for (const pool of configuration.pools) if (pool.family === 4) pools.push(buildPool(pool));
  const ranges = buildRanges(context, instance, pools);
  const hosts = pools.flatMap(hostsOf);
  const server: Server4 = {
    instance,
    ...identityOf(configuration, pools, localAddresses),
    counters: countersOf(context.state, instance, context.now),
    pools,
    ranges,
    lows: Float64Array.from(ranges, (range) => range.low),
    hosts: indexHosts(hosts),
    reservations: new Map(hosts.map((host) => [host.address, host])),
    links: new Map(),
    offersByClient: new Map(),
    offersByAddress: new Map(),
    interfaceNumbers: new Map(),
    clientsByInterface: [],
  };
  for (const pool of pools) {
    for (const { low, high } of pool.configuration.excluded) exclude(pool, low, high);
  }
  for (const { address } of hosts) {
    const range = rangeOf(server, address);
    range?.mark(address - range.low, Mark.reserved);
  }
  return server;
}

/** What may change while the pools stay. */
function identityOf(
  configuration: LocalServerConfiguration,
  pools: readonly Pool4[],
  localAddresses: readonly LocalAddress[],
): Pick<Server4, "configuration" | "interfaces" | "ownIdentifiers" | "identifier"> {
  const listenAddress = addressOf(configuration.listenAddress);
  const own = localAddresses.filter(
    ({ instance, address }) => instance === configuration.instance && address.length === 4,
  );
  const identifiers = [
    configuration.serverIdentifier ?? 0,
    listenAddress,
    ...pools.map((pool) => pool.configuration.serverIdentifier ?? 0),
    ...own.map(({ address }) => ipv4FromBytes(address)),
  ];
  return {
    configuration,
    interfaces: interfacePools(pools, own),
    ownIdentifiers: new Set(identifiers.filter((address) => address !== 0)),
    identifier: configuration.serverIdentifier ?? listenAddress,
  };
}

function buildPool(configuration: AddressPool4): Pool4 {
  const encoded: (Uint8Array | undefined)[] = [];
  const codes: number[] = [];
  for (const { code, data } of configuration.options) {
    if (encoded[code] !== undefined) continue;
    encoded[code] = encodeOptions4([{ code, data }]);
    codes.push(code);
  }
  if (encoded[OptionCode4.subnetMask] === undefined) {
    const mask = maskIpv4(0xffff_ffff as Ipv4Address, configuration.network.length);
    encoded[OptionCode4.subnetMask] = Uint8Array.of(
      OptionCode4.subnetMask,
      4,
      mask >>> 24,
      (mask >>> 16) & 255,
      (mask >>> 8) & 255,
      mask & 255,
    );
    codes.unshift(OptionCode4.subnetMask);
  }
  return new Pool4(configuration, encoded, codes);
}

/** The ranges of all pools without overlap, each reserved address outside of them as a range of its own. */
function buildRanges(context: Context4, instance: InstanceName, pools: readonly Pool4[]): AddressRange[] {
  const configured = pools
    .flatMap((pool) =>
      pool.configuration.ranges.map(({ low, high }) => ({ pool, low: low as number, high: high as number })),
    )
    .filter(({ low, high }) => low <= high)
    .sort((a, b) => a.low - b.low || a.high - b.high);
  const reserved = pools
    .flatMap((pool) =>
      pool.configuration.hosts.map(({ address }) => ({ pool, low: address as number, high: address as number })),
    )
    .sort((a, b) => a.low - b.low);
  const disjoint: { pool: Pool4; low: number; high: number }[] = [];
  let last = -1;
  let left = context.state.limits.poolAddressesMax;
  for (const { pool, low, high } of configured) {
    const from = Math.max(low, last + 1);
    if (from > high) continue;
    const to = Math.min(high, from + left - 1);
    if (to < high) note(context, instance, "range too large", pool.configuration.name);
    if (to < from) continue;
    disjoint.push({ pool, low: from, high: to });
    left -= to - from + 1;
    last = high;
  }
  let at = 0;
  const all = [...disjoint];
  last = -1;
  for (const host of reserved) {
    while (at < disjoint.length && disjoint[at]!.high < host.low) at += 1;
    if (host.low === last || (at < disjoint.length && disjoint[at]!.low <= host.low)) continue;
    all.push(host);
    last = host.low;
  }
  return all
    .sort((a, b) => a.low - b.low)
    .map(({ pool, low, high }) => {
      const range = new AddressRange(pool, low, high);
      pool.ranges.push(range);
      return range;
    });
}

function hostsOf(pool: Pool4): Host4[] {
  return pool.configuration.hosts.map(({ name, key, address }) => ({
    name,
    pool,
    address,
    kind: key.kind,
    key: octetsKey(key.value),
  }));
}

function indexHosts(hosts: readonly Host4[]): Server4["hosts"] {
  const of = (kind: Host4["kind"]): ReadonlyMap<string, readonly Host4[]> => {
    const index = new Map<string, Host4[]>();
    for (const host of hosts) {
      if (host.kind !== kind) continue;
      const known = index.get(host.key);
      if (known === undefined) index.set(host.key, [host]);
      else known.push(host);
    }
    return index;
  };
  return {
    "hardware-address": of("hardware-address"),
    "client-id": of("client-id"),
    duid: of("duid"),
    "circuit-id": of("circuit-id"),
    "remote-id": of("remote-id"),
  };
}

function interfacePools(pools: readonly Pool4[], localAddresses: readonly LocalAddress[]): Server4["interfaces"] {
  const interfaces = new Map<string, { pools: Pool4[]; address: number }>();
  for (const { interfaceName, address } of localAddresses) {
    const link = ipv4FromBytes(address);
    const known = interfaces.get(interfaceName);
    const found = servingPools(pools, link);
    if (known === undefined) interfaces.set(interfaceName, { pools: [...found], address: link });
    else known.pools.push(...found.filter((pool) => !known.pools.includes(pool)));
  }
  return interfaces;
}

function exclude({ ranges }: Pool4, low: number, high: number): void {
  for (const range of ranges) {
    const to = Math.min(high, range.high);
    for (let address = Math.max(low, range.low); address <= to; address += 1) {
      range.mark(address - range.low, Mark.excluded);
    }
  }
}

/** Goes through the table once and marks what is in the pools of these servers: afterwards they follow its changes. */
function markTable({ state }: Context4, built: ReadonlySet<Server4>): void {
  const { table, servers } = state;
  const abandoned: { server: Server4; range: AddressRange; slot: number; row: number; since: number }[] = [];
  let instance: InstanceName | undefined;
  let server: Server4 | undefined;
  for (let row = 1; row <= table.rowLast; row += 1) {
    if (!table.has(row)) continue;
    const name = table.instanceOf(row);
    if (name !== instance) {
      instance = name;
      server = servers.get(name);
    }
    if (server === undefined || !built.has(server)) continue;
    const address = table.addressWordOf(row, 0);
    const range = rangeOf(server, address);
    if (range === undefined) continue;
    const slot = address - range.low;
    if (table.stateOf(row) === BindingState.ABANDONED) {
      abandoned.push({ server, range, slot, row, since: table.startTimeOfStateSecondsOf(row) });
    } else markRow(state, server, range, slot, row);
  }
  // The timelines of abandoned addresses are in order of time.
  abandoned.sort((a, b) => a.since - b.since);
  for (const { server: of, range, slot, row } of abandoned) markRow(state, of, range, slot, row);
}

function restoreOffer(context: Context4, offer: Offer): void {
  const { state } = context;
  const server = state.servers.get(offer.server.instance);
  const range = server && rangeOf(server, offer.address);
  if (server === undefined || range === undefined) return;
  const slot = offer.address - range.low;
  if ((range.marks[slot]! & (Mark.excluded | Mark.leased)) !== 0) return;
  const restored: Offer = { ...offer, server, range, slot, probe: -1, earlier: undefined, later: undefined };
  server.offersByClient.set(restored.key, restored);
  server.offersByAddress.set(restored.address, restored);
  state.offers.push(restored);
  range.mark(slot, Mark.offered);
}

function addressOf(text: string | undefined): number {
  const parsed = text === undefined ? undefined : parseIpv4(text);
  return parsed?.ok ? parsed.value : 0;
}
