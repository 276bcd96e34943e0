import type { HalfSipHash } from "./half-sip-hash.ts";
import { LinearBuckets } from "./linear-buckets.ts";
import { instanceIdOf, LINK_WORDS, Link, prefixLengthOfFlags } from "./row-layout.ts";
import type { Int32Column, Uint32Column } from "./segmented.ts";

/**
 * Unique index from (instance, address, prefix length) to a row, chained through one link word. A lookup of an address
 * that may lie in a delegated prefix asks once per length in use, longest first.
 */
export class AddressIndex {
  readonly #address: Uint32Column;
  readonly #addressWords: number;
  readonly #flags: Uint32Column;
  readonly #core: Uint32Column;
  readonly #links: Int32Column;
  readonly #hash: HalfSipHash;
  readonly #buckets = new LinearBuckets();
  readonly #lengthCounts: Int32Array;
  /** Lengths in use, longest first. */
  #lengths: number[] = [];
  #size = 0;

  constructor(
    addressWords: number,
    address: Uint32Column,
    flags: Uint32Column,
    core: Uint32Column,
    links: Int32Column,
    hash: HalfSipHash,
  ) {
    this.#addressWords = addressWords;
    this.#address = address;
    this.#flags = flags;
    this.#core = core;
    this.#links = links;
    this.#hash = hash;
    this.#lengthCounts = new Int32Array(addressWords * 32 + 1);
  }

  get bytes(): number {
    return this.#buckets.bytes;
  }

  /** The row of exactly this address and length, 0 if none. `words` holds the address, host bits cleared. */
  find(instanceId: number, words: Uint32Array, prefixLength: number): number {
    const hash = this.#hash.words(words[0]!, words[1]!, words[2]!, words[3]!, (instanceId << 8) | prefixLength);
    const links = this.#links;
    let row = this.#buckets.head(this.#buckets.bucketOf(hash));
    while (row !== 0) {
      const word = row * LINK_WORDS;
      if (links.get(word + Link.addressHash) === hash && this.#is(row, instanceId, words, prefixLength)) break;
      row = links.get(word + Link.addressNext);
    }
    return row;
  }

  /** The row of the address itself, else of the longest prefix around it, 0 if none. `words` is overwritten. */
  covering(instanceId: number, words: Uint32Array): number {
    for (const length of this.#lengths) {
      maskWords(words, this.#addressWords, length);
      const row = this.find(instanceId, words, length);
      if (row !== 0) return row;
    }
    return 0;
  }

  insert(row: number): void {
    const hash = this.#hashOf(row);
    const bucket = this.#buckets.bucketOf(hash);
    this.#links.set(row * LINK_WORDS + Link.addressHash, hash);
    this.#links.set(row * LINK_WORDS + Link.addressNext, this.#buckets.head(bucket));
    this.#buckets.setHead(bucket, row);
    this.#countLength(row, 1);
    this.#size += 1;
    if (this.#size > this.#buckets.size) this.#split();
  }

  remove(row: number): void {
    const links = this.#links;
    const bucket = this.#buckets.bucketOf(links.get(row * LINK_WORDS + Link.addressHash));
    const next = links.get(row * LINK_WORDS + Link.addressNext);
    let other = this.#buckets.head(bucket);
    if (other === row) {
      this.#buckets.setHead(bucket, next);
    } else {
      for (;;) {
        const after = links.get(other * LINK_WORDS + Link.addressNext);
        if (after === row) break;
        other = after;
      }
      links.set(other * LINK_WORDS + Link.addressNext, next);
    }
    links.set(row * LINK_WORDS + Link.addressNext, 0);
    this.#countLength(row, -1);
    this.#size -= 1;
  }

  #countLength(row: number, by: number): void {
    const length = prefixLengthOfFlags(this.#flags.get(row));
    const count = this.#lengthCounts[length]! + by;
    this.#lengthCounts[length] = count;
    if (count === 0) this.#lengths = this.#lengths.filter((other) => other !== length);
    else if (count === 1 && by === 1) this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
  }

  #is(row: number, instanceId: number, words: Uint32Array, prefixLength: number): boolean {
    const at = row * this.#addressWords;
    for (let i = 0; i < this.#addressWords; i += 1) if (this.#address.get(at + i) !== words[i]) return false;
    return prefixLengthOfFlags(this.#flags.get(row)) === prefixLength && instanceIdOf(this.#core, row) === instanceId;
  }

  #hashOf(row: number): number {
    const tail = (instanceIdOf(this.#core, row) << 8) | prefixLengthOfFlags(this.#flags.get(row));
    const at = row * this.#addressWords;
    if (this.#addressWords === 1) return this.#hash.words(this.#address.get(at), 0, 0, 0, tail);
    const address = this.#address;
    return this.#hash.words(address.get(at), address.get(at + 1), address.get(at + 2), address.get(at + 3), tail);
  }

  #split(): void {
    const buckets = this.#buckets;
    const from = buckets.addBucket();
    const to = buckets.size - 1;
    let row = buckets.head(from);
    let stay = 0;
    let go = 0;
    while (row !== 0) {
      const word = row * LINK_WORDS + Link.addressNext;
      const next = this.#links.get(word);
      if (buckets.bucketOf(this.#links.get(row * LINK_WORDS + Link.addressHash)) === from) {
        this.#links.set(word, stay);
        stay = row;
      } else {
        this.#links.set(word, go);
        go = row;
      }
      row = next;
    }
    buckets.setHead(from, stay);
    buckets.setHead(to, go);
  }
}

/** Address octets into 32-bit words, first octet most significant; words beyond the address are 0. */
export function addressToWords(address: Uint8Array, words: Uint32Array): void {
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
