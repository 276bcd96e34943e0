import { expect, test } from "vitest";
import { commitsKeptMax, recordCommit, selectRollback } from "./history.ts";

test("rollback counts back from the active configuration", () => {
  const commits = ["third", "second", "first"];
  expect(selectRollback(commits, 0)).toEqual({ ok: true, value: "third" });
  expect(selectRollback(commits, 2)).toEqual({ ok: true, value: "first" });
});

test.each([
  [["only"], 1, "there is no configuration 1 in the history: the oldest kept is 0"],
  [[], 0, "there is no configuration 0 in the history: nothing has been committed yet"],
  [["only"], -1, "rollback takes a number from 0 to 49"],
  [["only"], 50, "rollback takes a number from 0 to 49"],
  [["only"], 0.5, "rollback takes a number from 0 to 49"],
])("%j rollback %d is refused", (commits, number, message) => {
  expect(selectRollback(commits, number)).toMatchObject({ ok: false, error: { message } });
});

test("the history is bounded", () => {
  let commits: number[] = [];
  for (let i = 0; i < 60; i += 1) commits = recordCommit(commits, i);
  expect(commits).toHaveLength(commitsKeptMax);
  expect(commits[0]).toBe(59);
  expect(commits[commitsKeptMax - 1]).toBe(10);
});
