import type { MessagePort } from "node:worker_threads";
import type { PersistenceApi } from "../persistence-thread/messages.ts";

/**
 * What the journal thread does for the engine thread in front of SQLite: the same as the persistence thread, but changes
 * are durable in the journal (packages/db/src/change-journal.ts) before they are in the tables.
 */
export type JournalApi = Omit<PersistenceApi, "settle">;

/** What it does for the main thread. */
export interface JournalDeskApi {
  /** Resolves once everything durable now is in the tables; rejects while they refuse. */
  settled(): Promise<void>;
}

/** What the journal thread tells the main thread, over the worker's parentPort. */
export interface JournalEvent {
  /** It cannot be opened. `reason` is one line for the operator; the worker ends with code 1. */
  readonly kind: "failed";
  readonly reason: string;
}

/** Start data of the journal worker. */
export interface JournalWorkerData {
  readonly file: string;
  readonly node: string;
  /** Port to the engine thread. */
  readonly enginePort: MessagePort;
  /** Port to the persistence thread. */
  readonly persistencePort: MessagePort;
}
