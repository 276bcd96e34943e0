import type { Family, LeasequeryRunDetail } from "@leasewire/api";
import type { ChangeBatch, ChangeJournal, Journalled } from "@leasewire/db";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import { PersistenceService } from "../persistence-thread/service.ts";
import { type JournalLimits, journalLimits } from "./limits.ts";
import type { JournalApi, JournalDeskApi } from "./messages.ts";

export interface JournalParts {
  readonly journal: Pick<ChangeJournal, "append" | "forget" | "read" | "close">;
  readonly node: string;
  /** Where the tables are. */
  readonly store: Omit<PersistenceApi, "writeChanges">;
  readonly limits?: Partial<JournalLimits>;
}

/**
 * Stands before the tables of SQLite: changes are appended to the journal, acknowledged, and taken to the tables later,
 * many at a time.
 *
 * Invariants:
 *   - A sequence is acknowledged only when it is on the disk, and every change before it as well.
 *   - The tables get batches in the order in which they were appended, and the journal keeps each until they have it.
 *   - While the tables refuse nothing is appended: the engine hears their reason, as it would without a journal.
 */
export class JournalService implements JournalApi, JournalDeskApi {
  readonly #parts: JournalParts;
  readonly #limits: JournalLimits;
  /** Gives order, groups and refusals to the writes. */
  readonly #writes: PersistenceService;
  /** Not in the tables yet, oldest first. */
  #unsettled: Journalled[];
  #unsettledChanges = 0;
  #settling: Promise<void> | null = null;
  #settleAtMs = 0;
  #hurry: (() => void) | null = null;
  #hurried = false;
  #refusal: unknown = null;
  #closed = false;
  /** Called whenever something has reached the tables, or was refused. */
  #waiting: (() => void)[] = [];
  /** Id up to which the tables have everything. */
  #settledId = 0;
  #lastId = 0;

  /** What an earlier run of the program left in the journal goes to the tables first. */
  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#limits = { ...journalLimits, ...parts.limits };
    this.#unsettled = parts.journal.read(parts.node);
    for (const { id, batch } of this.#unsettled) {
      this.#unsettledChanges += batch.count;
      this.#lastId = id;
    }
    this.#writes = new PersistenceService(
      {
        bindings: { writeBatches: (_node, batches) => this.#append(batches), pageBatch: () => misplaced() },
        runs: { put: () => misplaced() },
        meta: { lastSequence: (_node, family) => parts.store.lastSequence(family) },
        close: () => this.#close(),
      },
      parts.node,
    );
    this.#settle();
  }

  writeChanges(changes: ChangeBatch): ReturnType<PersistenceApi["writeChanges"]> {
    return this.#writes.writeChanges(changes);
  }

  writeRun(run: LeasequeryRunDetail): Promise<void> {
    return this.#parts.store.writeRun(run);
  }

  async readBindings(family: Family, after: number | null, limit: number): ReturnType<PersistenceApi["readBindings"]> {
    await this.#reached(this.#lastId);
    return this.#parts.store.readBindings(family, after, limit);
  }

  async lastSequence(family: Family): Promise<number> {
    await this.#reached(this.#lastId);
    return this.#writes.lastSequence(family);
  }

  settled(): Promise<void> {
    return this.#reached(this.#lastId);
  }

  close(): Promise<void> {
    return this.#writes.close();
  }

  async #append(batches: readonly ChangeBatch[]): Promise<void> {
    while (this.#refusal === null && this.#unsettledChanges > this.#limits.unsettledMax) await this.#progress();
    if (this.#refusal !== null) throw this.#refusal;
    const { journal, node } = this.#parts;
    const id = journal.append(node, batches);
    this.#lastId = id;
    // They share the id of the last: they were appended together and are forgotten together.
    for (const batch of batches) {
      this.#unsettled.push({ id, batch });
      this.#unsettledChanges += batch.count;
    }
    if (this.#unsettledChanges >= this.#limits.changesPerSettleMax) this.#hurry?.();
    this.#settle();
  }

  /** Resolves once the tables have everything up to that id; rejects while they refuse. */
  async #reached(id: number): Promise<void> {
    while (this.#settledId < id && this.#unsettled.length > 0) {
      if (this.#refusal !== null) throw this.#refusal;
      this.#hurried = true;
      this.#hurry?.();
      await this.#progress();
    }
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    this.#settling ??= this.#settleAll().finally(() => {
      this.#settling = null;
      // Something came while the last was being forgotten.
      if (this.#unsettled.length > 0 && !this.#closed) this.#settle();
    });
  }

  async #settleAll(): Promise<void> {
    const { store, journal, node } = this.#parts;
    let retryMs = this.#limits.retryMsMin;
    while (this.#unsettled.length > 0 && !this.#closed) {
      if (this.#refusal === null) await this.#itsTime();
      const count = this.#takeable();
      const taken = this.#unsettled.slice(0, count);
      try {
        await store.settle(taken.map(({ batch }) => batch));
        const upTo = taken.at(-1)!.id;
        journal.forget(node, upTo);
        this.#unsettled = this.#unsettled.slice(count);
        for (const { batch } of taken) this.#unsettledChanges -= batch.count;
        this.#settledId = upTo;
        this.#refusal = null;
        retryMs = this.#limits.retryMsMin;
        this.#tellWaiting();
      } catch (error) {
        this.#refusal = error;
        this.#tellWaiting();
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, this.#limits.retryMsMax);
      }
    }
  }

  /** How many of the oldest batches make one transaction: whole appends, at least one. */
  #takeable(): number {
    let changes = 0;
    let count = 0;
    for (const [index, { id, batch }] of this.#unsettled.entries()) {
      changes += batch.count;
      if (count > 0 && changes > this.#limits.changesPerSettleMax) break;
      if (this.#unsettled[index + 1]?.id !== id) count = index + 1;
    }
    return count;
  }

  /** Not sooner than the period after the last time, unless there is much or somebody waits. */
  async #itsTime(): Promise<void> {
    const now = performance.now();
    const much = this.#unsettledChanges >= this.#limits.changesPerSettleMax;
    if (!much && !this.#hurried && now < this.#settleAtMs) await this.#pause(this.#settleAtMs - now);
    this.#hurried = false;
    this.#settleAtMs = performance.now() + this.#limits.settlePeriodMs;
  }

  /** Until then, or until somebody is in a hurry. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#hurry = null;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#hurry = end;
    });
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #close(): Promise<void> {
    // What does not get there now is in the journal at the next start.
    await this.#reached(this.#lastId).catch(() => {});
    this.#closed = true;
    this.#hurry?.();
    await this.#settling;
    this.#parts.journal.close();
    await this.#parts.store.close();
  }
}

function misplaced(): never {
  throw new Error("only writes of changes go through the journal");
}
