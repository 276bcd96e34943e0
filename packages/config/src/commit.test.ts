import { describe, expect, test } from "vitest";
import {
  type CommitState,
  candidateDiffers,
  commitCandidate,
  confirmCommit,
  discardCandidate,
  editCandidate,
  onDeadline,
  startCommitState,
} from "./commit.ts";
import { printSet } from "./print-set.ts";
import { parseConfiguration } from "./text/parse.ts";

const start = startCommitState(parseConfiguration("set system host-name a").tree);
const edited = (state: CommitState, name: string): CommitState =>
  editCandidate(state, `set system host-name ${name}`).state;
const committed = (state: CommitState, now: number, confirmedMinutes?: number): CommitState => {
  const done = commitCandidate(state, now, { confirmedMinutes });
  if (!done.ok) throw new Error(done.error.message);
  return done.value.state;
};
const active = (state: CommitState): string => printSet(state.active).trim();
const minute = 60_000;

describe("commit", () => {
  test("puts the candidate into effect", () => {
    const state = edited(start, "b");
    expect(candidateDiffers(state)).toBe(true);
    const done = commitCandidate(state, 0);
    expect(done).toMatchObject({ ok: true, value: { effects: [{ kind: "activate", reason: "commit" }] } });
    expect(active(committed(state, 0))).toBe("set system host-name b");
    expect(candidateDiffers(committed(state, 0))).toBe(false);
  });

  test("is refused with the findings of the check, and nothing changes", () => {
    const { state } = editCandidate(
      start,
      "set forwarding-options dhcp-relay active-leasequery mode insecure topology-discover",
    );
    expect(commitCandidate(state, 0)).toMatchObject({
      ok: false,
      error: {
        code: "commit-check",
        message: "the commit check found 2 errors",
        findings: [{ rule: "bulk-leasequery-required" }, { rule: "peer-address-required" }, { rule: "not-in-effect" }],
      },
    });
  });

  test("an edit with an error leaves the candidate alone", () => {
    const { state, findings } = editCandidate(start, "set system host-name b\nset nonsense");
    expect(findings).toHaveLength(1);
    expect(state.candidate).toBe(start.candidate);
  });

  test("discard goes back to what is active", () => {
    expect(candidateDiffers(discardCandidate(edited(start, "b")))).toBe(false);
  });
});

describe("commit confirmed", () => {
  const waiting = committed(edited(start, "b"), 1000, 10);

  test("is in effect at once and reverts at the deadline, not before", () => {
    expect(active(waiting)).toBe("set system host-name b");
    expect(waiting.pendingConfirm?.deadlineMs).toBe(1000 + 10 * minute);
    expect(onDeadline(waiting, 999 + 10 * minute)).toEqual({ state: waiting, effects: [], findings: [] });
    const { state, effects } = onDeadline(waiting, 1000 + 10 * minute);
    expect(active(state)).toBe("set system host-name a");
    expect(effects).toMatchObject([{ kind: "activate", reason: "revert" }]);
    expect(state.pendingConfirm).toBeUndefined();
    // The work that was reverted is still the candidate.
    expect(printSet(state.candidate)).toBe("set system host-name b\n");
  });

  test("a commit confirms it, and so does confirm", () => {
    const done = commitCandidate(waiting, 2000);
    expect(done).toMatchObject({ ok: true, value: { effects: [{ kind: "activate" }, { kind: "confirmed" }] } });
    const confirmed = confirmCommit(waiting);
    if (!done.ok || !confirmed.ok) throw new Error("refused");
    for (const { state } of [done.value, confirmed.value]) {
      expect(active(onDeadline(state, 99 * minute).state)).toBe("set system host-name b");
    }
  });

  test("one after another reverts to what was committed for good", () => {
    const twice = committed(edited(waiting, "c"), 5 * minute, 10);
    expect(active(twice)).toBe("set system host-name c");
    expect(onDeadline(twice, 11 * minute).effects).toEqual([]);
    expect(active(onDeadline(twice, 15 * minute).state)).toBe("set system host-name a");
  });

  test.each([0, 65_536, 1.5, Number.NaN])("refuses %d minutes", (confirmedMinutes) => {
    expect(commitCandidate(start, 0, { confirmedMinutes })).toMatchObject({
      ok: false,
      error: { code: "confirm-minutes", message: "commit confirmed takes 1 to 65535 minutes" },
    });
  });

  test("nothing waits", () => {
    expect(confirmCommit(start)).toMatchObject({
      ok: false,
      error: { code: "nothing-pending", message: "no commit waits to be confirmed" },
    });
  });
});
