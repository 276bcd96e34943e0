/** Mutations of real messages, the same for the same seed. */

/** xorshift32: enough to stir bytes, and replayable from one number. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const extremes = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/**
 * Writes a mutation of `source` into `scratch` and gives it as a view: one to four of bit flips, extreme octets, changed length
 * octets, pieces of another message, repeated pieces and truncations.
 */
export function mutate(
  source: Uint8Array,
  other: Uint8Array,
  scratch: Uint8Array,
  random: (below: number) => number,
): Uint8Array {
  scratch.set(source);
  let length = source.length;
  for (let rounds = 1 + random(4); rounds > 0 && length > 0; rounds -= 1) {
    // Half of the changes fall behind the fixed header, where the options are.
    const at = random(2) === 0 && length > 240 ? 236 + random(length - 236) : random(length);
    switch (random(7)) {
      case 0:
        scratch[at] = (scratch[at] as number) ^ (1 << random(8));
        break;
      case 1:
        scratch[at] = extremes[random(extremes.length)] as number;
        break;
      case 2:
        scratch[at] = (scratch[at] as number) + random(5) - 2;
        break;
      case 3:
        length = at;
        break;
      case 4: {
        const from = random(other.length);
        const count = Math.min(random(64), other.length - from, length - at);
        scratch.set(other.subarray(from, from + count), at);
        break;
      }
      case 5: {
        const count = Math.min(random(32), length - at, scratch.length - length);
        scratch.copyWithin(at + count, at, length);
        length += count;
        break;
      }
      default: {
        const count = Math.min(random(32), length - at);
        scratch.copyWithin(at, at + count, length);
        length -= count;
      }
    }
  }
  return scratch.subarray(0, length);
}
