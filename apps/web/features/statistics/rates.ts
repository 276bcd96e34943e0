/** How fast counters rise, from the samples of the last seconds. */
export interface Sample {
  readonly atMs: number;
  readonly values: ReadonlyMap<string, number>;
}

/** Span over which a rate is taken: long enough to be calm, short enough to be of now. */
export const rateSpanMs = 10_000;

export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter((old) => sample.atMs - old.atMs <= rateSpanMs && old.atMs < sample.atMs), sample];
}

/** Per second; null while there is nothing to compare with, or after the counter was cleared. */
export function rateOf(samples: readonly Sample[], name: string): number | null {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  const rise = (last.values.get(name) ?? 0) - (first.values.get(name) ?? 0);
  return rise < 0 ? null : (1000 * rise) / (last.atMs - first.atMs);
}

export function formatRate(rate: number | null): string {
  if (rate === null) return "—";
  if (rate === 0) return "0";
  if (rate < 0.1) return "< 0.1";
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US");
}
