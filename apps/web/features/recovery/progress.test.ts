import type { BulkRun, BulkRunServer } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { runCan, runProgress, serverProgress } from "./progress.ts";
import { withRun } from "./use-bulk-runs.ts";

const server = (changes: Partial<BulkRunServer> = {}): BulkRunServer =>
  ({
    state: "receiving",
    received: 25,
    expected: 100,
    ratePerSecond: 50,
    etaMs: 5_000,
    ...changes,
  }) as BulkRunServer;
const run = (changes: Partial<BulkRun> = {}): BulkRun =>
  ({
    id: "r",
    state: "running",
    finishedAtMs: null,
    received: 25,
    expected: 100,
    servers: [server()],
    ...changes,
  }) as BulkRun;

describe("how far a server is", () => {
  test.each([
    [{}, 25],
    [{ expected: null }, null],
    [{ expected: 0 }, null],
    // What was expected was outrun: it says nothing any more.
    [{ received: 101 }, null],
    [{ received: 101, state: "complete" }, 100],
  ] as const)("%j: %s", (changes, percent) => expect(serverProgress(server(changes)).percent).toBe(percent));
});

describe("how far a run is", () => {
  test("as far as its servers together, and through when the last one is", () => {
    const servers = [server(), server({ received: 50, etaMs: 9_000, ratePerSecond: 10 })];
    expect(runProgress(run({ servers, received: 75 }))).toEqual({
      received: 75,
      expected: 200,
      percent: 37.5,
      ratePerSecond: 60,
      etaMs: 9_000,
    });
  });
  test("when it ends is not known while a server has not begun", () => {
    const servers = [server(), server({ state: "waiting", etaMs: null, ratePerSecond: 0 })];
    expect(runProgress(run({ servers })).etaMs).toBeNull();
  });
});

describe("what may be done with a run", () => {
  const allowed = (state: BulkRun["state"], servers: readonly BulkRunServer[] = []) => {
    const finishedAtMs = ["queued", "running", "paused"].includes(state) ? null : 1;
    const one = run({ state, servers, finishedAtMs });
    return Object.entries(runCan)
      .filter(([, can]) => can(one).allowed)
      .map(([name]) => name);
  };
  test.each([
    ["queued", [], ["pause", "cancel"]],
    ["running", [], ["pause", "cancel"]],
    ["paused", [], ["resume", "cancel"]],
    ["complete", [server({ state: "complete" })], []],
    ["partial", [server({ state: "complete" }), server({ state: "failed" })], ["retry"]],
    ["failed", [server({ state: "refused" })], ["retry"]],
    ["cancelled", [server({ state: "cancelled" })], ["retry"]],
  ] as const)("%s", (state, servers, actions) => expect(allowed(state, servers)).toEqual(actions));

  test("each refusal says why", () => {
    const ended = run({ state: "complete", finishedAtMs: 1, servers: [server({ state: "complete" })] });
    expect(Object.values(runCan).map((can) => (can(ended) as { reason: string }).reason)).toEqual([
      "It has ended: there is nothing to pause.",
      "It is not paused.",
      "It has ended: there is nothing to cancel.",
      "No server failed: there is nothing to ask again.",
    ]);
    expect(runCan.retry(run())).toMatchObject({ reason: expect.stringContaining("still under way") });
  });
});

test("news of a run goes into the list, or out of it where it does not fit any more", () => {
  const list = [run({ id: "b" }), run({ id: "a" })];
  expect(withRun(list, run({ id: "a", received: 99 }), true, 10).map(({ received }) => received)).toEqual([25, 99]);
  expect(withRun(list, run({ id: "c" }), true, 2).map(({ id }) => id)).toEqual(["c", "b"]);
  expect(withRun(list, run({ id: "b" }), false, 10).map(({ id }) => id)).toEqual(["a"]);
});
