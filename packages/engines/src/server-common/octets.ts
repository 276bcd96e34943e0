/** Octets as a key of a Map: one character for each. */
export function octetsKey(octets: Uint8Array): string {
  if (octets.length <= PIECE) return String.fromCharCode.apply(null, octets as unknown as number[]);
  let key = "";
  for (let at = 0; at < octets.length; at += PIECE) key += octetsKey(octets.subarray(at, at + PIECE));
  return key;
}

const PIECE = 1024;
