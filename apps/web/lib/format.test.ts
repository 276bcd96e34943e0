import { describe, expect, test } from "vitest";
import {
  formatAgo,
  formatClock,
  formatClockMs,
  formatCount,
  formatCountOf,
  formatExpiry,
  formatMilliseconds,
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
