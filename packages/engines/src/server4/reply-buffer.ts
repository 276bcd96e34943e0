const magicCookie = 0x6382_5363;
const optionsOffset = 240;
/** Relays and clients that keep to BOOTP drop shorter messages (RFC 1542 §2.1). */
const lengthMin = 300;
const slabOctets = 262_144;

/**
 * Replies are written once, one behind the other, into slabs that are never written again: a buffer of its own for each
 * of them would cost more than all the rest of it. A slab is given up when no reply in it is needed any more.
 */
export class ReplyBuffer {
  /** Longest reply there is room for. */
  readonly octetsMax: number;
  #bytes = new Uint8Array(slabOctets);
  #from = 0;
  #at = 0;

  constructor(octetsMax: number) {
    this.octetsMax = Math.min(Math.max(octetsMax, lengthMin), slabOctets);
  }

  /** Octets written so far. */
  get length(): number {
    return this.#at - this.#from;
  }

  /** Begins a BOOTREPLY with the fixed fields of the request; `sname` and `file` stay empty. */
  begin(request: Uint8Array, flags: number, ciaddr: number, yiaddr: number): void {
    // What was begun and not ended lies where this one goes.
    if (this.#at > this.#from) this.#bytes.fill(0, this.#from, this.#at);
    if (this.#from + this.octetsMax > slabOctets) {
      this.#bytes = new Uint8Array(slabOctets);
      this.#from = 0;
    }
    const bytes = this.#bytes;
    const from = this.#from;
    bytes[from] = 2;
    bytes[from + 1] = request[1]!;
    bytes[from + 2] = request[2]!;
    for (let i = 4; i < 8; i += 1) bytes[from + i] = request[i]!;
    bytes[from + 10] = flags >>> 8;
    bytes[from + 11] = flags;
    this.#uint32(from + 12, ciaddr);
    this.#uint32(from + 16, yiaddr);
    // giaddr and chaddr.
    for (let i = 24; i < 44; i += 1) bytes[from + i] = request[i]!;
    this.#uint32(from + 236, magicCookie);
    this.#at = from + optionsOffset;
  }

  octet(code: number, value: number): void {
    const at = this.#at;
    this.#bytes[at] = code;
    this.#bytes[at + 1] = 1;
    this.#bytes[at + 2] = value;
    this.#at = at + 3;
  }

  uint32(code: number, value: number): void {
    const at = this.#at;
    this.#bytes[at] = code;
    this.#bytes[at + 1] = 4;
    this.#uint32(at + 2, value);
    this.#at = at + 6;
  }

  /** An option that may be longer than 255 octets: it is split (RFC 3396 §6). */
  option(code: number, data: Uint8Array): void {
    const bytes = this.#bytes;
    let from = 0;
    do {
      const length = Math.min(255, data.length - from);
      const at = this.#at + 2;
      bytes[at - 2] = code;
      bytes[at - 1] = length;
      for (let i = 0; i < length; i += 1) bytes[at + i] = data[from + i]!;
      this.#at = at + length;
      from += length;
    } while (from < data.length);
  }

  /** Octets in wire form. */
  append(encoded: Uint8Array): void {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < encoded.length; i += 1) bytes[at + i] = encoded[i]!;
    this.#at = at + encoded.length;
  }

  /** The finished message. */
  end(): Uint8Array {
    this.#bytes[this.#at] = 255;
    const from = this.#from;
    const to = Math.max(this.#at + 1, from + lengthMin);
    this.#from = to;
    this.#at = to;
    return this.#bytes.subarray(from, to);
  }

  #uint32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }
}

/** Octets that `option` writes. */
export function encodedLength(data: Uint8Array): number {
  return data.length + 2 * Math.max(1, Math.ceil(data.length / 255));
}
