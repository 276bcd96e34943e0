/**
 * Arrays of 32-bit numbers that grow by whole segments: growing never copies what is there, so it costs the same at
 * ten rows and at ten million. New elements are 0.
 */
const SEGMENT_SHIFT = 15;
const SEGMENT_LENGTH = 1 << SEGMENT_SHIFT;
const SEGMENT_MASK = SEGMENT_LENGTH - 1;

export class Int32Column {
  readonly segments: Int32Array[] = [];

  get(index: number): number {
    return this.segments[index >>> SEGMENT_SHIFT]![index & SEGMENT_MASK]!;
  }

  set(index: number, value: number): void {
    this.segments[index >>> SEGMENT_SHIFT]![index & SEGMENT_MASK] = value;
  }

  /** Makes elements 0 … length − 1 exist. */
  grow(length: number): void {
    while (this.segments.length * SEGMENT_LENGTH < length) this.segments.push(new Int32Array(SEGMENT_LENGTH));
  }

  get bytes(): number {
    return this.segments.length * SEGMENT_LENGTH * 4;
  }
}

export class Uint32Column {
  readonly segments: Uint32Array[] = [];

  get(index: number): number {
    return this.segments[index >>> SEGMENT_SHIFT]![index & SEGMENT_MASK]!;
  }

  set(index: number, value: number): void {
    this.segments[index >>> SEGMENT_SHIFT]![index & SEGMENT_MASK] = value;
  }

  grow(length: number): void {
    while (this.segments.length * SEGMENT_LENGTH < length) this.segments.push(new Uint32Array(SEGMENT_LENGTH));
  }

  get bytes(): number {
    return this.segments.length * SEGMENT_LENGTH * 4;
  }
}

/** Entries of several 32-bit numbers each, none of which lies in two segments. */
export class Entries {
  readonly words: number;
  readonly #segments: Int32Array[] = [];

  constructor(words: number) {
    this.words = words;
  }

  /** The numbers among which those of the entry are, from `at` on. */
  of(entry: number): Int32Array {
    return this.#segments[entry >>> ENTRIES_SHIFT]!;
  }

  at(entry: number): number {
    return (entry & ENTRIES_MASK) * this.words;
  }

  grow(count: number): void {
    while (this.#segments.length << ENTRIES_SHIFT < count) {
      this.#segments.push(new Int32Array(this.words << ENTRIES_SHIFT));
    }
  }

  get bytes(): number {
    return (this.#segments.length * 4 * this.words) << ENTRIES_SHIFT;
  }
}

const ENTRIES_SHIFT = 11;
const ENTRIES_MASK = (1 << ENTRIES_SHIFT) - 1;
