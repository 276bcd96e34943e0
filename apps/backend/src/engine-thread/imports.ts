import type { Answer, Family } from "@leasewire/api";
import { type BindingInput, type BindingTable, incomingWins } from "@leasewire/bindings";
import type { AddressPool4, AddressPool6 } from "@leasewire/config";
import { type ChangeBatch, ChangeBatchReader, ChangeBatchWriter } from "@leasewire/db/change-batch";
import { type InstanceName, ipv4FromBytes, ipv4PrefixContains, ipv6PrefixContains } from "@leasewire/net";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

/** What became of the bindings of one batch. */
export interface ImportCounts {
  /** In the table now as the file has them: changed, or so already. */
  readonly taken: Readonly<Record<Family, number>>;
  /** Of those, how many were so already. */
  readonly unchanged: number;
  /** The table knows something newer, or the row ends what is not there. */
  readonly passedOver: number;
  /** Taken although no pool of the instance holds the address. */
  readonly outsidePools: number;
  /** By the table, with what it says. */
  readonly refused: readonly { readonly line: number; readonly message: string }[];
}

export interface ImportsParts {
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly nowSeconds: () => number;
  readonly durableSequence: (family: Family) => number;
  /** Changes that wait for the database. */
  readonly behind: () => number;
  readonly pools: () => readonly (AddressPool4 | AddressPool6)[];
  readonly onChanged: () => void;
}

interface Running {
  /** By family, a bit for each row this import has written. */
  readonly written: Readonly<Record<Family, RowMarks>>;
}

const families = [4, 6] as const;

/**
 * Puts what comes from files into the tables, in slices between packets, and no faster than the database takes it: the table's
 * log, which holds what is not stored yet, stays short.
 *
 * A row of the file yields to a binding that knows of a later transaction (RFC 6926 §7.6). Among rows of one file the last
 * holds, whatever their times: the files are journals.
 */
export class Imports {
  readonly #parts: ImportsParts;
  readonly #running = new Map<string, Running>();
  #waiting: (() => void)[] = [];
  #stopped = false;
  #lastPool: AddressPool4 | AddressPool6 | undefined;

  constructor(parts: ImportsParts) {
    this.#parts = parts;
  }

  begin(id: string): Answer<{ readonly bindingsMax: Readonly<Record<Family, number>> }> {
    if (this.#running.size >= engineThreadLimits.importsMax) {
      return refuse(`No more than ${engineThreadLimits.importsMax} imports run at a time: wait for one to end.`);
    }
    this.#running.set(id, { written: { 4: new RowMarks(), 6: new RowMarks() } });
    const room = (family: Family) => this.#parts.tables[family].limits.bindingsMax - this.#parts.tables[family].size;
    return { ok: true, value: { bindingsMax: { 4: room(4), 6: room(6) } } };
  }

