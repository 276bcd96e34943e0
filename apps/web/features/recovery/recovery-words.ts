import type { BulkRun, BulkRunCause, BulkRunState, BulkServerState, StreamPhase } from "@leasewire/api";
import type { MarkTone } from "#ui/mark.tsx";

interface Words {
  readonly label: string;
  readonly tone: MarkTone;
  readonly meaning: string;
}

export const runStates: Readonly<Record<BulkRunState, Words>> = {
  queued: { label: "Queued", tone: "dim", meaning: "No connection is free: it begins when another run ends." },
  running: { label: "Running", tone: "info", meaning: "Servers are telling their bindings." },
  paused: { label: "Paused", tone: "warn", meaning: "Nothing is read from the servers until somebody resumes it." },
  complete: { label: "Complete", tone: "good", meaning: "Every server told everything." },
  partial: { label: "Partial", tone: "warn", meaning: "Some servers told everything, others did not." },
  failed: { label: "Failed", tone: "bad", meaning: "No server told everything." },
  cancelled: { label: "Cancelled", tone: "dim", meaning: "Somebody ended it. What was recovered until then stays." },
};

export const serverStates: Readonly<Record<BulkServerState, Words>> = {
  queued: { label: "Queued", tone: "dim", meaning: "No connection is free: it is asked when another one ends." },
  connecting: { label: "Connecting", tone: "info", meaning: "The connection is being opened." },
  receiving: { label: "Receiving", tone: "info", meaning: "Bindings arrive." },
  paused: { label: "Paused", tone: "warn", meaning: "Connected, and nothing is read until somebody resumes the run." },
  waiting: { label: "Waiting", tone: "warn", meaning: "An attempt failed; the next one follows." },
  complete: { label: "Complete", tone: "good", meaning: "It told everything." },
  refused: { label: "Refused", tone: "bad", meaning: "It refuses the query: asking again would bring the same." },
  failed: { label: "Failed", tone: "bad", meaning: "All attempts are used up." },
  cancelled: { label: "Cancelled", tone: "dim", meaning: "The run was ended before it was through." },
};

export const streamPhaseWords: Readonly<Record<StreamPhase, Words>> = {
  Idle: { label: "Not connected", tone: "bad", meaning: "The connection is closed, and tried again after a wait." },
  Connecting: { label: "Connecting", tone: "warn", meaning: "The connection is being opened." },
  Connected: { label: "Connected", tone: "warn", meaning: "The connection is open; the server has not answered yet." },
  Bulk: { label: "Bulk", tone: "info", meaning: "The first transfer of all bindings." },
  "Catch-up": { label: "Catch-up", tone: "info", meaning: "What was missed while the connection was down is told." },
  Active: { label: "Active", tone: "good", meaning: "Changes arrive as they happen." },
  Fallback: { label: "Bulk only", tone: "warn", meaning: "The server has no active leasequery: it is asked by bulk." },
};

export const causes: Readonly<Record<BulkRunCause, string>> = {
  operator: "by hand",
  automatic: "after a start",
  active: "for a stream",
  gap: "to fill a gap",
  repetition: "repeated",
};

/** What the list of runs may be narrowed to. */
export const runFilters = ["open", "complete", "failed"] as const;
export type RunFilter = (typeof runFilters)[number];

const filterStates: Readonly<Record<RunFilter, readonly BulkRunState[]>> = {
  open: ["queued", "running", "paused"],
  complete: ["complete"],
  failed: ["partial", "failed", "cancelled"],
};

export function statesOf(filters: readonly RunFilter[]): readonly BulkRunState[] | undefined {
  return filters.length === 0 ? undefined : filters.flatMap((filter) => filterStates[filter]);
}

export function keyWords(run: Pick<BulkRun, "keyKind" | "key">): string {
  if (run.keyKind === "all-configured") return "all configured addresses";
  return isOwn(run) ? "the relay's own relay-id" : `${run.keyKind} ${run.key}`;
}

/** Asked without a key. No identifier is written like that: they are hex, or begin with `ascii:`. */
function isOwn({ keyKind, key }: Pick<BulkRun, "keyKind" | "key">): boolean {
  return keyKind === "relay-id" && (key === "own" || key === "");
}
