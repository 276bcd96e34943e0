import { type BindingRow, bindingBatchPeriodMs, bindingBatchRowsMax, type Family } from "@leasewire/api";
import { type BindingTable, bindingId, type LogReader } from "@leasewire/bindings";
import { bindingRow } from "./binding-rows.ts";
import { openReader } from "./change-writer.ts";
import type { EngineEvent } from "./messages.ts";

const families = [4, 6] as const;

/** Tells the browsers of changes: at most one batch per family and period, or that there are too many to tell. */
export class Publisher {
  readonly #readers: Readonly<Record<Family, LogReader>>;
  readonly #durableSequence: (family: Family) => number;
  readonly #emit: (event: EngineEvent) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    tables: Readonly<Record<Family, BindingTable>>,
    durableSequence: (family: Family) => number,
    emit: (event: EngineEvent) => void,
  ) {
    this.#readers = { 4: openReader(tables[4], "browser"), 6: openReader(tables[6], "browser") };
    this.#durableSequence = durableSequence;
    this.#emit = emit;
  }

  /** The table may have changed. */
  kick(): void {
    if (families.every((family) => this.#readers[family].behind === 0)) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const family of families) this.#publish(family);
    }, bindingBatchPeriodMs);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #publish(family: Family): void {
    const reader = this.#readers[family];
    if (reader.behind === 0) return;
    if (reader.dropped > 0 || reader.behind > bindingBatchRowsMax) {
      this.#emit({ kind: "bindings-overflow", family, toSequence: reader.resync() });
      return;
    }
    const fromSequence = reader.position + 1;
    const rows = new Map<string, BindingRow>();
    const removed = new Set<string>();
    for (const { kind, binding } of reader.read(bindingBatchRowsMax)) {
      const id = bindingId(family, binding.instance, binding.address, binding.prefixLength);
      if (kind === "remove") {
        rows.delete(id);
        removed.add(id);
      } else {
        removed.delete(id);
        rows.set(id, bindingRow(family, binding, this.#durableSequence(family)));
      }
    }
    this.#emit({
      kind: "bindings",
      batch: { family, fromSequence, toSequence: reader.position, rows: [...rows.values()], removed: [...removed] },
    });
  }
}
