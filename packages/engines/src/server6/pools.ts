import type { AddressPool6 } from "@leasewire/config";
import { AddressSet } from "../server-common/address-set.ts";
import type { PoolStatistics } from "../server-common/messages.ts";
import type { Offer6 } from "./state.ts";
import {
  addressOf,
  addWords,
  compareWords,
  newWords,
  readWords,
  samePrefix,
  shiftWordsLeft,
  shiftWordsRight,
  subtractWords,
  type Words,
  wordsFromNumber,
  wordsOf,
  wordsToNumber,
} from "./words.ts";

/**
 * Slots, each an address or a prefix of the delegated length, that are given out in any order.
 *
 * `taken` says which slots are leased, offered, set aside or excluded. It follows the table with a delay of at most a step
 * and is a hint where to look: before anything is given out, its row in the table is looked up. A range of more than
 * `slotsPerRangeMax` slots has none: there a slot drawn at random is free more likely than not, and the row tells.
 */
export class Range6 {
  readonly pool: Pool6;
  /** 1, 2, … through all servers. */
  readonly number: number;
  readonly low: Words;
  readonly high: Words;
  /** Prefix length of a slot: 128 where addresses are given out. */
  readonly unit: number;
  /** Exact below 2^53. */
  readonly slots: number;
  readonly taken: AddressSet | undefined;
  /** Slots in `taken` whatever the table says: excluded, or reserved for a host. */
  readonly blocked: AddressSet | undefined;
  /** The slot number of the last one. */
  readonly #last: Words = newWords();
  readonly #scratch: Words = newWords();
  /** Rows with longer prefixes than a slot has, counted by slot; written by imports, not by us. */
  readonly fragments = new Map<number, number>();
  /** Slots under prefixes of another length: of rows with shorter ones by row, of reservations by a negative number. */
  readonly covers = new Map<number, { readonly first: number; readonly last: number }>();
  /** Offers by slot. Of a range of more than 2^53 slots some share a number: then one of them has to wait. */
  readonly offers = new Map<number, Offer6>();
  excluded = 0;
  active = 0;
  declined = 0;

