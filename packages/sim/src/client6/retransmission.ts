import { type RandomSource, randomFraction, randomSigned } from "@leasewire/engines";

/** How an exchange is repeated (RFC 9915 §15, §7.6). 0: no bound. */
export interface Retransmission6 {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Transmissions in all. */
  readonly countMax: number;
}

export const retransmissions6 = {
  solicit: { initialMs: 1_000, maxMs: 3_600_000, countMax: 0 },
  request: { initialMs: 1_000, maxMs: 30_000, countMax: 10 },
  // These two end when T2 or the last lifetime is over.
  renew: { initialMs: 10_000, maxMs: 600_000, countMax: 0 },
  rebind: { initialMs: 10_000, maxMs: 600_000, countMax: 0 },
  release: { initialMs: 1_000, maxMs: 0, countMax: 4 },
} as const satisfies Record<string, Retransmission6>;

/** Longest delay of a first SOLICIT. */
export const solicitDelayMsMax = 1_000;

/** The wait after the first transmission; `positive`: longer than the initial one, as for SOLICIT (§18.2.1). */
export function firstWait(random: RandomSource, { initialMs }: Retransmission6, positive = false): number {
  const deviation = positive ? (1 - randomFraction(random)) / 10 : randomSigned(random) / 10;
  return initialMs + deviation * initialMs;
}

/** The wait after the next one. */
export function nextWait(random: RandomSource, { maxMs }: Retransmission6, waitMs: number): number {
  const wait = 2 * waitMs + (randomSigned(random) / 10) * waitMs;
  return maxMs > 0 && wait > maxMs ? maxMs + (randomSigned(random) / 10) * maxMs : wait;
}
