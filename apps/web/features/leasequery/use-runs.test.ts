import type { LeasequeryRun } from "@leasewire/api";
import { expect, test } from "vitest";
import { isSettled, withRun } from "./use-runs.ts";

const run = (id: string, changes: Partial<LeasequeryRun> = {}) =>
  ({ id, state: "running", finishedAtMs: null, stored: false, bindingIds: [], ...changes }) as unknown as LeasequeryRun;

test("a new run comes first and the oldest leaves; a known one changes in its place", () => {
  const runs = [run("b"), run("a")];
  expect(withRun(runs, run("c"), 2).map(({ id }) => id)).toEqual(["c", "b"]);
  const changed = withRun(runs, run("a", { state: "confirmed" }), 2);
  expect(changed.map(({ id, state }) => `${id} ${state}`)).toEqual(["b running", "a confirmed"]);
});

test("a run is settled once what it brought is stored", () => {
  expect(isSettled(run("a"))).toBe(false);
  expect(isSettled(run("a", { finishedAtMs: 1, bindingIds: ["x"] }))).toBe(false);
  expect(isSettled(run("a", { finishedAtMs: 1, bindingIds: ["x"], stored: true }))).toBe(true);
  expect(isSettled(run("a", { finishedAtMs: 1 }))).toBe(true);
});
