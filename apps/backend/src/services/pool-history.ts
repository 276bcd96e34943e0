import {
  type EnginePool,
  type PoolHistory,
  type PoolHistoryInput,
  type PoolSample,
  poolTrendPointsMax,
} from "@leasewire/api";

/** Pools whose past is kept; further ones have none. */
export const poolHistoryPoolsMax = 512;

/** How often a pool is looked at and how many looks are kept, by the span that is shown. */
export const poolHistorySpans = {
  hour: { periodSeconds: 15, samplesMax: 240 },
  day: { periodSeconds: 300, samplesMax: 288 },
} as const;

type Span = PoolHistoryInput["span"];

/** Where the past is kept over a restart: one text. */
export interface PoolHistoryStore {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

/** `[atSeconds, total, active, held]` */
type Stored = readonly [number, number, number, number];

/**
 * How full the pools were: two rings a pool, a fine one of the last hour and a coarse one of the last day. The rings are
 * small and are written to the database as one text now and then; what a kill loses is minutes of a chart.
 */
export class PoolHistoryBook {
  readonly #pools = new Map<string, Record<Span, PoolSample[]>>();

  /** Takes down what the pools hold now. Pools that are gone from the configuration are forgotten once their past is old. */
  sample(pools: readonly EnginePool[], atSeconds: number): void {
    for (const pool of pools) {
      const rings = this.#ringsOf(pool.id);
      if (rings === null) continue;
      const { total, active, offered, declined, reserved } = pool;
      const sample = { atSeconds, total, active, held: offered + declined + reserved };
      for (const span of ["hour", "day"] as const) {
        const { periodSeconds, samplesMax } = poolHistorySpans[span];
        const ring = rings[span];
        if (atSeconds - (ring.at(-1)?.atSeconds ?? Number.NEGATIVE_INFINITY) < periodSeconds) continue;
        ring.push(sample);
        if (ring.length > samplesMax) ring.shift();
      }
    }
    this.#forget(new Set(pools.map(({ id }) => id)), atSeconds);
  }

  /** null for a pool that is not known. */
  of(id: string, span: Span): PoolHistory | null {
    const rings = this.#pools.get(id);
    return rings === undefined
      ? null
      : { id, periodSeconds: poolHistorySpans[span].periodSeconds, samples: [...rings[span]] };
  }

  /** Share in use over the last hour in whole percent, at most `poolTrendPointsMax` points evenly apart, ending with the newest. */
  trend(id: string): readonly number[] {
    const ring = this.#pools.get(id)?.hour ?? [];
    const stride = Math.max(1, Math.ceil(ring.length / poolTrendPointsMax));
    const points: number[] = [];
    for (let at = ring.length - 1; at >= 0; at -= stride) {
      const { total, active, held } = ring[at] as PoolSample;
      points.push(total === 0 ? 100 : Math.round(((active + held) * 100) / total));
    }
    return points.reverse();
  }

  print(): string {
    const pools = [...this.#pools].map(([id, rings]) => [id, rings.hour.map(stored), rings.day.map(stored)]);
    return JSON.stringify({ version: 1, pools });
  }

  /** Takes over what `print` wrote; anything else is left aside, and the past begins now. */
  load(text: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return;
    }
    const { version, pools } = (parsed ?? {}) as { version?: unknown; pools?: unknown };
    if (version !== 1 || !Array.isArray(pools)) return;
    for (const entry of pools as unknown[]) {
      if (!Array.isArray(entry) || typeof entry[0] !== "string") continue;
      const rings = this.#ringsOf(entry[0]);
      if (rings === null) return;
      rings.hour = samples(entry[1]);
      rings.day = samples(entry[2]);
    }
  }

  #ringsOf(id: string): Record<Span, PoolSample[]> | null {
    const known = this.#pools.get(id);
    if (known !== undefined) return known;
    if (this.#pools.size >= poolHistoryPoolsMax) return null;
    const rings = { hour: [], day: [] };
    this.#pools.set(id, rings);
    return rings;
  }

  #forget(present: ReadonlySet<string>, atSeconds: number): void {
    const { periodSeconds, samplesMax } = poolHistorySpans.day;
    for (const [id, rings] of this.#pools) {
      const newest = rings.hour.at(-1)?.atSeconds ?? rings.day.at(-1)?.atSeconds ?? 0;
      if (!present.has(id) && atSeconds - newest > periodSeconds * samplesMax) this.#pools.delete(id);
    }
  }
}

function stored({ atSeconds, total, active, held }: PoolSample): Stored {
  return [atSeconds, total, active, held];
}

function samples(list: unknown): PoolSample[] {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((one) => {
    if (!Array.isArray(one) || one.length !== 4 || !one.every((number) => Number.isFinite(number))) return [];
    const [atSeconds, total, active, held] = one as [number, number, number, number];
    return [{ atSeconds, total, active, held }];
  });
}
