import type { Answer, BindingListInput, BindingPage, BindingRole } from "@leasewire/api";
import { type BindingQuery, type BindingTable, openQuery, QUERY_STEP_ROWS } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { originsOf, readFilter } from "./binding-filter.ts";
import { bindingRow } from "./binding-rows.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

interface View {
  readonly query: BindingQuery;
  /** What was asked; a page of the same view must ask the same. */
  readonly key: string;
  usedAtMs: number;
}

/**
 * Pages of the binding lists. The order of a list is worked out once, in slices between packets, and remembered under
 * its view, so that rows hold still while somebody pages through them.
 */
export class BindingViews {
  readonly #tables: Readonly<Record<4 | 6, BindingTable>>;
  readonly #now: () => number;
  readonly #views = new Map<string, View>();
  #next = 1;
  #running = 0;

  constructor(tables: Readonly<Record<4 | 6, BindingTable>>, now: () => number) {
    this.#tables = tables;
    this.#now = now;
  }

  get size(): number {
    return this.#views.size;
  }

  async page(input: BindingListInput, durableSequence: () => number): Promise<Answer<BindingPage>> {
    const table = this.#tables[input.family];
    const key = JSON.stringify([input.family, input.filter, input.sort]);
    let view = input.view;
    let entry = view === undefined ? undefined : this.#views.get(view);
    if (view === undefined || entry === undefined || entry.key !== key) {
      const read = readFilter(table, input.filter);
      if (!read.ok) return read;
      if (this.#running >= engineThreadLimits.listsConcurrentMax) {
        return {
          ok: false,
          refusal: { code: "UNAVAILABLE", message: "Too many lists are being made at once: try again in a moment." },
        };
      }
      const { column, direction } = input.sort;
      const query = openQuery(table, read.filter, { column, descending: direction === "desc" });
      this.#running += 1;
      try {
        while (!query.step()) await yieldToPackets();
      } finally {
        this.#running -= 1;
      }
      view = `v${this.#next}`;
      this.#next += 1;
      entry = { query, key, usedAtMs: this.#now() };
      this.#views.set(view, entry);
    } else {
      // Last used goes last: the first is the one to forget.
      this.#views.delete(view);
      this.#views.set(view, entry);
      entry.usedAtMs = this.#now();
    }
    this.#forget();
    const bindings = entry.query.page(input.offset, input.limit);
    const durable = durableSequence();
    return {
      ok: true,
      value: {
        view,
        total: entry.query.total,
        offset: input.offset,
        rows: bindings.map((binding) => bindingRow(input.family, binding, durable)),
        sequence: table.sequence,
        durableSequence: durable,
      },
    };
  }

  #forget(): void {
    const { viewsMax, viewLifetimeMs } = engineThreadLimits;
    for (const [name, view] of this.#views) {
      if (this.#views.size <= viewsMax && this.#now() - view.usedAtMs < viewLifetimeMs) return;
      this.#views.delete(name);
    }
  }
}

/** Bindings of one role by state, in the order of `BindingTable.counts`; worked out in slices between packets. */
export async function countStates(
  table: BindingTable,
  instance: InstanceName,
  role: BindingRole,
): Promise<readonly number[]> {
  const query = openQuery(table, { instances: [instance], origins: originsOf(role) });
  while (!query.step()) await yieldToPackets();
  const counts: number[] = [];
  let visited = 0;
  for (const row of query.rows) {
    const state = table.stateOf(row);
    counts[state] = (counts[state] ?? 0) + 1;
    visited += 1;
    if (visited % QUERY_STEP_ROWS === 0) await yieldToPackets();
  }
  return counts;
}
