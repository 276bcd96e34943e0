import { expect, test } from "vitest";
import { formatRate, rateOf, type Sample, withSample } from "./rates.ts";

const sample = (atMs: number, value: number): Sample => ({ atMs, values: new Map([["a", value]]) });

test("a rate is taken over the last ten seconds", () => {
  let samples: readonly Sample[] = [];
  for (const [at, value] of [
    [0, 0],
    [2_000, 100],
    [12_000, 120],
  ] as const)
    samples = withSample(samples, sample(at, value));
  expect(samples.map(({ atMs }) => atMs)).toEqual([2_000, 12_000]);
  expect(rateOf(samples, "a")).toBe(2);
});

test("there is no rate from one sample, nor across a clearing", () => {
  expect(rateOf([sample(0, 5)], "a")).toBeNull();
  expect(rateOf([sample(0, 5), sample(1_000, 0)], "a")).toBeNull();
  expect(rateOf([sample(0, 5), sample(1_000, 5)], "unheard of")).toBe(0);
});

test.each([
  [null, "—"],
  [0, "0"],
  [0.05, "< 0.1"],
  [1.25, "1.3"],
  [1234.5, "1,235"],
])("%s is shown as %s", (rate, text) => expect(formatRate(rate)).toBe(text));
