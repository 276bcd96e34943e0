/** Slots of a part: it grows by steps between the two, so that its load stays near three quarters, and then splits. */
const PART_SLOTS_MIN = 8192;
const PART_SLOTS_MAX = 16_384;
const PART_SLOTS_STEP = 2048;
const FIRST_SLOTS = 64;
const LOAD_MAX = 0.85;
/** Slots behind the last home: what its keys are pushed aside to. */
const SPARE_SLOTS = 32;
/** Low bits of a hash that order the slots of a part; the high bits choose the part. */
const ORDER_MASK = 0xffff;
const ORDER_BITS = 16;
const DEPTH_MAX = 24;
/** Arrays given up that are kept for the next part, of each length. */
const ARRAYS_KEPT_MAX = 1;

interface Part {
  /** Pairs of hash and row, in order of the low bits of the hash; row 0: empty. */
  slots: Int32Array;
  /** Homes: a pair stands at `order × capacity ÷ 65536`, or as little behind it as it can. */
  capacity: number;
  count: number;
  /** High bits of the hash that its pairs have in common. */
  depth: number;
}

/**
 * Rows by a 32-bit hash of their key, any number for one hash. Hash and row stand side by side, sorted within a part
 * (linear probing in order, Amble and Knuth 1974): a key that is not there is found missing in one cache line, without
 * a look at any row. Parts split one at a time (extendible hashing, Fagin 1979).
 *
 * Invariants:
 *   - Of one part all pairs agree in the top `depth` bits, and the directory names it for exactly these.
 *   - Pairs of a part ascend by the low 16 bits of the hash; between the home of a pair and its place no slot is empty.
 *   - The last slot of a part is empty.
 *   - Adding moves at most the pairs of one part, however many there are in all.
 */
export class RowHash {
  #directory: Part[];
  #depth = 0;
  #size = 0;
  #bytes = 0;
  readonly #kept = new Map<number, Int32Array[]>();
  // Where `first` has stopped.
  #slots: Int32Array;
  #at = 0;

  constructor() {
    const part = this.#newPart(FIRST_SLOTS, 0);
    this.#directory = [part];
    this.#slots = part.slots;
  }

  /** Number of pairs. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The first row with that hash, 0 if there is none; the others by `next`. */
  first(hash: number): number {
    const { slots, capacity } = this.#partOf(hash);
    const order = hash & ORDER_MASK;
    let at = ((order * capacity) >>> ORDER_BITS) << 1;
    for (;;) {
      const row = slots[at + 1]!;
      if (row === 0) return 0;
      const other = slots[at]!;
      if (other === hash) {
        this.#slots = slots;
        this.#at = at;
        return row;
      }
      if ((other & ORDER_MASK) > order) return 0;
      at += 2;
    }
  }

  /** The next row with the hash that the last `first` was asked for. */
  next(hash: number): number {
    const slots = this.#slots;
    const order = hash & ORDER_MASK;
    let at = this.#at;
    for (;;) {
      at += 2;
      const row = slots[at + 1]!;
      if (row === 0) return 0;
      const other = slots[at]!;
      if (other === hash) {
        this.#at = at;
        return row;
      }
      if ((other & ORDER_MASK) > order) return 0;
    }
  }

  /**
   * Reads where that hash would be and gives what is there, of no use to anybody: several of these in a row wait for the
   * memory once, where the same number of `first` and `add` wait for it one after the other.
   */
  touch(hash: number): number {
    const { slots, capacity } = this.#partOf(hash);
    return slots[(((hash & ORDER_MASK) * capacity) >>> ORDER_BITS) << 1]!;
  }

  add(hash: number, row: number): void {
    let part = this.#partOf(hash);
    if (part.count >= part.capacity * LOAD_MAX) {
      this.#enlarge(part, hash);
      part = this.#partOf(hash);
    }
    this.#size += 1;
    while (!insert(part, hash, row)) this.#resize(part, part.capacity, part.slots.length >>> 1);
  }

  /** The pair must be there. */
  remove(hash: number, row: number): void {
    const part = this.#partOf(hash);
    const { slots, capacity } = part;
    let at = this.#placeOf(part, hash, row);
    part.count -= 1;
    this.#size -= 1;
    // What was pushed aside moves back.
    for (;;) {
      const next = at + 2;
      if (slots[next + 1] === 0 || ((slots[next]! & ORDER_MASK) * capacity) >>> ORDER_BITS === next >>> 1) break;
      slots[at] = slots[next]!;
      slots[at + 1] = slots[next + 1]!;
      at = next;
    }
    slots[at] = 0;
    slots[at + 1] = 0;
  }

  /** The pair (hash, row) becomes (hash, other). */
  replace(hash: number, row: number, other: number): void {
    const part = this.#partOf(hash);
    part.slots[this.#placeOf(part, hash, row) + 1] = other;
  }

  #partOf(hash: number): Part {
    return this.#directory[(hash >>> 1) >>> (31 - this.#depth)]!;
  }

