/** What a server has told, and what became of it. */
export interface Tally {
  received: number;
  applied: number;
  unchanged: number;
  older: number;
  notKept: number;
  /** Leases that could not be used, by reason. */
  readonly refused: Map<string, number>;
  /** Leases that wait for their interface. */
  waiting: number;
  rateSinceMs: number;
  rateCount: number;
  ratePerSecond: number;
  rateAtMs: number;
}

export function newTally(now: number): Tally {
  return {
    received: 0,
    applied: 0,
    unchanged: 0,
    older: 0,
    notKept: 0,
    refused: new Map(),
    waiting: 0,
    rateSinceMs: now,
    rateCount: 0,
    ratePerSecond: 0,
    rateAtMs: now,
  };
}

const rateWindowMs = 1000;

/** Takes the leases of one read into the rate. */
export function measureRate(tally: Tally, now: number): void {
  tally.rateAtMs = now;
  const elapsed = now - tally.rateSinceMs;
  if (elapsed < rateWindowMs) return;
  tally.ratePerSecond = Math.round(((tally.received - tally.rateCount) * 1000) / elapsed);
  tally.rateSinceMs = now;
  tally.rateCount = tally.received;
}

/** 0 once nothing has come for some seconds. */
export function rateOf(tally: Tally, now: number): number {
  if (now - tally.rateAtMs > 5 * rateWindowMs) return 0;
  if (tally.ratePerSecond > 0) return tally.ratePerSecond;
  const elapsed = Math.max(1, now - tally.rateSinceMs);
  return Math.round(((tally.received - tally.rateCount) * 1000) / elapsed);
}

/** Zeroes everything but what still waits. */
export function clearTally(tally: Tally, now: number): void {
  const { waiting } = tally;
  tally.refused.clear();
  Object.assign(tally, { ...newTally(now), refused: tally.refused, waiting });
}
