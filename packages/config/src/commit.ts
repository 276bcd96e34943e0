import type { Result } from "@leasewire/net";
import { type CheckContext, checkConfiguration } from "./check.ts";
import { type Finding, hasErrors } from "./finding.ts";
import { printSet } from "./print-set.ts";
import { applyStatements } from "./text/parse.ts";
import type { ConfigTree } from "./tree.ts";

/**
 * Candidate, active configuration and a commit that waits to be confirmed. Times are milliseconds since 1970, given as `now`.
 *
 * Invariants:
 *   - What is active has passed the commit check, apart from what a rollback of an unconfirmed commit brings back.
 *   - At most one commit waits. It reverts to the last configuration that was committed for good, also when commits that
 *     wait followed each other: whoever is locked out gets back what is known to work.
 */
export interface CommitState {
  readonly candidate: ConfigTree;
  readonly active: ConfigTree;
  readonly pendingConfirm?: PendingConfirm;
}

export interface PendingConfirm {
  readonly revertTo: ConfigTree;
  readonly deadlineMs: number;
}

/** `commit confirmed` without a number, and its bounds (Junos). */
export const confirmMinutesDefault = 10;
export const confirmMinutesMax = 65_535;

/** What the caller has to carry out. */
export type CommitEffect =
  | { readonly kind: "activate"; readonly tree: ConfigTree; readonly reason: "commit" | "commit-confirmed" | "revert" }
  | { readonly kind: "confirmed" };

export interface Transition {
  readonly state: CommitState;
  readonly effects: readonly CommitEffect[];
  readonly findings: readonly Finding[];
}

export interface CommitError {
  readonly code: "commit-check" | "confirm-minutes" | "nothing-pending";
  readonly message: string;
  readonly findings: readonly Finding[];
}

export function startCommitState(active: ConfigTree, pendingConfirm?: PendingConfirm): CommitState {
  return { candidate: active, active, ...(pendingConfirm === undefined ? {} : { pendingConfirm }) };
}

/** Changes the candidate by set, delete, activate and deactivate statements; an error anywhere changes nothing. */
export function editCandidate(state: CommitState, text: string): { state: CommitState; findings: Finding[] } {
  const { tree, findings } = applyStatements(state.candidate, text);
  return { state: { ...state, candidate: tree }, findings };
}

/** Replaces the candidate: a loaded file, a rollback, or the active configuration to discard changes. */
export function replaceCandidate(state: CommitState, candidate: ConfigTree): CommitState {
  return { ...state, candidate };
}

export function discardCandidate(state: CommitState): CommitState {
  return { ...state, candidate: state.active };
}

export function candidateDiffers(state: CommitState): boolean {
  return state.candidate !== state.active && printSet(state.candidate) !== printSet(state.active);
}

/**
 * `commit` and `commit confirmed`. Errors: `commit-check` with the findings, `confirm-minutes`. A plain commit also confirms one
 * that waits.
 */
export function commitCandidate(
  state: CommitState,
  now: number,
  options: { readonly confirmedMinutes?: number; readonly context?: CheckContext } = {},
): Result<Transition, CommitError> {
  const { confirmedMinutes } = options;
  if (confirmedMinutes !== undefined && !isMinutes(confirmedMinutes)) {
    return refused("confirm-minutes", `commit confirmed takes 1 to ${confirmMinutesMax} minutes`, []);
  }
  const findings = checkConfiguration(state.candidate, options.context);
  if (hasErrors(findings)) {
    const count = findings.filter((finding) => finding.severity === "error").length;
    return refused("commit-check", `the commit check found ${count} ${count === 1 ? "error" : "errors"}`, findings);
  }
  const { candidate, pendingConfirm } = state;
  if (confirmedMinutes === undefined) {
    const effects: CommitEffect[] = [{ kind: "activate", tree: candidate, reason: "commit" }];
    if (pendingConfirm !== undefined) effects.push({ kind: "confirmed" });
    return { ok: true, value: { state: { candidate, active: candidate }, effects, findings } };
  }
  const waiting: PendingConfirm = {
    revertTo: pendingConfirm?.revertTo ?? state.active,
    deadlineMs: now + confirmedMinutes * 60_000,
  };
  return {
    ok: true,
    value: {
      state: { candidate, active: candidate, pendingConfirm: waiting },
      effects: [{ kind: "activate", tree: candidate, reason: "commit-confirmed" }],
      findings,
    },
  };
}

/** Confirms a commit that waits, without touching the candidate. Error: `nothing-pending`. */
export function confirmCommit(state: CommitState): Result<Transition, CommitError> {
  if (state.pendingConfirm === undefined) {
    return refused("nothing-pending", "no commit waits to be confirmed", []);
  }
  const { candidate, active } = state;
  return { ok: true, value: { state: { candidate, active }, effects: [{ kind: "confirmed" }], findings: [] } };
}

/** Reverts a commit that was not confirmed in time. The candidate stays as it is, so that the work is not lost. */
export function onDeadline(state: CommitState, now: number): Transition {
  const { pendingConfirm } = state;
  if (pendingConfirm === undefined || now < pendingConfirm.deadlineMs) return { state, effects: [], findings: [] };
  const { revertTo } = pendingConfirm;
  return {
    state: { candidate: state.candidate, active: revertTo },
    effects: [{ kind: "activate", tree: revertTo, reason: "revert" }],
    findings: [],
  };
}

function isMinutes(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= confirmMinutesMax;
}

function refused(
  code: CommitError["code"],
  message: string,
  findings: readonly Finding[],
): { ok: false; error: CommitError } {
  return { ok: false, error: { code, message, findings } };
}
