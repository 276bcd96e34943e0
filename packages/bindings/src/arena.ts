import { Int32Column } from "./segmented.ts";

/**
 * Memory for the variable parts: blocks of octets in size classes, addressed by a reference (unit of 8 octets).
 *
 * Invariants:
 *   - A block begins with the 32-bit number of its owner (0 = free); a reference stays valid until `free` or until
 *     `tidy` reports the block as moved.
 *   - A slab of 64 KiB holds blocks of one class; an empty slab may serve any class.
 *   - After `tidy` has had its turns, free blocks of a class are at most a quarter of its live ones plus two slabs.
 *   - Nothing is ever copied but single blocks: growing and tidying cost the same at any size.
 */
export const BLOCK_BYTES_MAX = 32_768;

const SLAB_UNITS_SHIFT = 13;
const SLAB_UNITS = 1 << SLAB_UNITS_SHIFT;
const SLAB_BYTES = SLAB_UNITS * 8;
const SLABS_PER_SEGMENT_SHIFT = 4;
const SEGMENT_UNITS_SHIFT = SLAB_UNITS_SHIFT + SLABS_PER_SEGMENT_SHIFT;
const SEGMENT_UNITS_MASK = (1 << SEGMENT_UNITS_SHIFT) - 1;
const SEGMENT_BYTES = SLAB_BYTES << SLABS_PER_SEGMENT_SHIFT;

const CLASS_UNITS = classSizes();
const CLASS_OF_UNITS = classTable();
const NONE = -1;

export class Arena {
  readonly segments: Uint8Array[] = [];
  readonly #words: Int32Array[] = [];
  readonly #slabsMax: number;
  #slabs = 0;
  readonly #slabsFree: number[] = [];
  readonly #slabClass = new Int32Column();
  readonly #slabLive = new Int32Column();
  readonly #slabFreeHead = new Int32Column();
  readonly #slabBump = new Int32Column();
  readonly #slabPrev = new Int32Column();
  readonly #slabNext = new Int32Column();
  /** First slab of each class with room. */
  readonly #partial = new Int32Array(CLASS_UNITS.length).fill(NONE);
  readonly #classSlabs = new Int32Array(CLASS_UNITS.length);
  readonly #classLive = new Int32Array(CLASS_UNITS.length);
  /** Slab of each class that is being emptied, and how far. */
  readonly #victim = new Int32Array(CLASS_UNITS.length).fill(NONE);
  readonly #victimAt = new Int32Array(CLASS_UNITS.length);
  #lastFreedClass = 0;
  #usedBytes = 0;

  constructor(bytesMax: number) {
    this.#slabsMax = Math.max(1, Math.floor(bytesMax / SLAB_BYTES));
  }

  /** Octets in slabs, used or not. */
  get bytes(): number {
    return this.segments.length * SEGMENT_BYTES;
  }

  /** Octets in live blocks, rounding included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Reference of a new block of at least `size` octets, owner written; −1 when the arena is full. */
  allocate(size: number, owner: number): number {
    const sizeClass = CLASS_OF_UNITS[(size + 7) >>> 3]!;
    let slab = this.#partial[sizeClass]!;
    if (slab === NONE) {
      slab = this.#takeSlab(sizeClass);
      if (slab === NONE) return -1;
    }
    const units = CLASS_UNITS[sizeClass]!;
    const head = this.#slabFreeHead.get(slab);
    let ref: number;
    if (head !== NONE) {
      ref = slab * SLAB_UNITS + head;
      this.#slabFreeHead.set(slab, this.#words[ref >>> SEGMENT_UNITS_SHIFT]![((ref & SEGMENT_UNITS_MASK) << 1) + 1]!);
    } else {
      const bump = this.#slabBump.get(slab);
      ref = slab * SLAB_UNITS + bump;
      this.#slabBump.set(slab, bump + units);
    }
    this.#slabLive.set(slab, this.#slabLive.get(slab) + 1);
    if (this.#slabFreeHead.get(slab) === NONE && this.#slabBump.get(slab) + units > SLAB_UNITS) {
      this.#unlink(slab, sizeClass);
    }
    this.#classLive[sizeClass] = this.#classLive[sizeClass]! + 1;
    this.#usedBytes += units * 8;
    this.#words[ref >>> SEGMENT_UNITS_SHIFT]![(ref & SEGMENT_UNITS_MASK) << 1] = owner;
    return ref;
  }

