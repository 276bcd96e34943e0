/**
 * Cuts what a connection brings into messages, each behind its size (RFC 6926 §6.1, RFC 5460 §5.1), and leaves them where
 * they lie: no object for a message. Only one that spans two reads is copied, into a buffer that grows to the longest.
 */
export class FrameCutter {
  #pending: Uint8Array = new Uint8Array(0);
  #pendingLength = 0;
  readonly #lengthMin: number;
  readonly #lengthMax: number;
  /** Length of the frame that cannot be a message; −1: none so far. */
  badLength = -1;

  constructor(lengthMin: number, lengthMax: number) {
    this.#lengthMin = lengthMin;
    this.#lengthMax = lengthMax;
  }

  /** Octets of an incomplete message. */
  get pendingOctets(): number {
    return this.#pendingLength;
  }

  /**
   * Hands over every complete message as a place in octets, until `take` gives false or a frame is no message, see
   * `badLength`. Gives how many octets of `chunk` are left over then; otherwise 0.
   */
  push(chunk: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => boolean): number {
    let at = 0;
    if (this.#pendingLength > 0) {
      at = this.#complete(chunk);
      if (this.badLength >= 0) return chunk.length - at;
      if (this.#pendingLength > 0) return 0;
      if (this.#taken && !take(this.#pending, 2, this.#takenEnd)) return chunk.length - at;
    }
    const last = chunk.length;
    while (at + 2 <= last) {
      const length = (chunk[at]! << 8) | chunk[at + 1]!;
      if (length < this.#lengthMin || length > this.#lengthMax) {
        this.badLength = length;
        return last - at;
      }
      const end = at + 2 + length;
      if (end > last) break;
      const start = at + 2;
      at = end;
      if (!take(chunk, start, end)) return last - at;
    }
    if (at < last) this.#keep(chunk, at, last - at);
    return 0;
  }

  #taken = false;
  #takenEnd = 0;

  /** Adds to the incomplete message what it lacks; gives where the next one begins in `chunk`. */
  #complete(chunk: Uint8Array): number {
    this.#taken = false;
    let at = 0;
    if (this.#pendingLength === 1) {
      this.#keep(chunk, 0, 1);
      at = 1;
    }
    const length = (this.#pending[0]! << 8) | this.#pending[1]!;
    if (length < this.#lengthMin || length > this.#lengthMax) {
      this.badLength = length;
      return at;
    }
    const count = Math.min(2 + length - this.#pendingLength, chunk.length - at);
    this.#keep(chunk, at, count);
    if (this.#pendingLength === 2 + length) {
      this.#taken = true;
      this.#takenEnd = this.#pendingLength;
      this.#pendingLength = 0;
    }
    return at + count;
  }

  #keep(chunk: Uint8Array, from: number, count: number): void {
    const wanted = this.#pendingLength + count;
    if (wanted > this.#pending.length) {
      const larger = new Uint8Array(Math.max(512, wanted * 2));
      larger.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = larger;
    }
    this.#pending.set(chunk.subarray(from, from + count), this.#pendingLength);
    this.#pendingLength = wanted;
  }
}
