/**
 * IPv6 addresses as numbers: four 32-bit words, most significant first. Everything the allocator reckons with on the way of a
 * packet is done on these, without objects.
 */
export type Words = Uint32Array;

const WORD = 0x1_0000_0000;

export function newWords(): Words {
  return new Uint32Array(4);
}

/** 16 octets from `at` on. */
export function readWords(bytes: Uint8Array, at: number, out: Words): Words {
  for (let i = 0; i < 4; i += 1) {
    const from = at + i * 4;
    out[i] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
  }
  return out;
}

export function wordsOf(bytes: Uint8Array): Words {
  return readWords(bytes, 0, newWords());
}

export function addressOf(words: Words): Uint8Array {
  const out = new Uint8Array(16);
  for (let i = 0; i < 4; i += 1) {
    const word = words[i]!;
    out[i * 4] = word >>> 24;
    out[i * 4 + 1] = word >>> 16;
    out[i * 4 + 2] = word >>> 8;
    out[i * 4 + 3] = word;
  }
  return out;
}

export function compareWords(a: Words, b: Words): number {
  for (let i = 0; i < 4; i += 1) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return 0;
}

/** `out = a − b` modulo 2^128. */
export function subtractWords(a: Words, b: Words, out: Words): Words {
  let borrow = 0;
  for (let i = 3; i >= 0; i -= 1) {
    const difference = a[i]! - b[i]! - borrow;
    borrow = difference < 0 ? 1 : 0;
    out[i] = difference + borrow * WORD;
  }
  return out;
}

/** `out = a + b` modulo 2^128. */
export function addWords(a: Words, b: Words, out: Words): Words {
  let carry = 0;
  for (let i = 3; i >= 0; i -= 1) {
    const sum = a[i]! + b[i]! + carry;
    carry = sum >= WORD ? 1 : 0;
    out[i] = sum - carry * WORD;
  }
  return out;
}

/** `out = a · 2^bits` modulo 2^128; `out` may be `a`. `bits` is 0 … 127. */
export function shiftWordsLeft(a: Words, bits: number, out: Words): Words {
  const whole = bits >>> 5;
  const rest = bits & 31;
  for (let i = 0; i < 4; i += 1) {
    const high = i + whole < 4 ? a[i + whole]! : 0;
    const low = i + whole + 1 < 4 ? a[i + whole + 1]! : 0;
    out[i] = rest === 0 ? high : (high << rest) | (low >>> (32 - rest));
  }
  return out;
}

/** `out = floor(a / 2^bits)`; `out` may be `a`. `bits` is 0 … 127. */
export function shiftWordsRight(a: Words, bits: number, out: Words): Words {
  const whole = bits >>> 5;
  const rest = bits & 31;
  for (let i = 3; i >= 0; i -= 1) {
    const low = i - whole >= 0 ? a[i - whole]! : 0;
    const high = i - whole - 1 >= 0 ? a[i - whole - 1]! : 0;
    out[i] = rest === 0 ? low : (low >>> rest) | (high << (32 - rest));
  }
  return out;
}

/** Exact below 2^53. */
export function wordsToNumber(a: Words): number {
  return ((a[0]! * WORD + a[1]!) * WORD + a[2]!) * WORD + a[3]!;
}

export function wordsFromNumber(value: number, out: Words): Words {
  out[0] = 0;
  out[1] = 0;
  out[2] = Math.floor(value / WORD);
  out[3] = value % WORD;
  return out;
}

/** Whether the first `length` bits are the same. */
export function samePrefix(a: Words, b: Words, length: number): boolean {
  let bits = length;
  for (let i = 0; i < 4 && bits > 0; i += 1, bits -= 32) {
    const different = a[i]! ^ b[i]!;
    if ((bits >= 32 ? different : different >>> (32 - bits)) !== 0) return false;
  }
  return true;
}
