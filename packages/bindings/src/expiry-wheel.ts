import { LINK_WORDS, Link } from "./row-layout.ts";
import type { Int32Column, Uint32Column } from "./segmented.ts";

const LEVELS = 4;
const SLOTS = 256;

/**
 * Hierarchical timing wheel over unix seconds: rows by the second they expire, in doubly linked lists through two link
 * words of the row. Adding and removing are O(1); a row is moved at most three times to a finer level before it is due.
 *
 * Invariant: a row due at t sits on the level of the highest octet in which t differs from `#now`, in the slot of that
 * octet of t, or on a coarser level in the slot of the current octet, waiting to be moved down; what is overdue sits in
 * the current slot of level 0.
 */
export class ExpiryWheel {
  readonly #links: Int32Column;
  readonly #dueSeconds: Uint32Column;
  readonly #heads = new Int32Array(LEVELS * SLOTS);
  #now = 0;
  #size = 0;
  #moves = 0;

  constructor(links: Int32Column, dueSeconds: Uint32Column) {
    this.#links = links;
    this.#dueSeconds = dueSeconds;
  }

  get size(): number {
    return this.#size;
  }

  /** Moves between levels and rows passed over by the last `due`. */
  get lastMoves(): number {
    return this.#moves;
  }

  /** The row's second must be in the column already, and stay until `remove`. */
  add(row: number): void {
    const slot = this.#slotOf(this.#dueSeconds.get(row));
    const links = this.#links;
    const head = this.#heads[slot]!;
    const word = row * LINK_WORDS;
    // The first of a list has its slot as the previous one, complemented.
    links.set(word + Link.duePrev, ~slot);
    links.set(word + Link.dueNext, head);
    if (head !== 0) links.set(head * LINK_WORDS + Link.duePrev, row);
    this.#heads[slot] = row;
    this.#size += 1;
  }

  remove(row: number): void {
    const links = this.#links;
    const word = row * LINK_WORDS;
    const prev = links.get(word + Link.duePrev);
    const next = links.get(word + Link.dueNext);
    if (prev < 0) this.#heads[~prev] = next;
    else links.set(prev * LINK_WORDS + Link.dueNext, next);
    if (next !== 0) links.set(next * LINK_WORDS + Link.duePrev, prev);
    links.set(word + Link.duePrev, 0);
    links.set(word + Link.dueNext, 0);
    this.#size -= 1;
  }

  /** A row due at `nowSeconds` or before; 0 if there is none; −1 if `movesMax` moves between levels did not suffice. */
  due(nowSeconds: number, movesMax: number): number {
    this.#moves = 0;
    if (nowSeconds < this.#now) return this.#dueBehind(nowSeconds, movesMax);
    while (this.#now <= nowSeconds) {
      for (let level = LEVELS - 1; level > 0; level -= 1) {
        const slot = level * SLOTS + this.#digit(level);
        for (let row = this.#heads[slot]!; row !== 0; row = this.#heads[slot]!) {
          if (this.#moves >= movesMax) return -1;
          this.#moves += 1;
          this.remove(row);
          this.add(row);
        }
      }
      const row = this.#heads[this.#digit(0)]!;
      if (row !== 0) return row;
      if (this.#now === nowSeconds) return 0;
      this.#now = Math.min(this.#nextOccupied(), nowSeconds);
    }
    return 0;
  }

  /** The clock was set back: the current slot of level 0 also holds rows that the clock has yet to reach again. */
  #dueBehind(nowSeconds: number, visitsMax: number): number {
    let row = this.#heads[this.#digit(0)]!;
    for (; row !== 0; this.#moves += 1) {
      if (this.#moves >= visitsMax) return -1;
      if (this.#dueSeconds.get(row) <= nowSeconds) return row;
      row = this.#links.get(row * LINK_WORDS + Link.dueNext);
    }
    return 0;
  }

  #slotOf(dueSeconds: number): number {
    if (dueSeconds <= this.#now) return this.#digit(0);
    const differing = (dueSeconds ^ this.#now) >>> 0;
    const level = differing < 0x100 ? 0 : differing < 0x10000 ? 1 : differing < 0x1000000 ? 2 : 3;
    return level * SLOTS + ((dueSeconds >>> (level * 8)) & 255);
  }

  #digit(level: number): number {
    return (this.#now >>> (level * 8)) & 255;
  }

  /** The next second at which a slot of any level comes up that is not empty; 2^32 if none. */
  #nextOccupied(): number {
    for (let level = 0; level < LEVELS; level += 1) {
      for (let digit = this.#digit(level) + 1; digit < SLOTS; digit += 1) {
        if (this.#heads[level * SLOTS + digit] !== 0) {
          const unit = 2 ** (level * 8);
          const round = unit * SLOTS;
          return Math.floor(this.#now / round) * round + digit * unit;
        }
      }
    }
    return 2 ** 32;
  }
}
