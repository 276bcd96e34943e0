import type { Family } from "@leasewire/api";
import type { BindingTable } from "@leasewire/bindings";
import { ChangeBatchReader } from "@leasewire/db/change-batch";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

export interface Restored {
  readonly bindings: number;
  /** Bindings the table refused: it has smaller limits than when they were stored. */
  readonly refused: number;
}

/**
 * Fills the tables from the database, page by page. While the database does not answer it is asked again: without what
 * is stored, an old answer could not be told from a new one. `stopped` ends the attempts.
 */
export async function restoreTables(
  tables: Readonly<Record<Family, BindingTable>>,
  persistence: Pick<Remote<PersistenceApi>, "readBindings" | "lastSequence">,
  onRefusing: (refusing: boolean, reason: string) => void,
  stopped: () => boolean,
): Promise<Restored> {
  let bindings = 0;
  let refused = 0;
  let refusing = false;
  for (const family of [4, 6] as const) {
    const table = tables[family];
    const read = (after: number | null) =>
      insist(() => persistence.readBindings(family, after, engineThreadLimits.restorePageRows));
    let reading: ReturnType<typeof read> | null = read(null);
    while (reading !== null) {
      const page: Awaited<ReturnType<typeof read>> = await reading;
      if (page === undefined) return { bindings, refused };
      // The database reads the next page while this one goes into the table.
      reading = page.next === null ? null : read(page.next);
      const stored = new ChangeBatchReader(page.bindings);
      while (stored.next()) {
        if (table.restore(stored.binding(), stored.sequence, stored.atSeconds).outcome === "refused") refused += 1;
        else bindings += 1;
      }
      await yieldToPackets();
    }
    const last = await insist(() => persistence.lastSequence(family));
    if (last === undefined) return { bindings, refused };
    table.restoreSequence(last);
  }
  return { bindings, refused };

  async function insist<T>(ask: () => Promise<T>): Promise<T | undefined> {
    let wait: number = engineThreadLimits.storageRetryMsMin;
    while (!stopped()) {
      try {
        const answer = await ask();
        if (refusing) onRefusing(false, "");
        refusing = false;
        return answer;
      } catch (error) {
        if (!refusing) onRefusing(true, error instanceof Error ? error.message : String(error));
        refusing = true;
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(wait * 2, engineThreadLimits.storageRetryMsMax);
      }
    }
    return undefined;
  }
}