  constructor(pool: Pool6, number: number, low: Words, high: Words, unit: number, slotsPerRangeMax: number) {
    this.pool = pool;
    this.number = number;
    this.low = low;
    this.high = high;
    this.unit = unit;
    shiftWordsRight(subtractWords(high, low, this.#last), 128 - unit, this.#last);
    this.slots = wordsToNumber(this.#last) + 1;
    if (this.slots <= slotsPerRangeMax) {
      this.taken = new AddressSet(this.slots);
      this.blocked = new AddressSet(this.slots);
    }
  }

  /** The slot that holds the address; −1 if it is not in the range. Exact below 2^53. */
  slotOf(words: Words): number {
    const scratch = this.#scratch;
    if (compareWords(words, this.low) < 0) return -1;
    shiftWordsRight(subtractWords(words, this.low, scratch), 128 - this.unit, scratch);
    return compareWords(scratch, this.#last) > 0 ? -1 : wordsToNumber(scratch);
  }

  /** The first address of a slot, a copy. Slots of a range with `taken` only. */
  addressOfSlot(slot: number): Uint8Array {
    const scratch = wordsFromNumber(slot, this.#scratch);
    return addressOf(addWords(this.low, shiftWordsLeft(scratch, 128 - this.unit, scratch), scratch));
  }

  /** The first address of a slot drawn evenly. */
  drawnAddress(uint32: () => number): Uint8Array {
    const scratch = this.#scratch;
    const last = this.#last;
    // Numbers of as many bits as the last slot's are drawn until one is not beyond it: of two draws one is.
    for (let draw = 0; draw < 64; draw += 1) {
      let leading = true;
      for (let i = 0; i < 4; i += 1) {
        if (leading && last[i] === 0) {
          scratch[i] = 0;
          continue;
        }
        const bits = leading ? 32 - Math.clz32(last[i]!) : 32;
        scratch[i] = uint32() >>> (32 - bits);
        leading = false;
      }
      if (compareWords(scratch, last) <= 0) break;
      scratch.fill(0);
    }
    return addressOf(addWords(this.low, shiftWordsLeft(scratch, 128 - this.unit, scratch), scratch));
  }

  /** Sets slots aside for good. */
  block(slot: number): void {
    this.taken?.add(slot);
    this.blocked?.add(slot);
  }

  /** The slots that a prefix shares octets with, undefined if none. */
  span(at: Words, length: number): { first: number; last: number } | undefined {
    const end = lastOf(at, length);
    if (compareWords(end, this.low) < 0) return undefined;
    const first = compareWords(at, this.low) <= 0 ? 0 : this.slotOf(at);
    if (first < 0) return undefined;
    const last = this.slotOf(end);
    return { first, last: last < 0 ? this.slots - 1 : last };
  }

  /** The last slot under the prefix of another length that covers this one, −1 if none does. */
  coveredUntil(slot: number): number {
    for (const { first, last } of this.covers.values()) if (slot >= first && slot <= last) return last;
    return -1;
  }
}

/** Addresses from `low` to `high` that are not given out. */
export interface Exclusion6 {
  readonly low: Words;
  readonly high: Words;
}

export class Pool6 {
  readonly configuration: AddressPool6;
  readonly prefix: Words;
  readonly prefixLength: number;
  readonly ranges: Range6[] = [];
  readonly exclusions: readonly Exclusion6[];
  /** Options to hand out, by code. */
  readonly options: ReadonlyMap<number, Uint8Array>;
  readonly givesAddresses: boolean;
  readonly delegates: boolean;
  readonly #links: readonly { readonly words: Words; readonly length: number }[];

  constructor(configuration: AddressPool6) {
    this.configuration = configuration;
    this.prefix = wordsOf(configuration.prefix.address);
    this.prefixLength = configuration.prefix.length;
    this.exclusions = configuration.excluded.map(({ low, high }) => ({ low: wordsOf(low), high: wordsOf(high) }));
    const options = new Map<number, Uint8Array>();
    for (const { code, data } of configuration.options) if (!options.has(code)) options.set(code, data);
    this.options = options;
    const { ranges, hosts } = configuration;
    this.delegates =
      ranges.some(({ delegatedLength }) => delegatedLength !== undefined) ||
      hosts.some((host) => host.prefix !== undefined);
    this.givesAddresses =
      ranges.some(({ delegatedLength }) => delegatedLength === undefined) ||
      hosts.some((host) => host.address !== undefined) ||
      !this.delegates;
    this.#links = configuration.linkAddresses.map(({ address, length }) => ({ words: wordsOf(address), length }));
  }

  /** Whether clients on the link of that address get leases of this pool. */
  serves(link: Words): boolean {
    return this.holds(link) || this.#links.some(({ words, length }) => samePrefix(words, link, length));
  }

  holds(address: Words): boolean {
    return samePrefix(this.prefix, address, this.prefixLength);
  }

  /** Whether part of a lease is excluded from being given out. */
  excludes(address: Words, length: number): boolean {
    for (const { low, high } of this.exclusions) {
      if (compareWords(address, high) <= 0 && compareWords(lastOf(address, length), low) >= 0) return true;
    }
    return false;
  }
}

const lastScratch = newWords();

/** The last address of a prefix; valid until the next call. */
function lastOf(address: Words, length: number): Words {
  for (let i = 0; i < 4; i += 1) {
    const bits = length - i * 32;
    lastScratch[i] = bits >= 32 ? address[i]! : bits <= 0 ? 0xffff_ffff : address[i]! | (0xffff_ffff >>> bits);
  }
  return lastScratch;
}

/** The range among those in order of address that holds it, undefined if none does. */
export function rangeAt(ranges: readonly Range6[], words: Words): Range6 | undefined {
  let from = 0;
  let to = ranges.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compareWords(ranges[middle]!.low, words) <= 0) from = middle + 1;
    else to = middle;
  }
  const range = ranges[from - 1];
  return range !== undefined && range.slotOf(words) >= 0 ? range : undefined;
}

/**
 * Interface identifiers that must not be given out (RFC 5453 and its registry): subnet-router anycast, the Ethernet block of
 * the registry, reserved subnet anycast.
 */
export function isReservedInterfaceIdentifier(words: Words): boolean {
  const high = words[2]!;
  const low = words[3]!;
  if (high === 0) return low === 0;
  if (high === 0x0200_5eff) return low >>> 24 === 0xfe;
  return high === 0xfdff_ffff && low >= 0xffff_ff80;
}

export function readAddress(address: Uint8Array, out: Words): Words {
  return readWords(address, 0, out);
}

export function statisticsOf6(pool: Pool6, reserved: number): PoolStatistics {
  let total = 0;
  let active = 0;
  let declined = 0;
  let offered = 0;
  for (const range of pool.ranges) {
    total += range.slots - range.excluded;
    active += range.active;
    declined += range.declined;
    offered += range.offers.size;
  }
  const free = Math.max(0, total - active - declined - offered - reserved);
  return {
    name: pool.configuration.name,
    instance: pool.configuration.instance,
    total,
    active,
    offered,
    declined,
    reserved,
    free,
  };
}
