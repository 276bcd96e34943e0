import type { RowView } from "@leasewire/bindings";

/**
 * An answer that is written piece by piece as the socket drains: a place in the table, and nothing that grows with the
 * number of bindings but bits.
 */
export interface Answer {
  readonly kind: "bulk" | "active";
  readonly xid: number;
  /** What is asked for, printable. */
  readonly key: string;
  readonly startedAtMs: number;
  readonly phase: "bulk" | "catch-up" | "active";
  /** Bindings told; DHCPv6: clients. */
  readonly told: number;
  readonly messages: number;
  /** How far the walk is, 0 to 1; null: no end, or not known. */
  readonly progress: number | null;
  /** Writes whole frames from `at` on, none beyond `end`; gives where they end. After that look at `state`. */
  fill(into: Uint8Array, at: number, end: number, now: number): number;
  /** `more`: go on at once. `room`: the next frame needs more room. `waiting`: nothing to tell for now. `done`: was the last. */
  readonly state: "more" | "room" | "waiting" | "done";
  /** Ends it before its time: the next `fill` writes the last message, which says so. */
  terminate(text: string): void;
  /** Gives back what it holds of the table. */
  close(): void;
}

/** Rows looked at in one go, told or not: the bound on the time of one `fill` that finds nothing. */
export const VISITS_PER_FILL = 16_384;

export function isTold(view: RowView, instanceId: number, origins: number): boolean {
  return view.instanceId === instanceId && (origins & (1 << view.origin)) !== 0;
}
