import type { Result } from "@leasewire/net";

/** Committed configurations kept, the active one included: rollback 0 to 49. */
export const commitsKeptMax = 50;

export interface HistoryError {
  readonly code: "rollback-number" | "rollback-missing";
  readonly message: string;
}

/**
 * The commit that `rollback number` means. `commits` is newest first: 0 is the active configuration, 1 the one before it.
 */
export function selectRollback<T>(commits: readonly T[], number: number): Result<T, HistoryError> {
  if (!Number.isInteger(number) || number < 0 || number >= commitsKeptMax) {
    return {
      ok: false,
      error: { code: "rollback-number", message: `rollback takes a number from 0 to ${commitsKeptMax - 1}` },
    };
  }
  const found = commits[number];
  if (found !== undefined) return { ok: true, value: found };
  const kept = commits.length === 0 ? "nothing has been committed yet" : `the oldest kept is ${commits.length - 1}`;
  return {
    ok: false,
    error: { code: "rollback-missing", message: `there is no configuration ${number} in the history: ${kept}` },
  };
}

/** The history after a commit: newest first, the oldest beyond the limit dropped. */
export function recordCommit<T>(commits: readonly T[], commit: T): T[] {
  return [commit, ...commits.slice(0, commitsKeptMax - 1)];
}
