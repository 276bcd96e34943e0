import { note } from "./context.ts";
import { type Exchange6, type Lease6, rowsOfIa } from "./exchange.ts";
import { isHeld, isOfIa, leaseKey } from "./leases.ts";
import { offerOf } from "./offers.ts";
import { isReservedInterfaceIdentifier, type Pool6, type Range6, rangeAt, readAddress } from "./pools.ts";
import type { IaRequest } from "./request.ts";
import type { Offer6 } from "./state.ts";
import { newWords, type Words } from "./words.ts";

/**
 * Leases for an IA (RFC 9915 §13), in this order: what is reserved for the client; what the IA holds already; what the client
 * asks for, if it is free; what it was offered; what it held last; anything free. None where nothing is. Decides only: the
 * caller offers or grants.
 */
export function selectLeases(exchange: Exchange6, ia: IaRequest): readonly Lease6[] {
  const reserved = reservedLease(exchange, ia);
  if (reserved !== undefined) return [reserved];
  const running = runningLeases(exchange, ia);
  if (running.length > 0) return running;
  if (leasesOfClient(exchange) >= exchange.context.state.limits.leasesPerClientMax) return NONE;
  const lease =
    wantedLease(exchange, ia) ?? offeredLease(exchange, ia) ?? earlierLease(exchange, ia) ?? anyLease(exchange, ia);
  return lease === undefined ? NONE : [lease];
}

const NONE: readonly Lease6[] = [];
const words: Words = newWords();

/** Leases of the IA that still run and may go on: on the link, not excluded, not reserved for somebody else. */
export function runningLeases(exchange: Exchange6, ia: IaRequest): Lease6[] {
  const leases: Lease6[] = [];
  for (const { row, kind, iaid, leased, address, length } of exchange.rows) {
    if (!leased || kind !== ia.kind || iaid !== ia.iaid) continue;
    const lease = leaseAt(exchange, ia, address, length, row);
    if (lease !== undefined && !isAnswered(exchange, lease)) leases.push(lease);
  }
  return leases;
}

/**
 * Whether an address or prefix is known not to belong to the link the client is on. Without a pool of its kind there we know
 * nothing of that link's addresses or prefixes.
 */
export function isOffLink(exchange: Exchange6, address: Uint8Array, isPrefix: boolean): boolean {
  const { link } = exchange;
  if ((isPrefix ? link.prefixPools : link.addressPools).length === 0) return false;
  return poolAt(exchange, readAddress(address, words), isPrefix) === undefined;
}

function poolAt({ link }: Exchange6, at: Words, isPrefix: boolean): Pool6 | undefined {
  for (const pool of isPrefix ? link.prefixPools : link.addressPools) if (pool.holds(at)) return pool;
  return undefined;
}

/** A lease of that address as far as the configuration allows it for this client. */
function leaseAt(
  exchange: Exchange6,
  ia: IaRequest,
  address: Uint8Array,
  length: number,
  row: number,
): Lease6 | undefined {
  const { server } = exchange;
  readAddress(address, words);
  const pool = poolAt(exchange, words, ia.kind === "pd");
  if (pool === undefined || pool.excludes(words, length)) return undefined;
  if (server.reservations.size > 0) {
    const hosts = server.reservations.get(leaseKey(address, length));
    if (hosts !== undefined && !hosts.some((host) => exchange.hosts.includes(host))) return undefined;
  }
  const range = rangeAt(length === 128 && ia.kind !== "pd" ? server.addressRanges : server.prefixRanges, words);
  return { address, length, pool, range, slot: range === undefined ? -1 : range.slotOf(words), row };
}

