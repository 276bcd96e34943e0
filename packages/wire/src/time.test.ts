import { describe, expect, test } from "vitest";
import {
  epoch2000ToUnixSeconds,
  momentBefore,
  secondsBefore,
  serialDifference32,
  unixToEpoch2000Seconds,
} from "./time.ts";

describe("times of leasequery", () => {
  test.each([
    [946_684_800, 0],
    [1_700_000_100, 753_315_300],
    [946_684_799, 0xffff_ffff],
    [946_684_800 + 2 ** 32 + 5, 5],
  ])("unix %i is %i since 2000, modulo 2^32", (unix, since2000) => {
    expect(unixToEpoch2000Seconds(unix)).toBe(since2000);
    expect(epoch2000ToUnixSeconds(since2000, unix)).toBe(unix);
  });

  test("the era is the one nearest to now, on both sides of the wrap", () => {
    const wrap = 946_684_800 + 2 ** 32;
    expect(epoch2000ToUnixSeconds(0xffff_fff0, wrap + 10)).toBe(wrap - 16);
    expect(epoch2000ToUnixSeconds(16, wrap - 10)).toBe(wrap + 16);
  });

  test.each([
    [5, 3, 2],
    [3, 5, -2],
    [1, 0xffff_ffff, 2],
    [0xffff_ffff, 1, -2],
  ])("serial %i - %i = %i", (a, b, difference) => {
    expect(serialDifference32(a, b)).toBe(difference);
  });

  test("moments and how long before", () => {
    expect(momentBefore(1_700_000_100, 600)).toBe(1_699_999_500);
    expect(momentBefore(100, 600)).toBe(0);
    expect(secondsBefore(1_700_000_100, 1_699_999_500)).toBe(600);
    expect(secondsBefore(100, 600)).toBe(0);
  });
});