  free(ref: number): void {
    const slab = ref >>> SLAB_UNITS_SHIFT;
    const sizeClass = this.#slabClass.get(slab);
    const units = CLASS_UNITS[sizeClass]!;
    const words = this.#words[ref >>> SEGMENT_UNITS_SHIFT]!;
    const word = (ref & SEGMENT_UNITS_MASK) << 1;
    words[word] = 0;
    const live = this.#slabLive.get(slab) - 1;
    this.#slabLive.set(slab, live);
    this.#classLive[sizeClass] = this.#classLive[sizeClass]! - 1;
    this.#usedBytes -= units * 8;
    this.#lastFreedClass = sizeClass;
    if (slab === this.#victim[sizeClass]) {
      if (live === 0) {
        this.#victim[sizeClass] = NONE;
        this.#releaseSlab(slab, sizeClass);
      }
      return;
    }
    const head = this.#slabFreeHead.get(slab);
    const wasFull = head === NONE && this.#slabBump.get(slab) + units > SLAB_UNITS;
    words[word + 1] = head;
    this.#slabFreeHead.set(slab, ref & (SLAB_UNITS - 1));
    if (wasFull) this.#link(slab, sizeClass);
    if (live === 0 && this.#classSlabs[sizeClass]! > 1) {
      this.#unlink(slab, sizeClass);
      this.#releaseSlab(slab, sizeClass);
    }
  }

  /** Whether a block at `ref` can take `size` octets without wasting a class. */
  fits(ref: number, size: number): boolean {
    return this.#slabClass.get(ref >>> SLAB_UNITS_SHIFT) === CLASS_OF_UNITS[(size + 7) >>> 3];
  }

  segment(ref: number): Uint8Array {
    return this.segments[ref >>> SEGMENT_UNITS_SHIFT]!;
  }

  offset(ref: number): number {
    return (ref & SEGMENT_UNITS_MASK) << 3;
  }

