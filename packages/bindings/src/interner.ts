import { type Arena, BLOCK_BYTES_MAX } from "./arena.ts";
import type { HalfSipHash } from "./half-sip-hash.ts";
import { LinearBuckets } from "./linear-buckets.ts";
import { copyBytes, sameBytes } from "./record.ts";
import { Uint32Column } from "./segmented.ts";

const WORDS = 5;
const REF = 0;
const COUNT = 1;
const NEXT = 2;
const ROWS_HEAD = 3;
const HASH = 4;
const BYTES_AT = 6;

/**
 * Octet strings shared by many rows, stored once, counted, addressed by an id ≥ 1 (0 = absent). An id is reused only
 * after everybody who retained it has released it. Each value also carries the head of one list of rows.
 */
export class Interner {
  readonly #arena: Arena;
  readonly #hash: HalfSipHash;
  readonly #entries = new Uint32Column();
  readonly #buckets = new LinearBuckets();
  readonly #max: number;
  #last = 0;
  #freeHead = 0;
  #live = 0;

  constructor(arena: Arena, hash: HalfSipHash, max: number) {
    this.#arena = arena;
    this.#hash = hash;
    this.#max = max;
    this.#entries.grow(WORDS);
  }

  get size(): number {
    return this.#live;
  }

  get bytes(): number {
    return this.#entries.bytes + this.#buckets.bytes;
  }

  find(value: Uint8Array): number {
    return this.#find(value, this.#hash.bytes(value, 0, value.length, 0));
  }

