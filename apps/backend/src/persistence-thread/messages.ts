import type { Family, LeasequeryRunDetail } from "@leasewire/api";
import type { BindingInput } from "@leasewire/bindings";

/** One change on its way to the database. `binding` carries the key fields also for a removal. */
export interface StoredChange {
  readonly family: Family;
  readonly sequence: number;
  readonly atSeconds: number;
  readonly kind: "put" | "remove";
  readonly cause: string;
  readonly binding: BindingInput;
}

export interface StoredBinding {
  readonly binding: BindingInput;
  readonly sequence: number;
}

/** What the persistence thread does for the engine thread. Calls are worked off in order, one transaction at a time. */
export interface PersistenceApi {
  /** Resolves once the changes are committed. Rejects when the database refuses: the caller keeps them and tries again. */
  writeChanges(
    changes: readonly StoredChange[],
  ): Promise<{ readonly durableSequence: Readonly<Record<Family, number>> }>;
  /** Resolves once the run, with its exchanges, is committed; a later call with the same id replaces it. */
  writeRun(run: LeasequeryRunDetail): Promise<void>;
  /** Bindings of this node after restart, in pages ordered by sequence; null `next` ends. */
  readBindings(
    family: Family,
    after: number | null,
    limit: number,
  ): Promise<{ readonly bindings: readonly StoredBinding[]; readonly next: number | null }>;
  /** Highest sequence ever stored for the family, so that numbering goes on after it. */
  lastSequence(family: Family): Promise<number>;
  /** Finishes what is queued and closes the database. */
  close(): Promise<void>;
}

/** Start data of the persistence worker. */
export interface PersistenceWorkerData {
  readonly databaseUrl: string;
  readonly node: string;
  /** Port to the engine thread. */
  readonly enginePort: import("node:worker_threads").MessagePort;
}
