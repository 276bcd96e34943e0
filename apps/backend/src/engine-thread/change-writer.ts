import type { Family } from "@leasewire/api";
import { type BindingTable, type ChainCursor, LoggedChange, type LogReader } from "@leasewire/bindings";
import { type ChangeBatch, ChangeBatchWriter } from "@leasewire/db/change-batch";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

export interface ChangeWriterParts {
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly persistence: Pick<Remote<PersistenceApi>, "writeChanges">;
  /** Work for the database that comes after changes: runs. Rejects when the database refuses. */
  readonly afterChanges: () => Promise<void>;
  onDurable(family: Family, sequence: number): void;
  onRefusing(refusing: boolean, reason: string): void;
}

/** Rows that are written instead of changes which have left the log, up to the sequence where the log goes on. */
interface CatchUp {
  readonly chain: ChainCursor;
  readonly upTo: number;
}

/** A batch that was sent and not answered. */
interface UnderWay {
  readonly batch: ChangeBatch;
  readonly answer: ReturnType<PersistenceApi["writeChanges"]>;
}

const families = [4, 6] as const;

/**
 * Takes the changes of both tables to the database, in order and in batches. What is decided while one is being written is
 * sent after it at once, up to `changeWritesUnderWayMax`: when the disk is done, the next transaction is there, with all
 * that has come meanwhile. While the database refuses, changes stay in the log and are tried again, less and less often.
 */
export class ChangeWriter {
  readonly durableSequence: Record<Family, number> = { 4: 0, 6: 0 };
  readonly #parts: ChangeWriterParts;
  readonly #readers: Record<Family, LogReader>;
  #pumping: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #refusing = false;
  /** A catch-up has found nothing to write yet, and there may be more. */
  #unfinished = false;
  #wake: (() => void) | null = null;
  readonly #batch = new ChangeBatchWriter();
  readonly #changes: Readonly<Record<Family, LoggedChange>> = { 4: new LoggedChange(4), 6: new LoggedChange(6) };
  /** Oldest first. */
  #underWay: UnderWay[] = [];
  /** Refused, or sent after something that was: they are sent again before anything else. */
  #refused: ChangeBatch[] = [];
  readonly #catchingUp: Record<Family, CatchUp | null> = { 4: null, 6: null };

  constructor(parts: ChangeWriterParts) {
    this.#parts = parts;
    this.#readers = { 4: openReader(parts.tables[4], "persistence"), 6: openReader(parts.tables[6], "persistence") };
    for (const family of families) this.durableSequence[family] = parts.tables[family].sequence;
  }

  get refusing(): boolean {
    return this.#refusing;
  }

