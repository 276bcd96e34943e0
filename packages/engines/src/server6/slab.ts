/**
 * Octets that live as long as somebody looks at them, cut one after the other from larger pieces: an array of its own for each
 * would cost more than what is written into it.
 */
export class Slab {
  readonly #lengthMax: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** What is there is undefined; at most the length named at the start. */
  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(PIECE, this.#lengthMax));
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }
}

const PIECE = 65_536;
