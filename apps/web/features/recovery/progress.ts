import type { BulkRun, BulkRunServer } from "@leasewire/api";
import { allowed, denied, type Permission } from "#lib/permissions.ts";

/** How far something is: `percent` and `etaMs` are null where that cannot be told. */
export interface Progress {
  readonly received: number;
  readonly expected: number | null;
  readonly percent: number | null;
  readonly ratePerSecond: number;
  readonly etaMs: number | null;
}

export function serverProgress(server: BulkRunServer): Progress {
  const { received, expected, ratePerSecond, etaMs } = server;
  return { received, expected, percent: share(received, expected, server.state === "complete"), ratePerSecond, etaMs };
}

/** A run is as far as its servers together, and through when the last one is. */
export function runProgress(run: BulkRun): Progress {
  const etas = run.servers.filter(isReceiving).map(({ etaMs }) => etaMs);
  const open = run.servers.filter(({ state }) => !isEnded(state));
  const known = open.length > 0 && etas.length === open.length && etas.every((eta) => eta !== null);
  const expectedOfServers = run.servers.map(({ expected }) => expected);
  const summed = expectedOfServers.every((expected) => expected !== null)
    ? expectedOfServers.reduce<number>((sum, expected) => sum + (expected ?? 0), 0)
    : null;
  return {
    received: run.received,
    expected: summed ?? run.expected,
    percent: share(run.received, summed ?? run.expected, run.state === "complete"),
    ratePerSecond: run.servers.reduce((sum, server) => sum + server.ratePerSecond, 0),
    etaMs: known ? Math.max(...(etas as number[])) : null,
  };
}

/** What was expected is only what was known: it may be outrun, and then says nothing any more. */
function share(received: number, expected: number | null, complete: boolean): number | null {
  if (complete) return 100;
  return expected !== null && isLess({ received, expected }) ? (received * 100) / expected : null;
}

/** False where what was expected says nothing: an empty table expects nothing, and is outrun at once. */
export function isLess({ received, expected }: Pick<Progress, "received" | "expected">): boolean {
  return expected !== null && expected > 0 && received <= expected;
}

function isReceiving({ state }: BulkRunServer): boolean {
  return state === "receiving";
}

function isEnded(state: BulkRunServer["state"]): boolean {
  return state === "complete" || state === "refused" || state === "failed" || state === "cancelled";
}

/** Nothing about it will change any more. */
export function isSettled(run: BulkRun): boolean {
  return run.finishedAtMs !== null && run.stored;
}

/** Servers that `retry` asks again. */
export function failedServers(run: BulkRun): number {
  return run.servers.filter(({ state }) => state === "failed" || state === "refused" || state === "cancelled").length;
}

/** What may be done with a run as it stands, and why not. */
export const runCan = {
  pause(run: BulkRun): Permission {
    if (run.state === "running" || run.state === "queued") return allowed;
    return denied(run.state === "paused" ? "It is paused already." : "It has ended: there is nothing to pause.");
  },
  resume(run: BulkRun): Permission {
    return run.state === "paused" ? allowed : denied("It is not paused.");
  },
  cancel(run: BulkRun): Permission {
    return run.finishedAtMs === null ? allowed : denied("It has ended: there is nothing to cancel.");
  },
  retry(run: BulkRun): Permission {
    if (run.finishedAtMs === null)
      return denied("It is still under way: failed servers can be asked again once it ends.");
    return failedServers(run) > 0 ? allowed : denied("No server failed: there is nothing to ask again.");
  },
} as const;
