/** Replies are written here in one pass and copied out once. Beyond its length nothing is written and `overflow` says so. */
export class ReplyBuffer6 {
  readonly bytes: Uint8Array;
  at = 0;
  overflow = false;

  constructor(octetsMax: number) {
    this.bytes = new Uint8Array(octetsMax);
  }

  begin(): void {
    this.at = 0;
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

  /** The finished message, a copy. */
  end(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  #fits(length: number): boolean {
    if (this.at + length > this.bytes.length) this.overflow = true;
    return !this.overflow;
  }
}
