import type { Answer, ConfigurationCommit, Principal, Services } from "@leasewire/api";
import {
  type CommitState,
  type ConfigTree,
  candidateDiffers,
  checkConfiguration,
  commitCandidate,
  commitsKeptMax,
  compareConfigurations,
  compareStatements,
  confirmCommit,
  discardCandidate,
  EMPTY_TREE,
  editCandidate,
  type Finding,
  hasErrors,
  onDeadline,
  parseConfiguration,
  printBraces,
  printSet,
  replaceCandidate,
  selectRollback,
  startCommitState,
} from "@leasewire/config";
import type { Alarms } from "../alarms.ts";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { Log } from "../log.ts";
import { reasonOf } from "../start-failure.ts";
import { refusal, value } from "./answer.ts";
import type { WriteAudit } from "./audit.ts";
import type { Clock } from "./clock.ts";
import type { ConfigurationStore, StoredCandidate, StoredCommit } from "./configuration-store.ts";
import { newId } from "./id.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** A configuration the engines refused (a port in use) is tried again after this time, until they take it. */
export const applyRetryPeriodMs = 15_000;
export const firstStartAuthor = "first start";
export const labComment = "lab";

export interface ConfigurationParts {
  readonly store: ConfigurationStore;
  readonly engine: Pick<EngineApi, "configure">;
  readonly audit: WriteAudit;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly log: Log;
  /** Network devices of this machine, for the rules that need them. */
  readonly devices: () => readonly string[];
  readonly onEvent: (event: { kind: "candidate" | "commit"; by: string; commitId: string | null }) => void;
  /** Called whenever another configuration is in force or could not be put in force. `refused`: why, null when in force. */
  readonly onApplied: (active: ConfigTree, refused: string | null) => void;
}

type ConfigurationApi = Services["configuration"];

/**
 * Candidate, commits, and what is in force.
 *
 * A commit is first taken by the engines, whole, and then stored together with the candidate. When the process dies in between, the
 * next start applies the last stored commit: what people were told is committed is what comes back, and what they were
 * not told is not. When storing fails, the engines get the old configuration back.
 */
