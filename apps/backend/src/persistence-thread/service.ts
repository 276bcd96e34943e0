import type { Family, LeasequeryRunDetail } from "@leasewire/api";
import type { BindingRepository, ChangeBatch, MetaRepository, RunRepository } from "@leasewire/db";
import type { PersistenceApi } from "./messages.ts";

/**
 * A transaction that has this many changes takes no further batch: what bounds how long other writers to the same
 * database wait.
 */
export const changesPerTransactionMax = 2_048;
/** Most bindings in one answer to `readBindings`. */
export const bindingsPerPageMax = 10_000;
/** Calls that may wait. More means that the caller does not heed our answers. */
export const callsWaitingMax = 10_000;

/** What is written to: the database, or the part of it that stands before the tables. */
export interface Storage {
  readonly bindings: Pick<BindingRepository, "writeBatches" | "pageBatch">;
  readonly runs: Pick<RunRepository, "put">;
  readonly meta: Pick<MetaRepository, "lastSequence">;
  close(): Promise<void>;
}

type Durable = Record<Family, number>;

interface Write {
  readonly changes: ChangeBatch;
  resolve(durable: { readonly durableSequence: Durable }): void;
  reject(error: unknown): void;
}

type Call = { readonly kind: "write"; readonly write: Write } | { readonly kind: "other"; work(): Promise<void> };

/**
 * Stores what the engine decides.
 *
 * Invariants:
 *   - A sequence is acknowledged only when its transaction has committed, and every change before it as well.
 *   - Calls are worked off in the order in which they came; all writes that came while a transaction was being written
 *     go into the next.
 *   - After a refusal nothing later is stored until the refused change has come again.
 */
export class PersistenceService implements PersistenceApi {
  readonly #database: Storage;
  readonly #node: string;
  readonly #calls: Call[] = [];
  readonly #durable: Durable = { 4: 0, 6: 0 };
  /** Oldest change of each family that was refused and has not come again. */
  readonly #refused: Record<Family, number | null> = { 4: null, 6: null };
  #working = false;
  #closed = false;

  constructor(database: Storage, node: string) {
    this.#database = database;
    this.#node = node;
  }

  writeChanges(changes: ChangeBatch): Promise<{ readonly durableSequence: Durable }> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: "write", write: { changes, resolve, reject } }, reject);
    });
  }

  settle(batches: readonly ChangeBatch[]): Promise<void> {
    return this.#inTurn(() => this.#database.bindings.writeBatches(this.#node, batches));
  }

  writeRun(run: LeasequeryRunDetail): Promise<void> {
    return this.#inTurn(() => this.#database.runs.put(this.#node, run));
  }

  readBindings(family: Family, after: number | null, limit: number) {
    const bindings = Math.min(Math.max(limit, 1), bindingsPerPageMax);
    return this.#inTurn(() => this.#database.bindings.pageBatch(this.#node, family, after, bindings));
  }

  lastSequence(family: Family): Promise<number> {
    return this.#inTurn(async () => {
      const last = await this.#database.meta.lastSequence(this.#node, family);
      this.#durable[family] = Math.max(this.#durable[family], last);
      return last;
    });
  }

  async close(): Promise<void> {
    const done = this.#inTurn(() => this.#database.close());
    this.#closed = true;
    await done;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: "other", work: () => work().then(resolve, reject) }, reject);
    });
  }

  #enqueue(call: Call, reject: (error: Error) => void): void {
    if (this.#closed) {
      reject(new Error("The database is closed: Leasewire is stopping."));
    } else if (this.#calls.length >= callsWaitingMax) {
      reject(new Error(`More than ${callsWaitingMax} calls wait for the database: wait for its answers.`));
    } else {
      this.#calls.push(call);
      if (!this.#working) void this.#work();
    }
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#calls.length > 0) {
      const call = this.#calls[0]!;
      if (call.kind === "write") {
        await this.#writeGroup(this.#takeGroup());
      } else {
        this.#calls.shift();
        await call.work();
      }
      // SQLite blocks this thread while it writes: let in what came meanwhile before the next group is made up.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#working = false;
  }

  /** The writes at the head of the queue, as many as one transaction takes; at least one. */
  #takeGroup(): Write[] {
    const group: Write[] = [];
    let changes = 0;
    for (;;) {
      const call = this.#calls[0];
      if (call?.kind !== "write") return group;
      changes += call.write.changes.count;
      if (group.length > 0 && changes > changesPerTransactionMax) return group;
      this.#calls.shift();
      group.push(call.write);
    }
  }

  async #writeGroup(group: readonly Write[]): Promise<void> {
    const accepted: Write[] = [];
    for (const write of group) {
      const missing = this.#missingBefore(write.changes);
      if (missing === null) accepted.push(write);
      else write.reject(missing);
    }
    if (accepted.length === 0) return;
    const batches = accepted.map((write) => write.changes);
    try {
      await this.#database.bindings.writeBatches(this.#node, batches);
    } catch (error) {
      for (const batch of batches) for (const family of [4, 6] as const) this.#refuse(family, batch.first[family]);
      for (const write of accepted) write.reject(error);
      return;
    }
    for (const batch of batches) {
      for (const family of [4, 6] as const) {
        this.#durable[family] = Math.max(this.#durable[family], batch.last[family]);
      }
    }
    for (const write of accepted) write.resolve({ durableSequence: { ...this.#durable } });
  }

  /** Notes what has come again; answers an error where something older has not. */
  #missingBefore({ first }: ChangeBatch): Error | null {
    for (const family of [4, 6] as const) {
      const refused = this.#refused[family];
      if (refused === null || first[family] === 0) continue;
      if (first[family] > refused) {
        return new Error(`The database refused change ${refused} before this one: write that one again first.`);
      }
    }
    for (const family of [4, 6] as const) if (first[family] !== 0) this.#refused[family] = null;
    return null;
  }

  #refuse(family: Family, sequence: number): void {
    if (sequence === 0) return;
    this.#refused[family] = Math.min(this.#refused[family] ?? sequence, sequence);
  }
}