  /**
   * Moves at most `movesMax` blocks out of a sparse slab of the class that last lost one. `moved` must store the new
   * reference with the owner before it returns.
   */
  tidy(movesMax: number, moved: (owner: number, ref: number) => void): void {
    const sizeClass = this.#lastFreedClass;
    let victim = this.#victim[sizeClass]!;
    const perSlab = Math.floor(SLAB_UNITS / CLASS_UNITS[sizeClass]!);
    if (victim === NONE) {
      const live = this.#classLive[sizeClass]!;
      const free = this.#classSlabs[sizeClass]! * perSlab - live;
      if (free <= (live >>> 2) + 2 * perSlab) return;
      victim = this.#sparsest(sizeClass);
      this.#unlink(victim, sizeClass);
      this.#victim[sizeClass] = victim;
      this.#victimAt[sizeClass] = 0;
    }
    const units = CLASS_UNITS[sizeClass]!;
    const bytes = units * 8;
    const end = this.#slabBump.get(victim);
    let at = this.#victimAt[sizeClass]!;
    let moves = 0;
    // Empty blocks are passed over at no more than 64 a turn, so that a turn stays short.
    for (let visits = 0; visits < 64 && moves < movesMax && at < end; visits += 1, at += units) {
      const ref = victim * SLAB_UNITS + at;
      const owner = this.#words[ref >>> SEGMENT_UNITS_SHIFT]![(ref & SEGMENT_UNITS_MASK) << 1]!;
      if (owner === 0) continue;
      const to = this.allocate(bytes, owner);
      if (to < 0) break;
      const from = this.offset(ref);
      this.segment(to).set(this.segment(ref).subarray(from + 4, from + bytes), this.offset(to) + 4);
      moved(owner, to);
      this.free(ref);
      moves += 1;
      // The last block moved: free() has given the slab back.
      if (this.#victim[sizeClass] === NONE) return;
    }
    this.#victimAt[sizeClass] = at;
  }

  /** Counts of a test: every live block, by owner. */
  *blocks(): Generator<{ owner: number; ref: number }> {
    const free = new Set(this.#slabsFree);
    for (let slab = 0; slab < this.#slabs; slab += 1) {
      if (free.has(slab)) continue;
      const units = CLASS_UNITS[this.#slabClass.get(slab)]!;
      for (let at = 0; at < this.#slabBump.get(slab); at += units) {
        const ref = slab * SLAB_UNITS + at;
        const owner = this.#words[ref >>> SEGMENT_UNITS_SHIFT]![(ref & SEGMENT_UNITS_MASK) << 1]!;
        if (owner !== 0) yield { owner, ref };
      }
    }
  }

  #sparsest(sizeClass: number): number {
    let best = this.#partial[sizeClass]!;
    let slab = best;
    for (let i = 0; i < 16 && slab !== NONE; i += 1, slab = this.#slabNext.get(slab)) {
      if (this.#slabLive.get(slab) < this.#slabLive.get(best)) best = slab;
    }
    return best;
  }

  #takeSlab(sizeClass: number): number {
    let slab = this.#slabsFree.pop() ?? NONE;
    if (slab === NONE) {
      if (this.#slabs >= this.#slabsMax) return NONE;
      slab = this.#slabs;
      if (slab >>> SLABS_PER_SEGMENT_SHIFT >= this.segments.length) {
        const buffer = new ArrayBuffer(SEGMENT_BYTES);
        this.segments.push(new Uint8Array(buffer));
        this.#words.push(new Int32Array(buffer));
      }
      this.#slabs += 1;
      for (const column of [
        this.#slabClass,
        this.#slabLive,
        this.#slabFreeHead,
        this.#slabBump,
        this.#slabPrev,
        this.#slabNext,
      ]) {
        column.grow(this.#slabs);
      }
    }
    this.#slabClass.set(slab, sizeClass);
    this.#slabLive.set(slab, 0);
    this.#slabFreeHead.set(slab, NONE);
    this.#slabBump.set(slab, 0);
    this.#classSlabs[sizeClass] = this.#classSlabs[sizeClass]! + 1;
    this.#link(slab, sizeClass);
    return slab;
  }

  #releaseSlab(slab: number, sizeClass: number): void {
    this.#classSlabs[sizeClass] = this.#classSlabs[sizeClass]! - 1;
    this.#slabsFree.push(slab);
  }

  #link(slab: number, sizeClass: number): void {
    const head = this.#partial[sizeClass]!;
    this.#slabPrev.set(slab, NONE);
    this.#slabNext.set(slab, head);
    if (head !== NONE) this.#slabPrev.set(head, slab);
    this.#partial[sizeClass] = slab;
  }

  #unlink(slab: number, sizeClass: number): void {
    const prev = this.#slabPrev.get(slab);
    const next = this.#slabNext.get(slab);
    if (prev !== NONE) this.#slabNext.set(prev, next);
    else this.#partial[sizeClass] = next;
    if (next !== NONE) this.#slabPrev.set(next, prev);
  }
}

/** Sizes in units of 8 octets: every unit up to 256 octets, then steps of at most an eighth. */
function classSizes(): Int32Array {
  const sizes: number[] = [];
  for (let units = 2; units <= 32; units += 1) sizes.push(units);
  for (let units = 36; units < SLAB_UNITS / 2; units = Math.ceil((units * 9) / 8)) sizes.push(units);
  sizes.push(BLOCK_BYTES_MAX / 8);
  return Int32Array.from(sizes);
}

function classTable(): Uint8Array {
  const table = new Uint8Array(BLOCK_BYTES_MAX / 8 + 1);
  let sizeClass = 0;
  for (let units = 0; units < table.length; units += 1) {
    if (units > CLASS_UNITS[sizeClass]!) sizeClass += 1;
    table[units] = sizeClass;
  }
  return table;
}
