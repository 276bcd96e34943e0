import type { Arena } from "./arena.ts";
import type { HalfSipHash } from "./half-sip-hash.ts";
import { LinearBuckets } from "./linear-buckets.ts";
import { type FieldNumber, RecordReader, sameBytes } from "./record.ts";
import { Core, instanceIdOf, LINK_WORDS } from "./row-layout.ts";
import type { Int32Column, Uint32Column } from "./segmented.ts";

const HEAD = 0x80000000 | 0;
const ROW_MASK = 0x7fffffff;

/**
 * Index from (instance, octets of one field) to any number of rows, kept in three link words of each row.
 *
 * Rows with one key form a doubly linked group; only the head of a group is in the hash table. Word A of a head is
 * HEAD | next head of its bucket, of another member the row before it; word B is the next member; the third is the hash
 * of the key. A = 0: not indexed.
 * So a key shared by every row costs as little as a unique one, at insertion, removal and when a bucket splits.
 */
export class KeyIndex {
  readonly #arena: Arena;
  readonly #core: Uint32Column;
  readonly #links: Int32Column;
  readonly #hash: HalfSipHash;
  readonly #wordA: number;
  readonly #wordB: number;
  readonly #wordHash: number;
  readonly #field: FieldNumber;
  readonly #reader = new RecordReader();
  readonly #buckets = new LinearBuckets();
  readonly #cursors = new Set<KeyCursor>();
  #keys = 0;

  constructor(
    arena: Arena,
    core: Uint32Column,
    links: Int32Column,
    hash: HalfSipHash,
    firstWord: number,
    field: FieldNumber,
  ) {
    this.#arena = arena;
    this.#core = core;
    this.#links = links;
    this.#hash = hash;
    this.#wordA = firstWord;
    this.#wordB = firstWord + 1;
    this.#wordHash = firstWord + 2;
    this.#field = field;
  }

  /** Distinct keys. */
  get keys(): number {
    return this.#keys;
  }

  get bytes(): number {
    return this.#buckets.bytes;
  }

  get cursorCount(): number {
    return this.#cursors.size;
  }

  /** A row with this key, 0 if none; the others follow by `next`. */
  first(instanceId: number, key: Uint8Array): number {
    return this.#find(instanceId, key, 0, key.length, this.#hash.bytes(key, 0, key.length, instanceId));
  }

  next(row: number): number {
    return this.#links.get(row * LINK_WORDS + this.#wordB);
  }