  get behind(): number {
    return families.reduce(
      (sum, family) => sum + Math.max(0, this.#parts.tables[family].sequence - this.durableSequence[family]),
      0,
    );
  }

  /** There may be something to write. */
  kick(): void {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#pumping !== null && this.#wake === null) this.#send();
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
    });
  }

  /** Writes what is there; gives up at once if the database refuses. Resolves with whether all is stored. */
  async flush(): Promise<boolean> {
    this.#stopped = true;
    this.#wake?.();
    if (this.#pumping !== null) await this.#pumping;
    try {
      for (this.#send(); this.#underWay.length > 0 || this.#unfinished; this.#send()) await this.#goOn();
      await this.#parts.afterChanges();
      return true;
    } catch {
      return false;
    }
  }

  async #pump(): Promise<void> {
    let wait: number = engineThreadLimits.storageRetryMsMin;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        this.#send();
        while (this.#underWay.length > 0 || (this.#unfinished && !this.#stopped)) {
          await this.#goOn();
          if (!this.#stopped) this.#send();
        }
        if (!this.#stopped) await this.#parts.afterChanges();
        if (this.#refusing) {
          this.#refusing = false;
          this.#parts.onRefusing(false, "");
        }
        wait = engineThreadLimits.storageRetryMsMin;
      } catch (error) {
        if (!this.#refusing) {
          this.#refusing = true;
          this.#parts.onRefusing(true, error instanceof Error ? error.message : String(error));
        }
        this.#again = true;
        await this.#pause(wait);
        wait = Math.min(wait * 2, engineThreadLimits.storageRetryMsMax);
      }
    }
  }

  /** Until an answer has come or, where nothing is under way, packets had their turn. */
  #goOn(): Promise<void> {
    return this.#underWay.length > 0 ? this.#receive() : yieldToPackets();
  }

  /** Sends what there is, as far as more may be under way. */
  #send(): void {
    while (this.#underWay.length < engineThreadLimits.changeWritesUnderWayMax) {
      const batch = this.#refused.shift() ?? this.#gathered();
      if (batch === null) return;
      const answer = this.#parts.persistence.writeChanges(batch);
      // Heard when its turn comes.
      answer.catch(() => {});
      this.#underWay.push({ batch, answer });
    }
  }

  /** The oldest answer. What is refused is kept for the next try, with all that was sent after it. */
  async #receive(): Promise<void> {
    const { answer } = this.#underWay[0]!;
    try {
      const { durableSequence } = await answer;
      this.#underWay.shift();
      for (const family of families) {
        if (durableSequence[family] <= this.durableSequence[family]) continue;
        this.durableSequence[family] = durableSequence[family];
        this.#parts.onDurable(family, durableSequence[family]);
      }
    } catch (error) {
      await Promise.allSettled(this.#underWay.map((sent) => sent.answer));
      this.#refused = [...this.#underWay.map((sent) => sent.batch), ...this.#refused];
      this.#underWay = [];
      throw error;
    }
  }

  #gathered(): ChangeBatch | null {
    this.#unfinished = false;
    for (const family of families) this.#next(family);
    return this.#batch.count === 0 ? null : this.#batch.take();
  }

  #next(family: Family): void {
    const reader = this.#readers[family];
    if (reader.dropped > 0 || this.#catchingUp[family] !== null) {
      this.#unfinished = true;
      this.#catchUp(family, reader);
      return;
    }
    const change = this.#changes[family];
    for (let left = engineThreadLimits.changesPerWriteMax; left > 0 && reader.next(change); left -= 1) {
      this.#batch.addLogged(change);
    }
  }

  /**
   * The database refused for so long, or so much was recovered at once, that changes have left the log. The table itself still has the latest of each
   * binding; removals wait while the database refuses, so none is lost. What changes while this goes on is in the log.
   */
  #catchUp(family: Family, reader: LogReader): void {
    const table = this.#parts.tables[family];
    if (reader.dropped > 0) {
      this.#catchingUp[family]?.chain.close();
      const afterSequence = Math.min(reader.position, this.durableSequence[family]);
      this.#catchingUp[family] = { chain: table.chain({ afterSequence }), upTo: reader.resync() };
    }
    const { chain, upTo } = this.#catchingUp[family] as CatchUp;
    // Where it begins may be a million rows away.
    if (chain.peek(engineThreadLimits.catchUpSeekRowsMax) < 0) return;
    const { rows, done } = chain.next(engineThreadLimits.changesPerWriteMax);
    let reached = done;
    for (const row of rows) {
      const binding = table.at(row);
      if (binding === undefined) continue;
      if (binding.sequence > upTo) {
        reached = true;
        break;
      }
      const { sequence, changedAtSeconds: atSeconds } = binding;
      const cause = "catch-up of the database";
      this.#batch.add({ family, sequence, atSeconds, kind: "put", cause, binding });
    }
    if (!reached) return;
    chain.close();
    this.#catchingUp[family] = null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      this.#wake = done;
      const self = this;
      function done() {
        clearTimeout(timer);
        self.#wake = null;
        resolve();
      }
    });
  }
}

export function openReader(table: BindingTable, name: string): LogReader {
  const reader = table.log.reader(name);
  if ("code" in reader) throw new Error(reader.message);
  return reader;
}
