import type { PoolSample } from "@leasewire/api";

/** Times, totals, in use, active: one column each, as the chart takes them. */
export type ChartColumns = readonly [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Looks further apart than this many periods leave a gap: nobody knows what was between them. */
const gapPeriods = 2.5;

export function chartColumns(samples: readonly PoolSample[], periodSeconds: number): ChartColumns {
  const columns: ChartColumns = [[], [], [], []];
  let before: PoolSample | undefined;
  for (const sample of samples) {
    if (before !== undefined && sample.atSeconds - before.atSeconds > periodSeconds * gapPeriods) {
      columns[0].push(before.atSeconds + periodSeconds);
      for (const column of [columns[1], columns[2], columns[3]]) column.push(null);
    }
    columns[0].push(sample.atSeconds);
    columns[1].push(sample.total);
    columns[2].push(sample.active + sample.held);
    columns[3].push(sample.active);
    before = sample;
  }
  return columns;
}

/** Below this share of the pool, what is in use would lie on the bottom of the chart: then the pool's size is left out. */
const totalShownFromShare = 0.04;

/** Upper edge of the chart: the size of the pool, or a little above the most that was in use. */
export function chartTop(columns: ChartColumns): number {
  const most = (column: readonly (number | null)[]) =>
    column.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  const total = most(columns[1]);
  const used = most(columns[2]);
  return used < total * totalShownFromShare ? Math.max(4, used * 1.25) : Math.max(1, total);
}