export class ConfigurationService implements ConfigurationApi {
  readonly #parts: ConfigurationParts;
  readonly #alone = oneAtATime();
  #state: CommitState = startCommitState(EMPTY_TREE);
  #changedBy: string | null = null;
  #revertToId: string | null = null;
  /** Newest first. */
  #commits: readonly StoredCommit[] = [];
  #inForce = false;
  #cancelDeadline = () => {};
  #cancelRetry = () => {};

  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
  }

  /** Reads what is stored. The engines get it by `apply`. */
  async open(): Promise<void> {
    const { store, log, clock } = this.#parts;
    this.#commits = await store.commits(commitsKeptMax);
    const stored = await store.candidate();
    const active = this.#readStored(this.#commits[0]?.text ?? "", "active");
    this.#revertToId = stored.revertTo;
    const back = stored.revertTo === null ? null : await store.commit(stored.revertTo);
    this.#state = startCommitState(
      active,
      stored.confirmBeforeMs !== null && back !== null
        ? { deadlineMs: stored.confirmBeforeMs, revertTo: this.#readStored(back.text, "previous") }
        : undefined,
    );
    if (stored.text !== null) {
      this.#state = replaceCandidate(this.#state, this.#readStored(stored.text, "candidate"));
      this.#changedBy = stored.changedBy;
    }
    if (this.#state.pendingConfirm !== undefined && clock.now() >= this.#state.pendingConfirm.deadlineMs) {
      log.warn({ part: "configuration" }, "a commit was not confirmed in time: going back to the one before");
      await this.#storeRevert();
    }
    this.#watchDeadline();
  }

  get empty(): boolean {
    return this.#commits.length === 0;
  }

  get activeTree(): ConfigTree {
    return this.#state.active;
  }

  /** The commit that is active; null before the first. */
  get activeCommit(): ConfigurationCommit | null {
    return this.#numbered(0);
  }

  /** The configuration of a first start. Refused like any other text; nothing is stored then. */
  async commitFirst(text: string, comment: string): Promise<readonly Finding[]> {
    const parsed = parseConfiguration(text);
    const findings = hasErrors(parsed.findings) ? parsed.findings : this.#check(parsed.tree);
    if (hasErrors(findings)) return findings;
    const commit = this.#newCommit(parsed.tree, firstStartAuthor, comment, "first start");
    await this.#parts.store.addCommit(commit, nothingPending);
    this.#remember(commit, startCommitState(parsed.tree), null);
    return findings;
  }

  /** Puts the active configuration in force. Where the engines refuse it the program runs on, and it is tried again. */
  async apply(): Promise<void> {
    await this.#alone(() => this.#applyActive());
  }

  stop(): void {
    this.#cancelDeadline();
    this.#cancelRetry();
  }

  async active() {
    return value({
      text: printSet(this.#state.active),
      braces: printBraces(this.#state.active),
      commit: this.activeCommit,
      confirmBeforeMs: this.#state.pendingConfirm?.deadlineMs ?? null,
    });
  }

  async candidate() {
    return value(this.#candidateView());
  }

  load(who: Principal, input: { text: string; mode: "replace" | "apply" }) {
    return this.#alone(async () => {
      const loaded =
        input.mode === "apply"
          ? editCandidate(this.#state, input.text)
          : replaceWhole(this.#state, parseConfiguration(input.text));
      const ok = !hasErrors(loaded.findings);
      if (ok) await this.#changeCandidate(who, loaded.state);
      this.#audit(who, "configuration.load", ok ? "done" : "refused", `${input.text.length} characters, ${input.mode}`);
      return value({ ok, findings: loaded.findings, candidate: this.#candidateView() });
    });
  }

  async check(text: string | undefined) {
    const parsed = text === undefined ? { tree: this.#state.candidate, findings: [] } : parseConfiguration(text);
    const findings = hasErrors(parsed.findings) ? parsed.findings : [...parsed.findings, ...this.#check(parsed.tree)];
    return value({ ok: !hasErrors(findings), findings });
  }

  async compare(input: { text?: string; rollback: number }) {
    let from = this.#state.active;
    if (input.rollback > 0) {
      const found = selectRollback(this.#commits, input.rollback);
      if (!found.ok) return refusal("NOT_FOUND", sentence(found.error.message), "rollback");
      from = this.#readStored(found.value.text, "earlier");
    }
    const parsed =
      input.text === undefined ? { tree: this.#state.candidate, findings: [] } : parseConfiguration(input.text);
    const wrong = parsed.findings.find((finding) => finding.severity === "error");
    if (wrong !== undefined)
      return refusal(
        "BAD_REQUEST",
        `Line ${wrong.line ?? 1}, column ${wrong.column ?? 1}: ${sentence(wrong.message)}`,
        "text",
      );
    return value({ diff: compareConfigurations(from, parsed.tree), ...compareStatements(from, parsed.tree) });
  }

  commit(who: Principal, input: { comment?: string; confirmedMinutes?: number }) {
    return this.#alone(async (): ReturnType<ConfigurationApi["commit"]> => {
      const { clock, store, log, engine } = this.#parts;
      const outcome = commitCandidate(this.#state, clock.now(), {
        confirmedMinutes: input.confirmedMinutes,
        context: { devices: this.#parts.devices() },
      });
      if (!outcome.ok) {
        const { error } = outcome;
        if (error.code !== "commit-check") return refusal("BAD_REQUEST", sentence(error.message));
        this.#audit(who, "configuration.commit", "refused", error.message);
        return value(this.#nothingCommitted(error.findings));
      }
      const unchanged = !candidateDiffers(this.#state);
      if (unchanged && this.#commits.length > 0) return this.#commitUnchanged(who, input, outcome.value.findings);

      const { state } = outcome.value;
      const taken = await engine.configure(printSet(state.active)).catch((error: unknown) => engineGone(error));
      const findings = [...outcome.value.findings, ...taken.findings];
      if (!taken.ok) {
        this.#audit(who, "configuration.commit", "refused", taken.findings.map((one) => one.message).join(" "));
        return value(this.#nothingCommitted(findings));
      }
      const via = who.via === "token" ? "cli" : "web";
      const commit = this.#newCommit(state.active, who.email, input.comment ?? null, via);
      const revertTo = state.pendingConfirm === undefined ? null : (this.#revertToId ?? this.#commits[0]?.id ?? null);
      const candidate = { ...nothingPending, confirmBeforeMs: state.pendingConfirm?.deadlineMs ?? null, revertTo };
      try {
        await store.addCommit(commit, candidate);
      } catch (error) {
        log.error({ part: "configuration", reason: reasonOf(error) }, "a commit could not be stored");
        await this.#applyActive();
        this.#audit(who, "configuration.commit", "failed", "the database refused it");
        return refusal(
          "UNAVAILABLE",
          `The database did not store the commit: ${reasonOf(error)}. The configuration before it is in force again; commit once more when the database works.`,
        );
      }
      this.#remember(commit, state, revertTo);
      this.#applied(null);
      const confirmed =
        input.confirmedMinutes === undefined ? "" : `, to be confirmed within ${input.confirmedMinutes} min`;
      this.#audit(who, "configuration.commit", "done", `${input.comment ?? ""}${confirmed}`, commit.id);
      this.#parts.onEvent({ kind: "commit", by: who.email, commitId: commit.id });
      return value({ ok: true, findings, commit: this.activeCommit, confirmBeforeMs: candidate.confirmBeforeMs });
    });
  }

  rollback(who: Principal, number: number) {
    return this.#alone(async () => {
      const found = selectRollback(this.#commits, number);
      if (!found.ok) return refusal("NOT_FOUND", sentence(found.error.message), "number");
      const parsed = parseConfiguration(found.value.text);
      if (hasErrors(parsed.findings))
        return refusal(
          "CONFLICT",
          `Configuration ${number} was written for another version of Leasewire and cannot be read any more: ${parsed.findings[0]?.message ?? ""}`,
        );
      const state = number === 0 ? discardCandidate(this.#state) : replaceCandidate(this.#state, parsed.tree);
      await this.#changeCandidate(who, state);
      this.#audit(who, "configuration.rollback", "done", `rollback ${number}`);
      return value(this.#candidateView());
    });
  }

  discard(who: Principal) {
    return this.#alone(async () => {
      await this.#changeCandidate(who, discardCandidate(this.#state));
      this.#audit(who, "configuration.discard", "done", "");
      return value(this.#candidateView());
    });
  }

  async history(): Promise<Answer<readonly ConfigurationCommit[]>> {
    return value(this.#commits.map((_, number) => this.#numbered(number)!));
  }

  async historyText(number: number) {
    const found = selectRollback(this.#commits, number);
    if (!found.ok) return refusal("NOT_FOUND", sentence(found.error.message), "number");
    return value({ text: found.value.text, commit: this.#numbered(number)! });
  }

  /** Nothing to store but a confirmation, a longer wait for one, or a new attempt to put in force what is active. */
  async #commitUnchanged(
    who: Principal,
    input: { confirmedMinutes?: number },
    warnings: readonly Finding[],
  ): ReturnType<ConfigurationApi["commit"]> {
    const { store, clock } = this.#parts;
    const pending = this.#state.pendingConfirm;
    if (pending !== undefined) {
      const deadlineMs = input.confirmedMinutes === undefined ? null : clock.now() + input.confirmedMinutes * 60_000;
      const revertTo = deadlineMs === null ? null : this.#revertToId;
      await store.saveCandidate({ ...nothingPending, confirmBeforeMs: deadlineMs, revertTo });
      const confirmed = confirmCommit(this.#state);
      if (deadlineMs !== null) this.#state = { ...this.#state, pendingConfirm: { ...pending, deadlineMs } };
      else if (confirmed.ok) this.#state = confirmed.value.state;
      this.#revertToId = revertTo;
      this.#watchDeadline();
      const what = deadlineMs === null ? "configuration.confirm" : "configuration.commit";
      this.#audit(
        who,
        what,
        "done",
        deadlineMs === null ? "" : `to be confirmed within ${input.confirmedMinutes} min`,
        this.#commits[0]?.id,
      );
      this.#parts.onEvent({ kind: "commit", by: who.email, commitId: this.#commits[0]?.id ?? null });
      return value({ ok: true, findings: warnings, commit: this.activeCommit, confirmBeforeMs: deadlineMs });
    }
    if (!this.#inForce) {
      const refused = await this.#applyActive();
      if (refused.length > 0) return value(this.#nothingCommitted([...warnings, ...refused]));
      return value({ ok: true, findings: warnings, commit: this.activeCommit, confirmBeforeMs: null });
    }
    const notice: Finding = {
      severity: "notice",
      rule: "nothing-changed",
      path: "",
      message: "the candidate equals the active configuration: nothing was committed",
    };
    return value({ ok: true, findings: [...warnings, notice], commit: null, confirmBeforeMs: null });
  }

  /** Findings of severity error when the engines refuse it. */
  async #applyActive(): Promise<readonly Finding[]> {
    this.#cancelRetry();
    const taken = await this.#parts.engine
      .configure(printSet(this.#state.active))
      .catch((error: unknown) => engineGone(error));
    if (taken.ok) {
      this.#applied(null);
      return [];
    }
    const why = taken.findings.find((finding) => finding.severity === "error");
    this.#applied(why?.message ?? "the engines gave no reason", why?.remedy);
    this.#cancelRetry = this.#parts.clock.at(this.#parts.clock.now() + applyRetryPeriodMs, () => void this.apply());
    return taken.findings;
  }

  #applied(refused: string | null, remedy?: string) {
    const { alarms, log, onApplied } = this.#parts;
    this.#inForce = refused === null;
    if (refused === null) {
      this.#cancelRetry();
      alarms.clear("configuration");
    } else {
      log.error({ part: "configuration", reason: refused }, "the engines refused the configuration; trying again");
      alarms.raise("configuration", {
        severity: "critical",
        text: `The committed configuration is not in force: ${refused}.`,
        remedy:
          remedy === undefined
            ? `Remove what stands in the way, or commit another configuration; it is tried again every ${applyRetryPeriodMs / 1000} seconds.`
            : `Enter "${remedy}" and commit, or remove what stands in the way; it is tried again every ${applyRetryPeriodMs / 1000} seconds.`,
      });
    }
    onApplied(this.#state.active, refused);
  }

  #watchDeadline() {
    this.#cancelDeadline();
    const pending = this.#state.pendingConfirm;
    if (pending === undefined) return;
    this.#cancelDeadline = this.#parts.clock.at(pending.deadlineMs, () => void this.#alone(() => this.#revert()));
  }

  /** The time for confirming is over. A failure to go back is an alarm and is tried again: people wait for it. */
  async #revert(): Promise<void> {
    const { clock, log, engine, alarms } = this.#parts;
    const pending = this.#state.pendingConfirm;
    if (pending === undefined || clock.now() < pending.deadlineMs) return;
    try {
      const taken = await engine.configure(printSet(pending.revertTo)).catch((error: unknown) => engineGone(error));
      if (!taken.ok) throw new Error(taken.findings.find((one) => one.severity === "error")?.message);
      await this.#storeRevert();
      alarms.clear("configuration-revert");
      this.#applied(null);
    } catch (error) {
      log.error({ part: "configuration", reason: reasonOf(error) }, "an unconfirmed commit could not be reverted");
      alarms.raise("configuration-revert", {
        severity: "critical",
        text: `The unconfirmed commit could not be reverted: ${reasonOf(error)}.`,
        remedy: "It is tried again every 15 seconds; commit to keep the configuration in force instead.",
      });
      this.#cancelDeadline = clock.at(clock.now() + applyRetryPeriodMs, () => void this.#alone(() => this.#revert()));
    }
  }

  /** The candidate keeps the unconfirmed configuration, so that the work in it is not lost. */
  async #storeRevert(): Promise<void> {
    const { store, clock, audit, onEvent } = this.#parts;
    const lost = this.#commits[0];
    const { state } = onDeadline(this.#state, clock.now());
    const comment = `commit ${lost?.id ?? ""} of ${lost?.by ?? "nobody"} was not confirmed in time`;
    const commit = this.#newCommit(state.active, "leasewire", comment, "automatic rollback");
    const text = printSet(state.candidate);
    const changedBy = this.#changedBy ?? lost?.by ?? null;
    await store.addCommit(commit, { ...nothingPending, text, changedBy });
    this.#remember(commit, state, null);
    this.#changedBy = changedBy;
    audit({
      actor: "leasewire",
      via: "program",
      action: "configuration.revert",
      subject: commit.id,
      outcome: "done",
      detail: comment,
    });
    onEvent({ kind: "commit", by: "leasewire", commitId: commit.id });
  }

  async #changeCandidate(who: Principal, state: CommitState): Promise<void> {
    const differs = candidateDiffers(state);
    await this.#parts.store.saveCandidate({
      text: differs ? printSet(state.candidate) : null,
      changedBy: differs ? who.email : null,
      confirmBeforeMs: state.pendingConfirm?.deadlineMs ?? null,
      revertTo: this.#revertToId,
    });
    this.#state = state;
    this.#changedBy = differs ? who.email : null;
    this.#parts.onEvent({ kind: "candidate", by: who.email, commitId: null });
  }

  #remember(commit: StoredCommit, state: CommitState, revertToId: string | null) {
    this.#commits = [commit, ...this.#commits].slice(0, commitsKeptMax);
    this.#state = state;
    this.#changedBy = null;
    this.#revertToId = revertToId;
    this.#watchDeadline();
  }

  #newCommit(tree: ConfigTree, by: string, comment: string | null, via: StoredCommit["via"]): StoredCommit {
    return {
      id: newId(this.#parts.clock.now()),
      atMs: this.#parts.clock.now(),
      by,
      comment,
      via,
      text: printSet(tree),
    };
  }

  #numbered(number: number): ConfigurationCommit | null {
    const stored = this.#commits[number];
    if (stored === undefined) return null;
    const { text: _text, ...commit } = stored;
    return { ...commit, number };
  }

  #candidateView() {
    const changed = candidateDiffers(this.#state);
    return { text: printSet(this.#state.candidate), changed, changedBy: changed ? this.#changedBy : null };
  }

  #check(tree: ConfigTree): Finding[] {
    return checkConfiguration(tree, { devices: this.#parts.devices() });
  }

  #nothingCommitted(findings: readonly Finding[]) {
    const confirmBeforeMs = this.#state.pendingConfirm?.deadlineMs ?? null;
    return { ok: !hasErrors(findings), findings, commit: null, confirmBeforeMs };
  }

  #audit(who: Principal, action: string, outcome: "done" | "refused" | "failed", detail: string, subject = "") {
    this.#parts.audit({ actor: who.email, via: who.via, action, subject, outcome, detail });
  }

  /** Text we wrote ourselves. It can only be wrong when another version wrote it: what can be read of it is nothing. */
  #readStored(text: string, which: string): ConfigTree {
    const { tree, findings } = parseConfiguration(text);
    const wrong = findings.find((finding) => finding.severity === "error");
    if (wrong !== undefined) {
      this.#parts.log.error(
        { part: "configuration", which, line: wrong.line, reason: wrong.message },
        "a stored configuration cannot be read",
      );
      this.#parts.alarms.raise(`configuration-unreadable-${which}`, {
        severity: "critical",
        text: `The stored ${which} configuration cannot be read by this version: line ${wrong.line ?? 1}: ${wrong.message}.`,
        remedy: "Load a corrected configuration and commit it, or run the version that wrote it.",
      });
    }
    return tree;
  }
}

const nothingPending: StoredCandidate = { text: null, changedBy: null, confirmBeforeMs: null, revertTo: null };

function replaceWhole(state: CommitState, parsed: { tree: ConfigTree; findings: Finding[] }) {
  return {
    state: hasErrors(parsed.findings) ? state : replaceCandidate(state, parsed.tree),
    findings: parsed.findings,
  };
}

function engineGone(error: unknown): { ok: false; findings: Finding[] } {
  const message = `the engines do not answer: ${reasonOf(error)}`;
  return { ok: false, findings: [{ severity: "error", rule: "engines", path: "", message }] };
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
