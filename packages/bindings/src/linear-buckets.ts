import { Int32Column } from "./segmented.ts";

const BUCKETS_FIRST_SHIFT = 8;

/**
 * Bucket heads of a linear hash table (Litwin 1980): it grows by one bucket at a time, whose entries all come from one
 * other bucket. So there is never a rehash of everything, and the load stays at one entry a bucket.
 */
export class LinearBuckets {
  readonly #heads = new Int32Column();
  #size = 1 << BUCKETS_FIRST_SHIFT;
  /** Mask of the current round; buckets below `#split` have been split already and use one bit more. */
  #mask = (1 << BUCKETS_FIRST_SHIFT) - 1;
  #split = 0;

  constructor() {
    this.#heads.grow(this.#size);
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#heads.bytes;
  }

  bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#split ? hash & ((this.#mask << 1) | 1) : bucket;
  }

  head(bucket: number): number {
    return this.#heads.get(bucket);
  }

  setHead(bucket: number, entry: number): void {
    this.#heads.set(bucket, entry);
  }

  /** Adds a bucket; returns the one whose entries now belong to either, by `bucketOf`. */
  addBucket(): number {
    const from = this.#split;
    this.#size += 1;
    this.#heads.grow(this.#size);
    this.#split += 1;
    if (this.#split > this.#mask) {
      this.#mask = (this.#mask << 1) | 1;
      this.#split = 0;
    }
    return from;
  }
}