/** The first lease reserved for the client that no other IA of it has. */
export function reservedLease(exchange: Exchange6, ia: IaRequest): Lease6 | undefined {
  if (exchange.hosts.length === 0 || ia.kind === "ta") return undefined;
  const { context, server } = exchange;
  const { table } = context.state;
  for (const host of exchange.hosts) {
    if (!exchange.link.pools.includes(host.pool)) continue;
    for (const { address, length } of host.leases) {
      if ((length === 128) !== (ia.kind === "na")) continue;
      const row = table.byPrefix(server.instance, address, length);
      const held = row > 0 && isHeld(table, row, context.nowSeconds);
      if (held && !isOfIa(table, row, exchange.duid, ia.kind, ia.iaid)) {
        // By another IA of the client: that one is the host's.
        if (!exchange.rows.some((own) => own.row === row))
          note(context, server.instance, "reserved lease in use", host.name);
        continue;
      }
      const at = readAddress(address, words);
      const range = rangeAt(length === 128 ? server.addressRanges : server.prefixRanges, at);
      const slot = range === undefined ? -1 : range.slotOf(at);
      const lease: Lease6 = { address, length, pool: host.pool, range, slot, row: held ? row : 0 };
      if (!isAnswered(exchange, lease)) return lease;
    }
  }
  return undefined;
}

function wantedLease(exchange: Exchange6, ia: IaRequest): Lease6 | undefined {
  for (const { address, length } of ia.leases) {
    const lease = leaseAt(exchange, ia, address, length, 0);
    if (lease !== undefined && isGrantable(exchange, ia, lease)) return lease;
  }
  return undefined;
}

function offeredLease(exchange: Exchange6, ia: IaRequest): Lease6 | undefined {
  const made = offerOf(exchange.server, exchange.duidKey, ia);
  if (made === undefined) return undefined;
  const lease = leaseAt(exchange, ia, made.address, made.length, 0);
  return lease !== undefined && isGrantable(exchange, ia, lease) ? lease : undefined;
}

function earlierLease(exchange: Exchange6, ia: IaRequest): Lease6 | undefined {
  for (const { leased, address, length } of rowsOfIa(exchange, ia)) {
    if (leased) continue;
    const lease = leaseAt(exchange, ia, address, length, 0);
    if (lease !== undefined && isGrantable(exchange, ia, lease)) return lease;
  }
  return undefined;
}

/** Whether this very address or prefix can be given to the IA now. */
function isGrantable(exchange: Exchange6, ia: IaRequest, lease: Lease6): boolean {
  const { context, server } = exchange;
  const { range, slot, address, length } = lease;
  if (range === undefined || range.unit !== length) return false;
  const at = readAddress(address, words);
  // A prefix whose bits beyond its length are set names no slot.
  if (length < 128 && !isAligned(at, length)) return false;
  if (length === 128 && isReservedInterfaceIdentifier(at)) return false;
  if (isAnswered(exchange, lease)) return false;
  const offered = range.offers.size === 0 ? undefined : range.offers.get(slot);
  if (offered !== undefined && !isOwn(offered, exchange, ia)) return false;
  if (range.fragments.has(slot) || (range.covers.size > 0 && range.coveredUntil(slot) >= 0)) return false;
  const { table } = context.state;
  const row = table.byPrefix(server.instance, address, length);
  return row < 0 || !isHeld(table, row, context.nowSeconds);
}

function isOwn(offered: Offer6, { duidKey }: Exchange6, { kind, iaid }: IaRequest): boolean {
  return offered.iaid === iaid && offered.kind === kind && offered.duidKey === duidKey;
}

function isAligned(at: Words, length: number): boolean {
  for (let i = 0; i < 4; i += 1) {
    const bits = length - i * 32;
    if (bits <= 0 ? at[i] !== 0 : bits < 32 && (at[i]! & (0xffff_ffff >>> bits)) !== 0) return false;
  }
  return true;
}

