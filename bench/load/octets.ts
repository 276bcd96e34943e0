/** Reading and writing numbers in messages; written here anew, so that the load client judges the servers' codecs too. */
export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value);
}

export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function get32(bytes: Uint8Array, at: number): number {
  return ((get16(bytes, at) << 16) | get16(bytes, at + 2)) >>> 0;
}

export function address4(text: string): number {
  return text.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** 16 octets of an IPv6 address. */
export function address6(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  for (const [i, group] of before.entries()) put16(bytes, i * 2, group);
  for (const [i, group] of after.entries()) put16(bytes, 16 - (after.length - i) * 2, group);
  return bytes;
}

/** Whether the octets of two places are the same. */
export function same(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
