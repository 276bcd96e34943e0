import type { Family } from "./binding.ts";

/**
 * Where what is in a row. Everything that is of one size is in one run of 32-bit words, so that whoever has found a row
 * has all of it at hand: 128 octets in DHCPv4, two cache lines, what a look-up or a renewal touches in the first. Row 0
 * is never used, so 0 means none everywhere.
 */
export const Row = {
  /** See `stateOfFlags` and the others below. */
  flags: 0,
  /** All of an IPv4 address; the first 32 bits of an IPv6 one. */
  address: 1,
  /** instance id × 65536 + server-address id */
  instanceAndServer: 2,
  recordRef: 3,
  expiresAt: 4,
  clientLastTransactionTime: 5,
  startTimeOfState: 6,
  changedAtSeconds: 7,
  sequenceLow: 8,
  sequenceHigh: 9,
  chainPrev: 10,
  chainNext: 11,
  /** Under which second the row waits in the expiry wheel: `expiresAt` or, after renewals, before it. */
  dueAt: 12,
  linkAddressId: 13,
  serverIdentifierId: 14,
  interfaceNameId: 15,
  /** hardware type × 65536 + generation of the row */
  hardwareTypeAndGeneration: 16,
  duePrev: 17,
  dueNext: 18,
  linkPrev: 19,
  linkNext: 20,
  /** Two words each (see KeyIndex). */
  clientId: 21,
  hardwareAddress: 23,
  relayId: 25,
  remoteId: 27,
  circuitId: 29,
  /** DHCPv6, in front of the rest: the other words of the address, and when the preferred lifetime ends. */
  address1: -1,
  address2: -2,
  address3: -3,
  preferredUntil: -4,
} as const;

const WORDS = 32;
const WORDS_IN_FRONT_6 = 4;
const SHIFT = 13;
const ROWS = 1 << SHIFT;
const MASK = ROWS - 1;
/**
 * Large blocks of memory begin 16 octets behind a page: this many words further on a cache line begins. Where they do
 * not, nothing is lost but time.
 */
const LEAD = 12;

/** The rows of a table. They grow by whole segments of 8192 rows: growing never copies what is there. */
export class Rows {
  readonly segments: Int32Array[] = [];
  readonly #stride: number;
  readonly #lead: number;

  constructor(family: Family) {
    const inFront = family === 4 ? 0 : WORDS_IN_FRONT_6;
    this.#stride = WORDS + inFront;
    this.#lead = LEAD + inFront;
  }

  /** The words among which the row is, from `at(row)` on. Not valid beyond the next `grow`. */
  of(row: number): Int32Array {
    return this.segments[row >>> SHIFT]!;
  }

  at(row: number): number {
    return this.#lead + (row & MASK) * this.#stride;
  }

  get(row: number, word: number): number {
    return this.segments[row >>> SHIFT]![this.#lead + (row & MASK) * this.#stride + word]!;
  }

  /** The same as a number without sign. */
  unsigned(row: number, word: number): number {
    return this.segments[row >>> SHIFT]![this.#lead + (row & MASK) * this.#stride + word]! >>> 0;
  }

  set(row: number, word: number, value: number): void {
    this.segments[row >>> SHIFT]![this.#lead + (row & MASK) * this.#stride + word] = value;
  }

  /** 32 bits of the address, 0 the first. */
  addressWord(row: number, word: number): number {
    return this.unsigned(row, word === 0 ? Row.address : -word);
  }

  instanceId(row: number): number {
    return this.get(row, Row.instanceAndServer) >>> 16;
  }

  /** Makes rows 0 … count − 1 exist, all words 0. */
  grow(count: number): void {
    while (this.segments.length * ROWS < count) this.segments.push(new Int32Array(LEAD + ROWS * this.#stride));
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.byteLength, 0);
  }
}

/** state 0–3, origin 4–6, prefix 7, data source 8–15, prefix length 16–23, preferred lifetime given 24, row in use 25 */
export const FLAG_PREFIX = 1 << 7;
export const FLAG_PREFERRED = 1 << 24;
export const FLAG_USED = 1 << 25;

export function stateOfFlags(flags: number): number {
  return flags & 15;
}

export function originOfFlags(flags: number): number {
  return (flags >>> 4) & 7;
}

export function prefixLengthOfFlags(flags: number): number {
  return (flags >>> 16) & 255;
}
