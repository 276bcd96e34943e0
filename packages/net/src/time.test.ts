import { expect, test } from "vitest";
import { formatUtcSeconds } from "./time.ts";

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
