import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { durableNewsPeriodMs, withoutHaste } from "./durable-news.ts";
import type { EngineEvent } from "./messages.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first mark at once, then the latest of each period; other events are not held up", () => {
  const told: string[] = [];
  const emit = withoutHaste(
    (event: EngineEvent) => void told.push(event.kind === "durable" ? `${event.family}:${event.sequence}` : event.kind),
  );
  for (let sequence = 1; sequence <= 100; sequence += 1) emit({ kind: "durable", family: 4, sequence });
  emit({ kind: "durable", family: 6, sequence: 7 });
  emit({ kind: "restored", bindings: 0, tookMs: 0 });
  expect(told).toEqual(["4:1", "6:7", "restored"]);
  vi.advanceTimersByTime(durableNewsPeriodMs);
  expect(told.slice(3)).toEqual(["4:100"]);
  emit({ kind: "durable", family: 4, sequence: 101 });
  vi.advanceTimersByTime(durableNewsPeriodMs * 3);
  expect(told.slice(3)).toEqual(["4:100", "4:101"]);
  emit({ kind: "durable", family: 4, sequence: 102 });
  expect(told.at(-1)).toBe("4:102");
});
