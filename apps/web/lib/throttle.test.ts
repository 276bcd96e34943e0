import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "./throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a burst runs its first and its last call, no more often than the period", () => {
  let runs = 0;
  const throttled = throttle(() => {
    runs += 1;
  }, 100);
  for (let i = 0; i < 10; i += 1) throttled.run();
  expect(runs).toBe(1);
  vi.advanceTimersByTime(100);
  expect(runs).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(runs).toBe(2);
});

test("nothing runs after it was cancelled", () => {
  let runs = 0;
  const throttled = throttle(() => {
    runs += 1;
  }, 100);
  throttled.run();
  throttled.run();
  throttled.cancel();
  vi.advanceTimersByTime(1000);
  expect(runs).toBe(1);
});
