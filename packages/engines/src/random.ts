/**
 * Randomness is an argument of the engines, as time is: a seed replays a run exactly.
 */
export interface RandomSource {
  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number;
}

/** Uniform in [0, 1). */
export function randomFraction(random: RandomSource): number {
  return random.uint32() / 0x1_0000_0000;
}

/** Uniform in [−1, +1). */
export function randomSigned(random: RandomSource): number {
  return randomFraction(random) * 2 - 1;
}

/** A repeatable generator (mulberry32) for tests and simulated runs; not for real transaction identifiers. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return {
    uint32() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return (t ^ (t >>> 14)) >>> 0;
    },
  };
}
