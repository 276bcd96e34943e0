import { describe, expect, test } from "vitest";
import { formatUtcSeconds, parseTime, secondsAt } from "./time.ts";

test("agrees with Date over the whole unsigned range", () => {
  for (const seconds of [
    0,
    951_782_399,
    951_782_400,
    951_868_800,
    1_700_000_100,
    4_107_542_399,
    4_107_542_400,
    0xffff_ffff,
    0xffff_ffff + 946_684_800,
  ]) {
    expect(formatUtcSeconds(seconds)).toBe(new Date(seconds * 1000).toISOString().replace(".000", ""));
  }
  for (let seconds = 0; seconds < 5e9; seconds += 86_400 * 13 + 7919) {
    expect(formatUtcSeconds(seconds)).toBe(new Date(seconds * 1000).toISOString().replace(".000", ""));
  }
});

describe("times from a person", () => {
  test("every day is read back as it is written", () => {
    for (let seconds = 0; seconds <= 0xffff_ffff; seconds += 86_400 * 7 + 7919) {
      expect(parseTime(formatUtcSeconds(seconds))).toEqual({ ok: true, value: { kind: "at", seconds } });
    }
  });

  test.each([
    ["2026-11-24T07:00:00Z", { kind: "at", seconds: 1_795_503_600 }],
    [" 2026-11-24 07:00 ", { kind: "at", seconds: 1_795_503_600 }],
    ["2026-11-24 07:00:00 UTC", { kind: "at", seconds: 1_795_503_600 }],
    ["2026-11-24T09:30+02:30", { kind: "at", seconds: 1_795_503_600 }],
    ["2026-11-23T23:00:00-08:00", { kind: "at", seconds: 1_795_503_600 }],
    ["2026-11-24", { kind: "at", seconds: 1_795_478_400 }],
    ["1795503600", { kind: "at", seconds: 1_795_503_600 }],
    ["0", { kind: "at", seconds: 0 }],
    ["90s", { kind: "ago", seconds: 90 }],
    ["30m", { kind: "ago", seconds: 1800 }],
    ["7d", { kind: "ago", seconds: 604_800 }],
  ])("%s", (text, value) => expect(parseTime(text)).toEqual({ ok: true, value }));

  test.each([
    "",
    "yesterday",
    "2026-02-29",
    "2026-00-01",
    "2026-13-01",
    "2026-11-24T24:00",
    "4294967296",
    "1969-12-31",
    "5y",
  ])("%s is none", (text) => {
    const parsed = parseTime(text);
    expect(parsed.ok ? "" : parsed.error.code).toBe("time-syntax");
  });

  test("a time ago counts from now, and never before 1970", () => {
    expect(secondsAt({ kind: "ago", seconds: 60 }, 100.9)).toBe(40);
    expect(secondsAt({ kind: "ago", seconds: 600 }, 100)).toBe(0);
    expect(secondsAt({ kind: "at", seconds: 7 }, 100)).toBe(7);
  });
});
