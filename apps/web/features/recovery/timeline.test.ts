import type { StreamHistory, StreamPhase } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { gapMarksOf, stretchesOf, ticksOf } from "./timeline.ts";

const hour = 3_600_000;
const start = 1_795_503_600_000;
const event = (minute: number, phase: StreamPhase | null) => ({
  atMs: start + minute * 60_000,
  kind: "phase" as const,
  phase,
  text: "",
});
const history = (changes: Partial<StreamHistory> = {}): StreamHistory => ({
  id: "s",
  fromMs: start,
  toMs: start + hour,
  phaseBefore: "Active",
  events: [],
  gaps: [],
  ...changes,
});
const shape = (one: StreamHistory) => stretchesOf(one).map(({ phase, from, to }) => [phase, from, to]);

describe("stretches of a line", () => {
  test("nothing happened: one stretch", () => expect(shape(history())).toEqual([["Active", 0, 100]]));
  test("a reconnection", () => {
    const events = [event(15, "Idle"), event(30, "Catch-up"), event(45, "Active")];
    expect(shape(history({ events }))).toEqual([
      ["Active", 0, 25],
      ["Idle", 25, 50],
      ["Catch-up", 50, 75],
      ["Active", 75, 100],
    ]);
  });
  test("before the first news it is not known", () => {
    expect(shape(history({ phaseBefore: null, events: [event(30, "Bulk")] }))).toEqual([
      [null, 0, 50],
      ["Bulk", 50, 100],
    ]);
  });
  test("events from before the line, after it, and without a phase", () => {
    const events = [event(-5, "Bulk"), event(30, null), event(61, "Idle")];
    expect(shape(history({ events }))).toEqual([["Bulk", 0, 100]]);
  });
});

test("gaps lie where they were by our clock, and are never too narrow to see", () => {
  const gap = (from: number, to: number) => ({
    fromSeconds: start / 1000 + from,
    toSeconds: start / 1000 + to,
    why: "",
    sinceMs: 0,
    runId: null,
    healedAtMs: null,
    healedBy: null,
  });
  const marks = gapMarksOf(history({ gaps: [gap(900, 1800), gap(-7200, -3601), gap(3000, 3000)] }), 900);
  expect(marks.map(({ from, to }) => [from, to])).toEqual([[50, 75]]);
  const narrow = gapMarksOf(history({ gaps: [gap(1800, 1800)] }))[0]!;
  expect(narrow.to - narrow.from).toBeCloseTo(0.15);
});

test("the scale has round times", () => {
  expect(ticksOf(start, start + hour).map(({ at }) => Math.round(at))).toEqual([0, 17, 33, 50, 67, 83]);
  expect(ticksOf(start, start + 24 * hour)).toHaveLength(8);
});
