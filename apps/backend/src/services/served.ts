import {
  describePool,
  type EngineConnection,
  type PoolsView,
  type ServedConnection,
  type ServedInput,
} from "@leasewire/api";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import type { PoolHistoryBook } from "./pool-history.ts";

/** Rates over less than this are noise: the last one stands. */
export const ratePeriodMsMin = 500;

export type Served = ReturnType<typeof createServed>;

/** What the local servers are doing, as pages and the command line show it: the engine's counters with rates and states. */
export function createServed(
  engine: Pick<Remote<EngineApi>, "serverPools" | "servedConnections">,
  history: Pick<PoolHistoryBook, "trend">,
  now: () => number,
): {
  pools(input: ServedInput): Promise<PoolsView>;
  connections(input: ServedInput): Promise<readonly ServedConnection[]>;
} {
  const rates = new ConnectionRates();
  return {
    async pools(input) {
      const { pools, servers } = await engine.serverPools(input);
      return { pools: pools.map((pool) => describePool(pool, history.trend(pool.id))), servers };
    },
    async connections(input) {
      const connections = await engine.servedConnections(input);
      const whole =
        input.family === undefined && input.logicalSystem === undefined && input.routingInstance === undefined;
      const atMs = now();
      const served = connections.map((one) => ({ ...one, messagesPerSecond: rates.of(one, atMs) }));
      if (whole) rates.keepOnly(connections);
      return served;
    },
  };
}

interface Mark {
  atMs: number;
  sent: number;
  perSecond: number;
}

/** Messages per second of each connection, between two looks at its counter. */
class ConnectionRates {
  readonly #marks = new Map<string, Mark>();

  of({ id, sinceMs, messagesSent }: EngineConnection, atMs: number): number {
    const mark = this.#marks.get(id) ?? { atMs: sinceMs, sent: 0, perSecond: 0 };
    const elapsedMs = atMs - mark.atMs;
    if (elapsedMs < ratePeriodMsMin) return mark.perSecond;
    const perSecond = Math.max(0, Math.round(((messagesSent - mark.sent) * 1000) / elapsedMs));
    this.#marks.set(id, { atMs, sent: messagesSent, perSecond });
    return perSecond;
  }

  /** Forgets connections that are gone. */
  keepOnly(connections: readonly EngineConnection[]): void {
    if (this.#marks.size <= connections.length) return;
    const open = new Set(connections.map(({ id }) => id));
    for (const id of this.#marks.keys()) if (!open.has(id)) this.#marks.delete(id);
  }
}