  #placeOf({ slots, capacity }: Part, hash: number, row: number): number {
    let at = (((hash & ORDER_MASK) * capacity) >>> ORDER_BITS) << 1;
    while (slots[at + 1] !== row || slots[at] !== hash) at += 2;
    return at;
  }

  #enlarge(part: Part, hash: number): void {
    if (part.capacity < PART_SLOTS_MIN) this.#resize(part, part.capacity * 2, 0);
    else if (part.capacity < PART_SLOTS_MAX) this.#resize(part, part.capacity + PART_SLOTS_STEP, 0);
    else if (part.depth < DEPTH_MAX) this.#split(part, hash);
    else this.#resize(part, part.capacity * 2, 0);
  }

  /** Gives a part other homes; `spareMore` slots more behind them. */
  #resize(part: Part, capacity: number, spareMore: number): void {
    const { slots, count } = part;
    part.slots = this.#newSlots(capacity + SPARE_SLOTS + spareMore);
    part.capacity = capacity;
    part.count = 0;
    this.#fill(part, slots, count, 0, 0);
    this.#give(slots);
  }

  #split(part: Part, hash: number): void {
    if (part.depth === this.#depth) {
      this.#directory = this.#directory.flatMap((one) => [one, one]);
      this.#depth += 1;
    }
    const { slots, count, depth } = part;
    const bit = 31 - depth;
    part.depth = depth + 1;
    // Half of what there was, and room for more.
    const capacity = PART_SLOTS_MIN + PART_SLOTS_STEP;
    part.slots = this.#newSlots(capacity + SPARE_SLOTS);
    part.capacity = capacity;
    part.count = 0;
    const other = this.#newPart(capacity, depth + 1);
    this.#fill(part, slots, count, 1 << bit, 0);
    this.#fill(other, slots, count, 1 << bit, 1 << bit);
    this.#give(slots);
    // The directory names both halves of what had `depth` bits in common.
    const entries = 1 << (this.#depth - depth);
    const from = ((hash >>> 1) >>> (31 - this.#depth)) & ~(entries - 1);
    for (let i = from + (entries >>> 1); i < from + entries; i += 1) this.#directory[i] = other;
  }

  /** Moves the pairs whose hash has `bits` at `mask`; they are in order already. */
  #fill(part: Part, from: Int32Array, count: number, mask: number, bits: number): void {
    const { capacity } = part;
    let to = part.slots;
    let place = 0;
    for (let at = 0, left = count; left > 0; at += 2) {
      const row = from[at + 1]!;
      if (row === 0) continue;
      left -= 1;
      const hash = from[at]!;
      if ((hash & mask) !== bits) continue;
      const home = ((hash & ORDER_MASK) * capacity) >>> ORDER_BITS;
      if (home > place) place = home;
      // Unheard of, with a keyed hash: more keys at the end than there is room for.
      if (place * 2 + 4 > to.length) {
        const longer = this.#newSlots(to.length);
        longer.set(to);
        this.#give(to);
        to = longer;
        part.slots = to;
      }
      to[place * 2] = hash;
      to[place * 2 + 1] = row;
      place += 1;
      part.count += 1;
    }
  }

  #newPart(capacity: number, depth: number): Part {
    return { slots: this.#newSlots(capacity + SPARE_SLOTS), capacity, count: 0, depth };
  }

  #newSlots(slots: number): Int32Array {
    const kept = this.#kept.get(slots * 2)?.pop();
    if (kept !== undefined) {
      kept.fill(0);
      return kept;
    }
    this.#bytes += slots * 8;
    return new Int32Array(slots * 2);
  }

  #give(slots: Int32Array): void {
    const kept = this.#kept.get(slots.length) ?? [];
    this.#kept.set(slots.length, kept);
    if (slots.length >= PART_SLOTS_MIN * 2 && kept.length < ARRAYS_KEPT_MAX) kept.push(slots);
    else this.#bytes -= slots.byteLength;
  }
}

/** Puts a pair in its place; false if there is no room behind it. */
function insert(part: Part, hash: number, row: number): boolean {
  const { slots, capacity } = part;
  const order = hash & ORDER_MASK;
  let at = ((order * capacity) >>> ORDER_BITS) << 1;
  while (slots[at + 1] !== 0 && (slots[at]! & ORDER_MASK) <= order) at += 2;
  let end = at;
  while (slots[end + 1] !== 0) end += 2;
  if (end + 2 >= slots.length) return false;
  for (; end > at; end -= 2) {
    slots[end] = slots[end - 2]!;
    slots[end + 1] = slots[end - 1]!;
  }
  slots[at] = hash;
  slots[at + 1] = row;
  part.count += 1;
  return true;
}