/** Given to another IA of the same message. */
function isAnswered({ answers }: Exchange6, { address, length }: Lease6): boolean {
  for (const { leases } of answers) {
    for (const other of leases) if (other.length === length && sameOctets(other.address, address)) return true;
  }
  return false;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Leases the client has, and those this message brings. */
function leasesOfClient({ rows, answers }: Exchange6): number {
  let count = 0;
  for (const { leased } of rows) if (leased) count += 1;
  for (const { leases } of answers) for (const { row } of leases) if (row === 0) count += 1;
  return count;
}

function anyLease(exchange: Exchange6, ia: IaRequest): Lease6 | undefined {
  const { addressRanges, prefixRanges } = exchange.link;
  for (const range of ia.kind === "pd" ? nearest(prefixRanges, ia) : addressRanges) {
    const lease = freeLease(exchange, range);
    if (lease !== undefined) return lease;
  }
  return undefined;
}

/** Delegating ranges of the link; those whose length is nearest to what the client asks for come first (RFC 8168). */
function nearest(ranges: readonly Range6[], { lengthHint, leases }: IaRequest): readonly Range6[] {
  const wanted = lengthHint !== 0 ? lengthHint : (leases[0]?.length ?? 0);
  if (wanted === 0 || ranges.length < 2) return ranges;
  return ranges.toSorted((a, b) => Math.abs(a.unit - wanted) - Math.abs(b.unit - wanted));
}

/** A free slot of a range. Which one cannot be foretold (§13.1); one that nobody held before is preferred. */
function freeLease(exchange: Exchange6, range: Range6): Lease6 | undefined {
  return range.taken === undefined ? drawnLease(exchange, range) : freeSlotOf(exchange, range);
}

function freeSlotOf(exchange: Exchange6, range: Range6): Lease6 | undefined {
  const { state, nowSeconds } = exchange.context;
  const { table, limits } = state;
  const taken = range.taken!;
  let fallback: Lease6 | undefined;
  let tries = 0;
  let from = randomBelow(state.random.uint32(), range.slots);
  for (let visits = 0; visits < limits.slotVisitsMax; visits += 1) {
    const slot = taken.nextFree(from);
    if (slot < 0) break;
    if (range.covers.size > 0) {
      const until = range.coveredUntil(slot);
      if (until >= 0) {
        from = until + 1 < range.slots ? until + 1 : 0;
        continue;
      }
    }
    const address = range.addressOfSlot(slot);
    if (range.unit === 128 && isReservedInterfaceIdentifier(readAddress(address, words))) {
      range.block(slot);
      range.excluded += 1;
      continue;
    }
    const row = table.byPrefix(exchange.server.instance, address, range.unit);
    if (row > 0 && isHeld(table, row, nowSeconds)) {
      // The table knows of it and we did not yet.
      taken.add(slot);
      continue;
    }
    const lease: Lease6 = { address, length: range.unit, pool: range.pool, range, slot, row: 0 };
    if (isAnswered(exchange, lease)) {
      from = slot + 1;
      continue;
    }
    if (row < 0) return lease;
    fallback ??= lease;
    tries += 1;
    if (tries >= limits.untouchedTriesMax) break;
    from = randomBelow(state.random.uint32(), range.slots);
  }
  return fallback;
}

function drawnLease(exchange: Exchange6, range: Range6): Lease6 | undefined {
  const { state, nowSeconds } = exchange.context;
  const { table, limits } = state;
  const { server } = exchange;
  for (let draw = 0; draw < limits.drawsMax; draw += 1) {
    const address = range.drawnAddress(() => state.random.uint32());
    const at = readAddress(address, words);
    if (range.unit === 128 && isReservedInterfaceIdentifier(at)) continue;
    if (range.pool.excludes(at, range.unit)) continue;
    const slot = range.slotOf(at);
    if (range.fragments.has(slot) || (range.covers.size > 0 && range.coveredUntil(slot) >= 0)) continue;
    if (range.offers.has(slot)) continue;
    if (server.reservations.size > 0 && server.reservations.has(leaseKey(address, range.unit))) continue;
    const row = table.byPrefix(server.instance, address, range.unit);
    if (row > 0 && isHeld(table, row, nowSeconds)) continue;
    const lease: Lease6 = { address, length: range.unit, pool: range.pool, range, slot, row: 0 };
    if (!isAnswered(exchange, lease)) return lease;
  }
  return undefined;
}

function randomBelow(uint32: number, below: number): number {
  return Math.floor((uint32 / 0x1_0000_0000) * below);
}
