import { z } from "zod";
import { type Family, familySchema, instanceSelectorSchema } from "./common.ts";

/** What `pools.list` and the lists of served connections and requestors are limited to; nothing given: all. */
export const servedInput = z.object({ family: familySchema.optional(), ...instanceSelectorSchema.shape });
export type ServedInput = z.infer<typeof servedInput>;

export const poolHistoryInput = z.object({
  /** Id of a pool, as `pools.list` gives it. */
  id: z.string().max(256),
  span: z.enum(["hour", "day"]).default("hour"),
});
export type PoolHistoryInput = z.infer<typeof poolHistoryInput>;

/**
 * How full a pool is. `disabled`: it is configured and no local server of its instance and family gives it out.
 * `empty`: nothing is free, new clients are turned away.
 */
export const poolStates = ["plenty", "nearly-empty", "empty", "disabled"] as const;
export type PoolState = (typeof poolStates)[number];

/** A pool counts as nearly empty from this share in use. */
export const poolNearlyEmptyPercent = 90;

/**
 * Addresses (or prefixes to delegate) by what became of them: `active + offered + declined + reserved + free = total`.
 * Above 2^53 they are rounded.
 */
export interface PoolCounts {
  readonly total: number;
  readonly active: number;
  /** Offered to a client that has not asked for it yet. */
  readonly offered: number;
  /** Found in use by somebody else (DHCPDECLINE, or the probe before an offer). */
  readonly declined: number;
  /** Kept for one host, and not in use by it now. */
  readonly reserved: number;
  readonly free: number;
}

export interface PoolRange {
  readonly name: string;
  /** First and last address; for prefixes to delegate the first and last prefix. */
  readonly low: string;
  readonly high: string;
  /** Length of the prefixes that are delegated; null where addresses are given out. */
  readonly delegatedLength: number | null;
}

export interface EnginePool extends PoolCounts {
  /** `4/default:default/NAME`. */
  readonly id: string;
  readonly family: Family;
  readonly instance: string;
  readonly name: string;
  /** The network or prefix of the pool: bindings of the pool lie in it. */
  readonly prefix: string;
  readonly ranges: readonly PoolRange[];
  readonly leaseTimeSeconds: number;
  /** Links the pool serves beyond its own network: prefixes of relays, or none. */
  readonly links: readonly string[];
  /** True when a local server of its instance and family is running. */
  readonly served: boolean;
}

/** A local server that is running. */
export interface RunningServer {
  readonly instance: string;
  readonly family: Family;
  /** `ADDRESS#PORT`. */
  readonly listen: string;
  readonly interfaces: readonly string[];
}

export interface EnginePools {
  readonly pools: readonly EnginePool[];
  readonly servers: readonly RunningServer[];
}

export interface Pool extends EnginePool {
  readonly state: PoolState;
  /** Share of the pool that cannot be given to somebody new, 0 to 100. */
  readonly usedPercent: number;
  /** That share over the last hour, oldest first, at most `poolTrendPointsMax`; whole numbers. */
  readonly trend: readonly number[];
}

export const poolTrendPointsMax = 40;

export interface PoolsView {
  readonly pools: readonly Pool[];
  readonly servers: readonly RunningServer[];
}

/** One look at a pool. */
export interface PoolSample {
  readonly atSeconds: number;
  readonly total: number;
  readonly active: number;
  /** Offered, declined and reserved together. */
  readonly held: number;
}

export interface PoolHistory {
  readonly id: string;
  readonly periodSeconds: number;
  /** Oldest first. A gap means that Leasewire was not running. */
  readonly samples: readonly PoolSample[];
}

/** What is shown of a pool beside its counts. */
export function describePool(pool: EnginePool, trend: readonly number[]): Pool {
  const used = pool.total - pool.free;
  const usedPercent = pool.total === 0 ? (pool.served ? 100 : 0) : Math.min(100, (used * 100) / pool.total);
  const state: PoolState = !pool.served
    ? "disabled"
    : pool.free <= 0
      ? "empty"
      : usedPercent >= poolNearlyEmptyPercent
        ? "nearly-empty"
        : "plenty";
  return { ...pool, usedPercent, state, trend };
}
