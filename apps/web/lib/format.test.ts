import { describe, expect, test } from "vitest";
import {
  formatAgo,
  formatClock,
  formatClockMs,
  formatCount,
  formatCountOf,
  formatExpiry,
  formatLargeCount,
  formatMilliseconds,
  formatOctets,
  formatPercent,
  formatSpan,
  formatTime,
  formatTimeLeft,
  formatWait,
} from "./format.ts";

describe("spans", () => {
  test.each([
    [0, "00:00"],
    [59, "00:59"],
    [3600, "01:00:00"],
    [86_399, "23:59:59"],
    [86_400, "1d 00:00:00"],
    [-5, "00:00"],
  ])("%d s is %s", (seconds, text) => expect(formatClock(seconds)).toBe(text));

  test.each([
    [0, "just now"],
    [59, "59 s ago"],
    [61, "1 min ago"],
    [7300, "2 h ago"],
    [172_800, "2 d ago"],
  ])("%d s back is %s", (seconds, text) => expect(formatAgo(seconds)).toBe(text));

  test.each([
    [0.2, "1 second"],
    [59, "59 seconds"],
    [61, "2 minutes"],
    [3600, "1 hour"],
  ])("waiting %d s is said as %s", (seconds, text) => expect(formatWait(seconds)).toBe(text));

  test.each([
    [null, "—"],
    [0.42, "0.4 ms"],
    [12.4, "12 ms"],
    [1500, "1.5 s"],
  ])("%s ms is %s", (milliseconds, text) => expect(formatMilliseconds(milliseconds)).toBe(text));
});

test("points in time are UTC", () => {
  expect(formatTime(1_700_000_000)).toBe("2023-11-14 22:13:20");
  expect(formatTime(null)).toBe("—");
  expect(formatTime(0)).toBe("—");
  expect(formatClockMs(1_700_000_000_007)).toBe("22:13:20.007");
});

test("a lease without an end, one that ended, and none", () => {
  expect(formatTimeLeft("never", 100)).toBe("infinite");
  expect(formatTimeLeft(100, 100)).toBe("ended");
  expect(formatTimeLeft(101, 100)).toBe("00:01");
  expect(formatTimeLeft(null, 100)).toBe("—");
  expect(formatExpiry("never")).toBe("infinite");
});

test("counts", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
  expect(formatCountOf(1, "binding")).toBe("1 binding");
  expect(formatCountOf(12, "query", "queries")).toBe("12 queries");
});

test.each([
  [0, "0"],
  [1_234_567, "1,234,567"],
  [2 ** 56, "72.1 × 10¹⁵"],
  [2 ** 64, "18.4 × 10¹⁸"],
])("a count of %d", (value, text) => expect(formatLargeCount(value)).toBe(text));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "1.5 kB"],
  [20_000_000, "20.0 MB"],
  [5e15, "5000.0 TB"],
])("%d octets", (value, text) => expect(formatOctets(value)).toBe(text));

test.each([
  [0, "0 %"],
  [0.01, "< 0.1 %"],
  [93.04, "93.0 %"],
  [99.99, "> 99.9 %"],
  [100, "100 %"],
])("%d percent", (value, text) => expect(formatPercent(value)).toBe(text));

test.each([
  [0, "0 s"],
  [61, "1 min 1 s"],
  [5400, "1 h 30 min"],
  [86_400, "1 d"],
  [90_061, "1 d 1 h"],
])("a span of %d seconds", (value, text) => expect(formatSpan(value)).toBe(text));
