import type { BindingRow, BindingsChanged } from "@leasewire/api";

/** What the table knows when a batch of changes arrives. */
export interface ListKnowledge {
  /** Newest change already in it. */
  readonly sequence: number;
  /** Sequence of a row that is loaded; undefined where it is not. */
  readonly loaded: (id: string) => number | undefined;
  /** Whether a row could be in the filtered list. */
  readonly mayMatch: (row: BindingRow) => boolean;
}

export type Merge =
  /** Older than what the table holds. */
  | { readonly kind: "ignored" }
  /** Changes were missed: everything loaded is fetched again, in its order. */
  | { readonly kind: "refetch"; readonly sequence: number }
  | {
      readonly kind: "merged";
      readonly sequence: number;
      /** Loaded rows with their new content; they keep their places. */
      readonly updates: readonly BindingRow[];
      /** Loaded rows whose binding is gone. */
      readonly removals: readonly string[];
      /** Bindings that may belong into the list and are not loaded. */
      readonly outside: readonly string[];
    };

/**
 * Decides what a batch does to the list. Rows hold still: a change never moves one, and what is new waits until the
 * reader asks for it.
 */
export function mergeBatch(known: ListKnowledge, batch: BindingsChanged): Merge {
  if (batch.toSequence <= known.sequence) return { kind: "ignored" };
  if (batch.fromSequence > known.sequence + 1) return { kind: "refetch", sequence: batch.toSequence };
  const updates: BindingRow[] = [];
  const outside: string[] = [];
  for (const row of batch.rows) {
    const sequence = known.loaded(row.id);
    if (sequence === undefined) {
      if (row.sequence > known.sequence && known.mayMatch(row)) outside.push(row.id);
    } else if (row.sequence > sequence) updates.push(row);
  }
  return {
    kind: "merged",
    sequence: batch.toSequence,
    updates,
    removals: batch.removed.filter((id) => known.loaded(id) !== undefined),
    outside,
  };
}

/** Rows in one block of the table; a list of at most one block counts as small. */
export const blockRows = 100;

/**
 * Whether new bindings go into the list at once: where it is empty, or so short, in order of change and at its top that
 * nothing one looks at is pushed away.
 */
export function showsAtOnce(list: {
  readonly total: number;
  readonly newestFirst: boolean;
  readonly atTop: boolean;
  readonly arriving: number;
}): boolean {
  if (list.total === 0) return true;
  return list.newestFirst && list.atTop && list.total + list.arriving <= blockRows;
}

/** The bar above the list. With rows that are not loaded, an unknown binding may be one of them that changed. */
export function arrivalsText(count: number, allLoaded: boolean): string {
  const what = count === 1 ? "binding" : "bindings";
  return allLoaded ? `${count} new ${what}` : `${count} new or changed ${what} outside the rows shown`;
}
