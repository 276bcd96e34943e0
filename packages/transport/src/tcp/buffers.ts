/** Octets filled and handed to a socket at once: large enough for few system calls, small enough for short turns. */
export const bufferBytes = 256 * 1024;

/** Buffers kept for reuse; connections beyond get new ones and give them to the collector. */
const keptMax = 8;

const kept: Uint8Array[] = [];

export function takeBuffer(): Uint8Array {
  return kept.pop() ?? new Uint8Array(bufferBytes);
}

export function giveBuffer(buffer: Uint8Array): void {
  if (kept.length < keptMax) kept.push(buffer);
}
