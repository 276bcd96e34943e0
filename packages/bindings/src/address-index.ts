import type { HalfSipHash } from "./half-sip-hash.ts";
import { RowHash } from "./row-hash.ts";
import { prefixLengthOfFlags, Row, type Rows } from "./row-layout.ts";

/**
 * Unique index from (instance, address, prefix length) to a row. A look-up of an address that may lie in a delegated
 * prefix asks once per length in use, longest first.
 */
export class AddressIndex {
  readonly #addressWords: number;
  readonly #rows: Rows;
  readonly #hash: HalfSipHash;
  readonly #table = new RowHash();
  readonly #lengthCounts: Int32Array;
  /** Lengths in use, longest first. */
  #lengths: number[] = [];

  constructor(addressWords: number, rows: Rows, hash: HalfSipHash) {
    this.#addressWords = addressWords;
    this.#rows = rows;
    this.#hash = hash;
    this.#lengthCounts = new Int32Array(addressWords * 32 + 1);
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  /** Of an address with its host bits cleared. */
  hashOf(instanceId: number, words: Uint32Array, prefixLength: number): number {
    return this.#hash.words(words[0]!, words[1]!, words[2]!, words[3]!, (instanceId << 8) | prefixLength);
  }

  /** The row of exactly this address and length, 0 if none; `hash` is that of `hashOf`. */
  find(hash: number, instanceId: number, words: Uint32Array, prefixLength: number): number {
    const table = this.#table;
    let row = table.first(hash);
    while (row !== 0 && !this.#is(row, instanceId, words, prefixLength)) row = table.next(hash);
    return row;
  }

  /** The row of the longest prefix around an address, 0 if none. `words` is overwritten. */
  covering(instanceId: number, words: Uint32Array): number {
    for (const length of this.#lengths) {
      if (length === this.#addressWords * 32) continue;
      maskWords(words, this.#addressWords, length);
      const row = this.find(this.hashOf(instanceId, words, length), instanceId, words, length);
      if (row !== 0) return row;
    }
    return 0;
  }

  insert(row: number, hash: number): void {
    this.#table.add(hash, row);
    this.#countLength(row, 1);
  }

  remove(row: number): void {
    this.#table.remove(this.#hashOfRow(row), row);
    this.#countLength(row, -1);
  }

  #countLength(row: number, by: number): void {
    const length = prefixLengthOfFlags(this.#rows.get(row, Row.flags));
    const count = this.#lengthCounts[length]! + by;
    this.#lengthCounts[length] = count;
    if (count === 0) this.#lengths = this.#lengths.filter((other) => other !== length);
    else if (count === 1 && by === 1) this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
  }

  #is(row: number, instanceId: number, words: Uint32Array, prefixLength: number): boolean {
    const rows = this.#rows.of(row);
    const at = this.#rows.at(row);
    return (
      rows[at + Row.address] === (words[0]! | 0) &&
      rows[at + Row.instanceAndServer]! >>> 16 === instanceId &&
      prefixLengthOfFlags(rows[at + Row.flags]!) === prefixLength &&
      (this.#addressWords === 1 ||
        (rows[at + Row.address1] === (words[1]! | 0) &&
          rows[at + Row.address2] === (words[2]! | 0) &&
          rows[at + Row.address3] === (words[3]! | 0)))
    );
  }

  #hashOfRow(row: number): number {
    const rows = this.#rows.of(row);
    const at = this.#rows.at(row);
    const tail = ((rows[at + Row.instanceAndServer]! >>> 16) << 8) | prefixLengthOfFlags(rows[at + Row.flags]!);
    const first = rows[at + Row.address]!;
    if (this.#addressWords === 1) return this.#hash.words(first, 0, 0, 0, tail);
    return this.#hash.words(first, rows[at + Row.address1]!, rows[at + Row.address2]!, rows[at + Row.address3]!, tail);
  }
}

/** Address octets into 32-bit words, first octet most significant; words beyond the address are 0. */
export function addressToWords(address: Uint8Array, words: Uint32Array): void {
  if (address.length === 4) {
    words[0] = (address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!;
    words[1] = 0;
    words[2] = 0;
    words[3] = 0;
    return;
  }
  words.fill(0);
  for (let i = 0; i < address.length; i += 4) {
    words[i >>> 2] = (address[i]! << 24) | (address[i + 1]! << 16) | (address[i + 2]! << 8) | address[i + 3]!;
  }
}

export function maskWords(words: Uint32Array, count: number, prefixLength: number): void {
  for (let i = 0; i < count; i += 1) {
    const bits = prefixLength - i * 32;
    if (bits <= 0) words[i] = 0;
    else if (bits < 32) words[i] = words[i]! & (-1 << (32 - bits));
  }
}
