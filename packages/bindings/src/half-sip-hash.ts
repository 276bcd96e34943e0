/**
 * HalfSipHash-1-3: a keyed 32-bit hash. Clients choose their own identifiers, so with an unkeyed hash one of them
 * could aim all its identifiers at one bucket. The key is injected; two tables may share it.
 */
export class HalfSipHash {
  readonly #key0: number;
  readonly #key1: number;

  constructor(key: readonly [number, number]) {
    this.#key0 = key[0] | 0;
    this.#key1 = key[1] | 0;
  }

  /** Hash of `length` octets from `offset`, with `prefix` hashed as 32 bits in front of them. Signed 32 bit. */
  bytes(bytes: Uint8Array, offset: number, length: number, prefix: number): number {
    let v0 = this.#key0;
    let v1 = this.#key1;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    let word = prefix | 0;
    let at = offset;
    const wordsEnd = offset + (length & ~3);
    let last = false;
    for (;;) {
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (at < wordsEnd) {
        word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
        at += 4;
      } else if (!last) {
        last = true;
        word = length << 24;
        const rest = length & 3;
        if (rest > 0) word |= bytes[at]!;
        if (rest > 1) word |= bytes[at + 1]! << 8;
        if (rest > 2) word |= bytes[at + 2]! << 16;
      } else {
        break;
      }
    }
    return finish(v0, v1, v2 ^ 0xff, v3);
  }

  /** Hash of up to five 32-bit words; unused ones are 0. */
  words(a: number, b: number, c: number, d: number, e: number): number {
    let v0 = this.#key0;
    let v1 = this.#key1;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    for (let i = 0; i < 5; i += 1) {
      const word = i === 0 ? a : i === 1 ? b : i === 2 ? c : i === 3 ? d : e;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return finish(v0, v1, v2 ^ 0xff, v3);
  }
}

function finish(a: number, b: number, c: number, d: number): number {
  let v0 = a;
  let v1 = b;
  let v2 = c;
  let v3 = d;
  for (let round = 0; round < 3; round += 1) {
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