  /** Id of the value, counted once more; −1 when there is no room for another. */
  retainValue(value: Uint8Array): number {
    const hash = this.#hash.bytes(value, 0, value.length, 0);
    const found = this.#find(value, hash);
    if (found !== 0) {
      this.retain(found);
      return found;
    }
    const size = value.length + BYTES_AT;
    if (this.#live >= this.#max || size > BLOCK_BYTES_MAX) return -1;
    let id = this.#freeHead;
    if (id === 0) id = this.#last + 1;
    const ref = this.#arena.allocate(size, -id);
    if (ref < 0) return -1;
    if (id > this.#last) {
      this.#last = id;
      this.#entries.grow((id + 1) * WORDS);
    } else {
      this.#freeHead = this.#entries.get(id * WORDS + NEXT);
    }
    const bytes = this.#arena.segment(ref);
    const at = this.#arena.offset(ref);
    bytes[at + 4] = value.length;
    bytes[at + 5] = value.length >>> 8;
    copyBytes(value, 0, value.length, bytes, at + BYTES_AT);
    const word = id * WORDS;
    const bucket = this.#buckets.bucketOf(hash);
    this.#entries.set(word + REF, ref);
    this.#entries.set(word + COUNT, 1);
    this.#entries.set(word + NEXT, this.#buckets.head(bucket));
    this.#entries.set(word + ROWS_HEAD, 0);
    this.#entries.set(word + HASH, hash);
    this.#buckets.setHead(bucket, id);
    this.#live += 1;
    if (this.#live > this.#buckets.size) this.#split();
    return id;
  }

  /** The same of a value that is probably that of `id`, which may have been given up since. */
  retainAgain(id: number, value: Uint8Array): number {
    const word = id * WORDS + COUNT;
    if (id === 0 || this.#entries.get(word) === 0 || !this.equals(id, value)) return this.retainValue(value);
    this.#entries.set(word, this.#entries.get(word) + 1);
    return id;
  }

  retain(id: number): void {
    if (id === 0) return;
    const word = id * WORDS + COUNT;
    this.#entries.set(word, this.#entries.get(word) + 1);
  }

  release(id: number): void {
    if (id === 0) return;
    const word = id * WORDS;
    const count = this.#entries.get(word + COUNT) - 1;
    this.#entries.set(word + COUNT, count);
    if (count > 0) return;
    const bucket = this.#buckets.bucketOf(this.#entries.get(word + HASH));
    const next = this.#entries.get(word + NEXT);
    let other = this.#buckets.head(bucket);
    if (other === id) {
      this.#buckets.setHead(bucket, next);
    } else {
      for (;;) {
        const after = this.#entries.get(other * WORDS + NEXT);
        if (after === id) break;
        other = after;
      }
      this.#entries.set(other * WORDS + NEXT, next);
    }
    this.#arena.free(this.#entries.get(word + REF));
    this.#entries.set(word + NEXT, this.#freeHead);
    this.#freeHead = id;
    this.#live -= 1;
  }

  /** A copy; undefined for 0. */
  value(id: number): Uint8Array | undefined {
    if (id === 0) return undefined;
    const ref = this.#entries.get(id * WORDS + REF);
    const bytes = this.#arena.segment(ref);
    const at = this.#arena.offset(ref);
    return bytes.slice(at + BYTES_AT, at + BYTES_AT + (bytes[at + 4]! | (bytes[at + 5]! << 8)));
  }

  equals(id: number, value: Uint8Array): boolean {
    const ref = this.#entries.get(id * WORDS + REF);
    const bytes = this.#arena.segment(ref);
    const at = this.#arena.offset(ref);
    const length = bytes[at + 4]! | (bytes[at + 5]! << 8);
    return length === value.length && sameBytes(value, 0, bytes, at + BYTES_AT, length);
  }

  /** Where the octets are, valid until the next change. */
  locate(id: number, place: { bytes: Uint8Array; start: number; length: number }): void {
    const ref = this.#entries.get(id * WORDS + REF);
    const at = this.#arena.offset(ref);
    place.bytes = this.#arena.segment(ref);
    place.start = at + BYTES_AT;
    place.length = place.bytes[at + 4]! | (place.bytes[at + 5]! << 8);
  }

  rowsHead(id: number): number {
    return this.#entries.get(id * WORDS + ROWS_HEAD);
  }

  setRowsHead(id: number, row: number): void {
    this.#entries.set(id * WORDS + ROWS_HEAD, row);
  }

  moved(id: number, ref: number): void {
    this.#entries.set(id * WORDS + REF, ref);
  }

  #find(value: Uint8Array, hash: number): number {
    let id = this.#buckets.head(this.#buckets.bucketOf(hash));
    while (id !== 0) {
      const word = id * WORDS;
      if (this.#entries.get(word + HASH) === hash >>> 0) {
        const ref = this.#entries.get(word + REF);
        const bytes = this.#arena.segment(ref);
        const at = this.#arena.offset(ref);
        const length = bytes[at + 4]! | (bytes[at + 5]! << 8);
        if (length === value.length && sameBytes(value, 0, bytes, at + BYTES_AT, length)) return id;
      }
      id = this.#entries.get(word + NEXT);
    }
    return 0;
  }

  #split(): void {
    const from = this.#buckets.addBucket();
    const to = this.#buckets.size - 1;
    let id = this.#buckets.head(from);
    let stay = 0;
    let go = 0;
    while (id !== 0) {
      const word = id * WORDS;
      const next = this.#entries.get(word + NEXT);
      if (this.#buckets.bucketOf(this.#entries.get(word + HASH)) === from) {
        this.#entries.set(word + NEXT, stay);
        stay = id;
      } else {
        this.#entries.set(word + NEXT, go);
        go = id;
      }
      id = next;
    }
    this.#buckets.setHead(from, stay);
    this.#buckets.setHead(to, go);
  }
}

/** Interned text for the few names that occur in many rows: instances, server addresses, causes. */
export class TextPool {
  readonly #ids = new Map<string, number>();
  readonly #texts: (string | undefined)[] = [undefined];
  readonly #counts: number[] = [0];
  readonly #free: number[] = [];
  readonly #max: number;
  /** Asked for last: nearly always what is asked for next. */
  #lastText = "";
  #lastId = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** 0 if unknown. */
  find(text: string): number {
    if (this.#lastId !== 0 && text === this.#lastText) return this.#lastId;
    const id = this.#ids.get(text) ?? 0;
    this.#lastText = text;
    this.#lastId = id;
    return id;
  }

  /** −1 when there is no room for another. */
  retainText(text: string): number {
    const found = this.find(text);
    if (found !== 0) {
      this.#counts[found]! += 1;
      return found;
    }
    if (this.#ids.size >= this.#max) return -1;
    const id = this.#free.pop() ?? this.#texts.length;
    this.#texts[id] = text;
    this.#counts[id] = 1;
    this.#ids.set(text, id);
    return id;
  }

  retain(id: number): void {
    if (id !== 0) this.#counts[id]! += 1;
  }

  release(id: number): void {
    if (id === 0) return;
    this.#counts[id]! -= 1;
    if (this.#counts[id]! > 0) return;
    if (this.#lastId === id) this.#lastId = 0;
    this.#ids.delete(this.#texts[id]!);
    this.#texts[id] = undefined;
    this.#free.push(id);
  }

  text(id: number): string | undefined {
    return this.#texts[id];
  }

  *entries(): IterableIterator<[string, number]> {
    yield* this.#ids.entries();
  }
}
