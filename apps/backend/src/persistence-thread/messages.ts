import type { Family, LeasequeryRunDetail } from "@leasewire/api";
import type { ChangeBatch, StoredBinding, StoredChange } from "@leasewire/db";

export type { ChangeBatch, StoredBinding, StoredChange };

/**
 * What the persistence thread does for the engine thread. Calls are worked off in order, one transaction at a time. A
 * call that the database refuses rejects with one plain line as its message, and the thread goes on by itself with the
 * next one.
 */
export interface PersistenceApi {
  /**
   * Resolves once the changes are committed: everything of the family up to `durableSequence` is. Rejects when the
   * database refuses: the caller keeps them and tries again, beginning with the oldest refused one; until it comes, later
   * ones are refused too, so that no gap is ever called durable.
   */
  writeChanges(changes: ChangeBatch): Promise<{ readonly durableSequence: Readonly<Record<Family, number>> }>;
  /**
   * The same for changes that are durable in the journal already, which sees to their order: all in one transaction. A
   * change that is there already is left as it is.
   */
  settle(batches: readonly ChangeBatch[]): Promise<void>;
  /** Resolves once the run, with its exchanges, is committed; a later call with the same id replaces it. */
  writeRun(run: LeasequeryRunDetail): Promise<void>;
  /** Bindings of this node after restart, as puts in pages ordered by sequence; null `next` ends. */
  readBindings(
    family: Family,
    after: number | null,
    limit: number,
  ): Promise<{ readonly bindings: ChangeBatch; readonly next: number | null }>;
  /** Highest sequence ever stored for the family, so that numbering goes on after it. */
  lastSequence(family: Family): Promise<number>;
  /** Finishes what is queued and closes the database. */
  close(): Promise<void>;
}

/** What the persistence thread tells the main thread, over the worker's parentPort. */
export type PersistenceEvent =
  /** The database is open and its tables are as this program needs them: calls of the engine are worked off. */
  | { readonly kind: "ready"; readonly tookMs: number }
  /** It cannot be opened. `reason` is one line for the operator; the worker ends with code 1. */
  | { readonly kind: "failed"; readonly reason: string };

/** Start data of the persistence worker. */
export interface PersistenceWorkerData {
  readonly databaseUrl: string;
  readonly node: string;
  /** Port to the engine thread. */
  readonly enginePort: import("node:worker_threads").MessagePort;
}
