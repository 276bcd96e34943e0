import { describe, expect, test } from "vitest";
import {
  countersMax,
  failuresPerAccountFromAnywhereMax,
  failuresPerAccountMax,
  failuresPerAddressMax,
  SignInLimit,
} from "./sign-in-limit.ts";

const start = 1_700_000_000_000;

describe("sign-in limit", () => {
  test("holds up one account from one address, and lets go after the window", () => {
    const limit = new SignInLimit();
    for (let n = 0; n < failuresPerAccountMax; n++) {
      expect(limit.waitSeconds("192.0.2.1", "noc@example.net", start + n)).toBe(0);
      limit.failed("192.0.2.1", "noc@example.net", start + n);
    }
    expect(limit.waitSeconds("192.0.2.1", "noc@example.net", start + 10_000)).toBe(50);
    expect(limit.waitSeconds("192.0.2.2", "noc@example.net", start + 10_000)).toBe(0);
    expect(limit.waitSeconds("192.0.2.1", "other@example.net", start + 10_000)).toBe(0);
    expect(limit.waitSeconds("192.0.2.1", "noc@example.net", start + 60_000)).toBe(0);
  });

  test("an address that tries many accounts is held up for all of them", () => {
    const limit = new SignInLimit();
    for (let n = 0; n < failuresPerAddressMax; n++) limit.failed("192.0.2.1", `user${n}@example.net`, start);
    expect(limit.waitSeconds("192.0.2.1", "noc@example.net", start)).toBe(60);
  });

  test("an account tried from many addresses is held up everywhere", () => {
    const limit = new SignInLimit();
    for (let n = 0; n < failuresPerAccountFromAnywhereMax; n++) limit.failed(`192.0.2.${n}`, "noc@example.net", start);
    expect(limit.waitSeconds("198.51.100.1", "noc@example.net", start)).toBe(60);
  });

  test("success forgets the failures of that person", () => {
    const limit = new SignInLimit();
    for (let n = 0; n < failuresPerAccountMax; n++) limit.failed("192.0.2.1", "noc@example.net", start);
    limit.succeeded("192.0.2.1", "noc@example.net");
    expect(limit.waitSeconds("192.0.2.1", "noc@example.net", start)).toBe(0);
  });

  test("a flood of addresses does not grow the memory", () => {
    const limit = new SignInLimit();
    for (let n = 0; n < countersMax; n++) limit.failed(`a${n}`, `b${n}`, start);
    expect(limit.size).toBeLessThanOrEqual(countersMax);
  });
});
