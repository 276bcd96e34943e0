import { Row, type Rows } from "./row-layout.ts";

const LEVELS = 4;
const SLOTS = 256;

/**
 * Hierarchical timing wheel over unix seconds: rows by the second they expire, in doubly linked lists through two words of
 * the row. Adding and removing are O(1); a row is moved at most three times to a finer level before it is due.
 *
 * A lease that is renewed stays where it is: when its old second comes it is found to live on, and moved. So a renewal
 * touches no other row.
 *
 * Invariant: a row that waits under second t (`Row.dueAt`, never after `Row.expiresAt`) sits on the level of the highest
 * octet in which t differs from `#now`, in the slot of that octet of t, or on a coarser level in the slot of the current
 * octet, waiting to be moved down; what is overdue sits in the current slot of level 0.
 */
export class ExpiryWheel {
  readonly #rows: Rows;
  readonly #heads = new Int32Array(LEVELS * SLOTS);
  #now = 0;
  #size = 0;
  #moves = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#size;
  }

  /** Moves between slots and rows passed over by the last `due`. */
  get lastMoves(): number {
    return this.#moves;
  }

  /** Adds the row under its `expiresAt`. */
  add(row: number): void {
    const rows = this.#rows.of(row);
    const at = this.#rows.at(row);
    const dueAt = rows[at + Row.expiresAt]!;
    const slot = this.#slotOf(dueAt >>> 0);
    const head = this.#heads[slot]!;
    // The first of a list has its slot as the previous one, complemented.
    rows[at + Row.dueAt] = dueAt;
    rows[at + Row.duePrev] = ~slot;
    rows[at + Row.dueNext] = head;
    if (head !== 0) this.#rows.set(head, Row.duePrev, row);
    this.#heads[slot] = row;
    this.#size += 1;
  }

  /** Whether a row that is in it may stay where it is when its `expiresAt` becomes this. */
  mayStay(row: number, expiresAtSeconds: number): boolean {
    return expiresAtSeconds >= this.#rows.unsigned(row, Row.dueAt);
  }

  remove(row: number): void {
    const rows = this.#rows.of(row);
    const at = this.#rows.at(row);
    const prev = rows[at + Row.duePrev]!;
    const next = rows[at + Row.dueNext]!;
    if (prev < 0) this.#heads[~prev] = next;
    else this.#rows.set(prev, Row.dueNext, next);
    if (next !== 0) this.#rows.set(next, Row.duePrev, prev);
    rows[at + Row.duePrev] = 0;
    rows[at + Row.dueNext] = 0;
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
      for (let row = this.#heads[this.#digit(0)]!; row !== 0; row = this.#heads[this.#digit(0)]!) {
        if (this.#rows.unsigned(row, Row.expiresAt) <= this.#now) return row;
        // Renewed since it was put here.
        if (this.#moves >= movesMax) return -1;
        this.#moves += 1;
        this.remove(row);
        this.add(row);
      }
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
      if (this.#rows.unsigned(row, Row.expiresAt) <= nowSeconds) return row;
      row = this.#rows.get(row, Row.dueNext);
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