  /** A walk over the rows of a key, see `KeyCursor`. */
  open(instanceId: number, key: Uint8Array): KeyCursor {
    const first = instanceId === 0 ? 0 : this.first(instanceId, key);
    const cursor = new KeyCursor(this, first, () => this.#cursors.delete(cursor));
    this.#cursors.add(cursor);
    return cursor;
  }

  /** Adds a row whose record is in place. A row without the field stays out. */
  insert(row: number): void {
    const ref = this.#core.get(row * Core.WORDS + Core.recordRef);
    const bytes = this.#arena.segment(ref);
    this.#reader.read(bytes, this.#arena.offset(ref));
    const length = this.#reader.lengths[this.#field]!;
    if (length < 0) return;
    const start = this.#reader.starts[this.#field]!;
    const instanceId = instanceIdOf(this.#core, row);
    const hash = this.#hash.bytes(bytes, start, length, instanceId);
    const links = this.#links;
    const word = row * LINK_WORDS;
    links.set(word + this.#wordHash, hash);
    const head = this.#find(instanceId, bytes, start, length, hash);
    if (head !== 0) {
      if (this.#isWalkedFrom(head)) {
        this.#insertBefore(head, row);
        return;
      }
      const second = links.get(head * LINK_WORDS + this.#wordB);
      links.set(word + this.#wordA, head);
      links.set(word + this.#wordB, second);
      if (second !== 0) links.set(second * LINK_WORDS + this.#wordA, row);
      links.set(head * LINK_WORDS + this.#wordB, row);
      return;
    }
    const bucket = this.#buckets.bucketOf(hash);
    links.set(word + this.#wordA, HEAD | this.#buckets.head(bucket));
    links.set(word + this.#wordB, 0);
    this.#buckets.setHead(bucket, row);
    this.#keys += 1;
    if (this.#keys > this.#buckets.size) this.#split();
  }

  /** Takes a row out; its record must still be the one it was inserted with. */
  remove(row: number): void {
    const links = this.#links;
    const word = row * LINK_WORDS;
    const a = links.get(word + this.#wordA);
    if (a === 0) return;
    const next = links.get(word + this.#wordB);
    for (const cursor of this.#cursors) cursor.leaving(row, next);
    links.set(word + this.#wordA, 0);
    links.set(word + this.#wordB, 0);
    if (a > 0) {
      links.set(a * LINK_WORDS + this.#wordB, next);
      if (next !== 0) links.set(next * LINK_WORDS + this.#wordA, a);
      return;
    }
    const hashNext = a & ROW_MASK;
    let replacement = hashNext;
    if (next !== 0) {
      links.set(next * LINK_WORDS + this.#wordA, HEAD | hashNext);
      replacement = next;
    } else {
      this.#keys -= 1;
    }
    this.#replaceHead(row, replacement);
  }

  /** A walk that has begun and stands at this head would meet what is added behind it, perhaps for the second time. */
  #isWalkedFrom(head: number): boolean {
    for (const cursor of this.#cursors) if (cursor.hasBegun && cursor.peek() === head) return true;
    return false;
  }

  /** Makes `row` the head of the group of `head`. */
  #insertBefore(head: number, row: number): void {
    const links = this.#links;
    links.set(row * LINK_WORDS + this.#wordA, links.get(head * LINK_WORDS + this.#wordA));
    links.set(row * LINK_WORDS + this.#wordB, head);
    this.#replaceHead(head, row);
    links.set(head * LINK_WORDS + this.#wordA, row);
  }

  /** In the bucket of `head`, `replacement` (a head already, or the next head) takes its place. */
  #replaceHead(head: number, replacement: number): void {
    const links = this.#links;
    const bucket = this.#buckets.bucketOf(links.get(head * LINK_WORDS + this.#wordHash));
    let other = this.#buckets.head(bucket);
    if (other === head) {
      this.#buckets.setHead(bucket, replacement);
      return;
    }
    for (;;) {
      const after = links.get(other * LINK_WORDS + this.#wordA) & ROW_MASK;
      if (after === head) break;
      other = after;
    }
    links.set(other * LINK_WORDS + this.#wordA, HEAD | replacement);
  }

  #find(instanceId: number, key: Uint8Array, keyAt: number, keyLength: number, hash: number): number {
    const links = this.#links;
    let row = this.#buckets.head(this.#buckets.bucketOf(hash));
    while (row !== 0) {
      if (links.get(row * LINK_WORDS + this.#wordHash) === hash && instanceIdOf(this.#core, row) === instanceId) {
        const ref = this.#core.get(row * Core.WORDS + Core.recordRef);
        const bytes = this.#arena.segment(ref);
        this.#reader.read(bytes, this.#arena.offset(ref));
        if (
          this.#reader.lengths[this.#field] === keyLength &&
          sameBytes(bytes, this.#reader.starts[this.#field]!, key, keyAt, keyLength)
        ) {
          return row;
        }
      }
      row = links.get(row * LINK_WORDS + this.#wordA) & ROW_MASK;
    }
    return 0;
  }

  #split(): void {
    const buckets = this.#buckets;
    const from = buckets.addBucket();
    const to = buckets.size - 1;
    const links = this.#links;
    let row = buckets.head(from);
    let stay = 0;
    let go = 0;
    while (row !== 0) {
      const word = row * LINK_WORDS + this.#wordA;
      const next = links.get(word) & ROW_MASK;
      if (buckets.bucketOf(links.get(row * LINK_WORDS + this.#wordHash)) === from) {
        links.set(word, HEAD | stay);
        stay = row;
      } else {
        links.set(word, HEAD | go);
        go = row;
      }
      row = next;
    }
    buckets.setHead(from, stay);
    buckets.setHead(to, go);
  }
}

/**
 * A place among the rows of one key that survives changes. It stands before the row that comes next: if that row leaves
 * the group, before the one after it. Rows added once the walk has begun are put where it has been already.
 */
export class KeyCursor {
  readonly #index: KeyIndex;
  readonly #close: () => void;
  #next: number;
  #hasBegun = false;

  constructor(index: KeyIndex, first: number, close: () => void) {
    this.#index = index;
    this.#next = first;
    this.#close = close;
  }

  /** The row that comes next, without passing it; 0 at the end. */
  peek(): number {
    return this.#next;
  }

  /** The next row, 0 at the end. */
  next(): number {
    const row = this.#next;
    this.#hasBegun = true;
    if (row !== 0) this.#next = this.#index.next(row);
    return row;
  }

  close(): void {
    this.#close();
  }

  /** @internal */ get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** @internal A row is about to leave the group. */
  leaving(row: number, next: number): void {
    if (this.#next === row) this.#next = next;
  }
}
