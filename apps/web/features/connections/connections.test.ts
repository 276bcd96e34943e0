import type { GuardLimits, GuardRequestor } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { isSlow, progressText, requestorTone, unknownPercent } from "./connection-words.ts";

const limits: GuardLimits = {
  family: 4,
  instance: "default:default",
  queriesPerSecondMax: 100,
  unknownRatioMaxPercent: 50,
  unknownWindowSeconds: 60,
  unknownQueriesMin: 20,
  quarantineSeconds: 600,
};
const requestor = (changes: Partial<GuardRequestor> = {}): GuardRequestor => ({
  id: "4/default:default/192.0.2.9",
  family: 4,
  instance: "default:default",
  address: "192.0.2.9",
  queriesPerSecond: 1,
  queries: 100,
  dropped: 0,
  windowQueries: 100,
  windowUnknown: 10,
  firstQueryAtMs: 1,
  lastQueryAtMs: 2,
  quarantine: null,
  ...changes,
});

describe("a requestor", () => {
  test.each([
    ["few queries", { windowQueries: 19, windowUnknown: 19 }, null, "good"],
    ["well behaved", {}, 10, "good"],
    ["asks for what nobody knows", { windowUnknown: 40 }, 40, "warn"],
    ["asks fast", { queriesPerSecond: 80 }, 10, "warn"],
    ["quarantined", { quarantine: { sinceMs: 1, untilMs: 2, reason: "", by: null } }, 10, "bad"],
  ] as const)("%s", (_, changes, unknown, tone) => {
    expect(unknownPercent(requestor(changes), limits)).toBe(unknown);
    expect(requestorTone(requestor(changes), limits)).toBe(tone);
  });
  test("of a server whose limits are not known is only judged by its quarantine", () => {
    expect(requestorTone(requestor({ queriesPerSecond: 1e6 }), undefined)).toBe("good");
  });
});

test("how far a query is", () => {
  const query = {
    xid: "1",
    kind: "bulk",
    key: "",
    phase: "bulk",
    startedAtMs: 0,
    bindingsSent: 1,
    percent: 99.9,
  } as const;
  expect(progressText(query, String)).toBe("1 binding, 99 %");
  expect(progressText({ ...query, bindingsSent: 12, percent: null }, String)).toBe("12 bindings");
});

test("a reader that takes nothing is told from a busy one", () => {
  expect(isSlow({ backlogOctets: 1_000_000, messagesPerSecond: 0 })).toBe(true);
  expect(isSlow({ backlogOctets: 1_000_000, messagesPerSecond: 500 })).toBe(false);
  expect(isSlow({ backlogOctets: 100, messagesPerSecond: 0 })).toBe(false);
});
