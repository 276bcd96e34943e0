import type { Arena } from "./arena.ts";
import type { HalfSipHash } from "./half-sip-hash.ts";
import { type FieldNumber, type FieldPlaces, RecordReader, sameBytes } from "./record.ts";
import { RowHash } from "./row-hash.ts";
import { Row, type Rows } from "./row-layout.ts";

/** Word A of the head of a group. */
const HEAD = -1;

/**
 * Index from (instance, octets of one field) to any number of rows.
 *
 * Rows with one key form a doubly linked group in two words of each row; only the head of a group is in the hash table.
 * Word A is the row before it in the group, HEAD for the first; word B is the next one. A = 0: not indexed.
 * So a key shared by every row costs as little as a unique one, at insertion and at removal.
 */
export class KeyIndex {
  readonly #arena: Arena;
  readonly #rows: Rows;
  readonly #hash: HalfSipHash;
  readonly #wordA: number;
  readonly #wordB: number;
  readonly #field: FieldNumber;
  readonly #reader = new RecordReader();
  readonly #table = new RowHash();
  readonly #cursors = new Set<KeyCursor>();

  constructor(arena: Arena, rows: Rows, hash: HalfSipHash, firstWord: number, field: FieldNumber) {
    this.#arena = arena;
    this.#rows = rows;
    this.#hash = hash;
    this.#wordA = firstWord;
    this.#wordB = firstWord + 1;
    this.#field = field;
  }

  /** Distinct keys. */
  get keys(): number {
    return this.#table.size;
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  get cursorCount(): number {
    return this.#cursors.size;
  }

  /** A row with this key, 0 if none; the others follow by `next`. */
  first(instanceId: number, key: Uint8Array): number {
    return this.#find(instanceId, key, 0, key.length, this.#hash.bytes(key, 0, key.length, instanceId));
  }

  next(row: number): number {
    return this.#rows.get(row, this.#wordB);
  }

  /** The row before this one in its group; 0: it is the first. */
  previous(row: number): number {
    const before = this.#rows.get(row, this.#wordA);
    return before === HEAD ? 0 : before;
  }

  /** A walk over the rows of a key, see `KeyCursor`. */
  open(instanceId: number, key: Uint8Array): KeyCursor {
    const first = instanceId === 0 ? 0 : this.first(instanceId, key);
    const cursor = new KeyCursor(this, first, () => this.#cursors.delete(cursor));
    this.#cursors.add(cursor);
    return cursor;
  }

  /** Hash of the key of a record; 0 where there is none. */
  hashOf(instanceId: number, bytes: Uint8Array, { starts, lengths }: FieldPlaces): number {
    const length = lengths[this.#field]!;
    return length < 0 ? 0 : this.#hash.bytes(bytes, starts[this.#field]!, length, instanceId);
  }

  /** Reads where that hash would be, see `RowHash.touch`. */
  touch(hash: number): number {
    return this.#table.touch(hash);
  }

  /** Adds a row whose record is in place; `record` is that record, `hash` that of `hashOf`. A row without the field stays out. */
  insert(row: number, bytes: Uint8Array, record: FieldPlaces, hash: number): void {
    const length = record.lengths[this.#field]!;
    if (length < 0) return;
    const start = record.starts[this.#field]!;
    const rows = this.#rows;
    const instanceId = rows.instanceId(row);
    const head = this.#find(instanceId, bytes, start, length, hash);
    if (head === 0) {
      rows.set(row, this.#wordA, HEAD);
      rows.set(row, this.#wordB, 0);
      this.#table.add(hash, row);
    } else if (this.#isWalkedFrom(head)) {
      rows.set(row, this.#wordA, HEAD);
      rows.set(row, this.#wordB, head);
      rows.set(head, this.#wordA, row);
      this.#table.replace(hash, head, row);
    } else {
      const second = rows.get(head, this.#wordB);
      rows.set(row, this.#wordA, head);
      rows.set(row, this.#wordB, second);
      if (second !== 0) rows.set(second, this.#wordA, row);
      rows.set(head, this.#wordB, row);
    }
  }

  /** Takes a row out; `record` is the one it was inserted with, read. */
  remove(row: number, bytes: Uint8Array, record: FieldPlaces): void {
    const rows = this.#rows;
    const before = rows.get(row, this.#wordA);
    if (before === 0) return;
    const next = rows.get(row, this.#wordB);
    for (const cursor of this.#cursors) cursor.leaving(row, next);
    rows.set(row, this.#wordA, 0);
    rows.set(row, this.#wordB, 0);
    if (before !== HEAD) {
      rows.set(before, this.#wordB, next);
      if (next !== 0) rows.set(next, this.#wordA, before);
      return;
    }
    const hash = this.hashOf(rows.instanceId(row), bytes, record);
    if (next === 0) {
      this.#table.remove(hash, row);
    } else {
      rows.set(next, this.#wordA, HEAD);
      this.#table.replace(hash, row, next);
    }
  }

  /** A walk that has begun and stands at this head would meet what is added behind it, perhaps for the second time. */
  #isWalkedFrom(head: number): boolean {
    for (const cursor of this.#cursors) if (cursor.hasBegun && cursor.peek() === head) return true;
    return false;
  }

  #find(instanceId: number, key: Uint8Array, keyAt: number, keyLength: number, hash: number): number {
    const table = this.#table;
    let row = table.first(hash);
    while (row !== 0 && !this.#is(row, instanceId, key, keyAt, keyLength)) row = table.next(hash);
    return row;
  }

  #is(row: number, instanceId: number, key: Uint8Array, keyAt: number, keyLength: number): boolean {
    const rows = this.#rows.of(row);
    const at = this.#rows.at(row);
    if (rows[at + Row.instanceAndServer]! >>> 16 !== instanceId) return false;
    const ref = rows[at + Row.recordRef]!;
    const bytes = this.#arena.segment(ref);
    const reader = this.#reader;
    reader.read(bytes, this.#arena.offset(ref));
    return (
      reader.lengths[this.#field] === keyLength && sameBytes(bytes, reader.starts[this.#field]!, key, keyAt, keyLength)
    );
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