  /**
   * Bindings of one instance; a change of kind `remove` only ends what is there. The sequence of a change is the line it came
   * from. Resolves once they are in the table and not too much waits for the database.
   */
  async batch(id: string, batch: ChangeBatch): Promise<Answer<ImportCounts>> {
    const running = this.#running.get(id);
    if (running === undefined || this.#stopped) return refuse("The engines are stopping.");
    // Pools may have changed since the last batch.
    this.#lastPool = undefined;
    const counts = { taken: { 4: 0, 6: 0 }, unchanged: 0, passedOver: 0, outsidePools: 0 };
    const refused: { line: number; message: string }[] = [];
    const reader = new ChangeBatchReader(batch);
    for (let slice = 0; reader.next(); slice += 1) {
      if (slice === engineThreadLimits.importRowsPerSlice) {
        slice = 0;
        this.#parts.onChanged();
        await yieldToPackets();
      }
      const { family } = reader;
      const outcome = this.#put(running, family, reader.binding(), reader.removal, reader.cause);
      switch (outcome) {
        case "passed-over":
          counts.passedOver += 1;
          break;
        case "inserted":
        case "updated":
        case "unchanged":
          counts.taken[family] += 1;
          if (outcome === "unchanged") counts.unchanged += 1;
          if (!this.#inPool(family, reader)) counts.outsidePools += 1;
          break;
        default:
          refused.push({ line: reader.sequence, message: outcome.message });
      }
    }
    this.#parts.onChanged();
    while (this.#goesOn(id) && this.#parts.behind() > engineThreadLimits.importBehindMax) await this.#durableAdvances();
    return { ok: true, value: { ...counts, refused } };
  }

  /** Resolves once all that was put until now is in the database: true; false when it is ended or the engines stop before. */
  async stored(id: string): Promise<boolean> {
    const upTo = { 4: this.#parts.tables[4].sequence, 6: this.#parts.tables[6].sequence };
    while (families.some((family) => this.#parts.durableSequence(family) < upTo[family])) {
      if (!this.#goesOn(id)) return false;
      await this.#durableAdvances();
    }
    return true;
  }

  /** No further batch comes; what waits for the database on its account waits no longer. */
  end(id: string): void {
    if (this.#running.delete(id)) this.durable();
  }

  /** More has been stored. */
  durable(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  stop(): void {
    this.#stopped = true;
    this.durable();
  }

  #goesOn(id: string): boolean {
    return !this.#stopped && this.#running.has(id);
  }

  #durableAdvances(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #put(running: Running, family: Family, binding: BindingInput, onlyEnds: boolean, cause: string) {
    const table = this.#parts.tables[family];
    const row = table.byPrefix(binding.instance, binding.address, binding.prefixLength);
    if (row < 0) {
      if (onlyEnds) return "passed-over" as const;
    } else {
      const existing = table.at(row)!;
      const earlierRow = running.written[family].has(row) && existing.origin === "import";
      if (!earlierRow && !incomingWins(existing, binding)) return "passed-over" as const;
    }
    const result = table.put(binding, cause, this.#parts.nowSeconds());
    if (result.outcome === "refused") return result.refusal;
    running.written[family].add(result.row);
    return result.outcome;
  }

  #inPool(family: Family, { instance, address }: { instance: InstanceName; address: Uint8Array }): boolean {
    const holds = (pool: AddressPool4 | AddressPool6) => {
      if (pool.instance !== instance || pool.family !== family) return false;
      return pool.family === 4
        ? ipv4PrefixContains(pool.network, ipv4FromBytes(address))
        : ipv6PrefixContains(pool.prefix, address);
    };
    // Files are mostly in order of addresses: the pool of the row before is that of this one.
    if (this.#lastPool !== undefined && holds(this.#lastPool)) return true;
    const pool = this.#parts.pools().find(holds);
    if (pool !== undefined) this.#lastPool = pool;
    return pool !== undefined;
  }
}

/** A set of row numbers, an eighth of an octet each. */
class RowMarks {
  #words = new Uint32Array(1024);

  has(row: number): boolean {
    return ((this.#words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }

  add(row: number): void {
    const word = row >>> 5;
    if (word >= this.#words.length) {
      const words = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[word]! |= 1 << (row & 31);
  }
}

/**
 * Bindings of an instance in rows after `afterRow`, and the row to go on after; null at the end. What changes while one goes
 * through the table may be met before or after its change.
 */
export function exportRows(
  table: BindingTable,
  instance: InstanceName,
  afterRow: number,
): { readonly bindings: ChangeBatch; readonly next: number | null } {
  const writer = new ChangeBatchWriter();
  const upTo = Math.min(afterRow + engineThreadLimits.exportRowsPerSlice, table.rowLast);
  for (let row = afterRow + 1; row <= upTo; row += 1) {
    if (!table.has(row) || table.instanceOf(row) !== instance) continue;
    const binding = table.at(row)!;
    const { sequence, changedAtSeconds: atSeconds } = binding;
    writer.add({ family: table.family, sequence, atSeconds, kind: "put", cause: "", binding });
  }
  return { bindings: writer.take(), next: upTo < table.rowLast ? upTo : null };
}

function refuse(message: string): Answer<never> {
  return { ok: false, refusal: { code: "UNAVAILABLE", message } };
}
