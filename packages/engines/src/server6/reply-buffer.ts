/**
 * Replies are written here one after the other, each in one pass and where it stays: what `end` gives is a view that nothing is
 * written to any more. Beyond its length nothing of a reply is written, and `overflow` says so.
 */
export class ReplyBuffer6 {
  readonly #octetsMax: number;
  bytes: Uint8Array;
  at = 0;
  overflow = false;
  #start = 0;
  #limit = 0;

  constructor(octetsMax: number) {
    this.#octetsMax = octetsMax;
    this.bytes = new Uint8Array(PIECE_REPLIES * octetsMax);
  }

  /** What was written since the last `end` is given up. */
  begin(): void {
    if (this.#start + this.#octetsMax > this.bytes.length) {
      this.bytes = new Uint8Array(this.bytes.length);
      this.#start = 0;
    }
    this.at = this.#start;
    this.#limit = this.#start + this.#octetsMax;
    this.overflow = false;
  }

  octet(value: number): void {
    if (!this.#fits(1)) return;
    this.bytes[this.at] = value;
    this.at += 1;
  }

  uint16(value: number): void {
    if (!this.#fits(2)) return;
    const { bytes, at } = this;
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
    this.at = at + 2;
  }

  uint32(value: number): void {
    if (!this.#fits(4)) return;
    const { bytes, at } = this;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.at = at + 4;
  }

  octets(data: Uint8Array): void {
    if (!this.#fits(data.length)) return;
    const { bytes, at } = this;
    if (data.length > 64) bytes.set(data, at);
    else for (let i = 0; i < data.length; i += 1) bytes[at + i] = data[i]!;
    this.at = at + data.length;
  }

  option(code: number, data: Uint8Array): void {
    this.uint16(code);
    this.uint16(data.length);
    this.octets(data);
  }

  emptyOption(code: number): void {
    this.uint16(code);
    this.uint16(0);
  }

  /** Begins an option whose length is not known yet; give what it returns to `close`. */
  open(code: number): number {
    this.uint16(code);
    this.uint16(0);
    return this.at;
  }

  close(opened: number): void {
    const length = this.at - opened;
    if (length > 0xffff) this.overflow = true;
    if (this.overflow) return;
    this.bytes[opened - 2] = length >>> 8;
    this.bytes[opened - 1] = length;
  }

  /** The finished message. */
  end(): Uint8Array {
    const finished = this.bytes.subarray(this.#start, this.at);
    this.#start = this.at;
    return finished;
  }

  #fits(length: number): boolean {
    if (this.at + length > this.#limit) this.overflow = true;
    return !this.overflow;
  }
}

/** Replies of the greatest length in one piece of memory; of usual ones there are a hundred times as many. */
const PIECE_REPLIES = 16;
