import { describe, expect, test } from "vitest";
import { PromiseGate } from "./promise-gate.ts";

function gate(max?: number) {
  const log: string[] = [];
  const through = { flush: () => void log.push("flush") };
  const promises = new PromiseGate(max);
  const hold = (family: 4 | 6, sequence: number) =>
    promises.hold(family, sequence, through, () => log.push(`${family}:${sequence}`));
  return { promises, hold, log };
}

describe("sends that promise", () => {
  test("leave once what they promise is durable, in order, in one flush", () => {
    const { promises, hold, log } = gate();
    for (let sequence = 1; sequence <= 5; sequence += 1) hold(4, sequence);
    promises.release(4, 3);
    expect(log).toEqual(["4:1", "4:2", "4:3", "flush"]);
    promises.release(4, 3);
    expect(log).toHaveLength(4);
    expect(promises.waiting).toBe(2);
  });

  test("families wait for their own sequence", () => {
    const { promises, hold, log } = gate();
    hold(4, 7);
    hold(6, 7);
    promises.release(6, 7);
    expect(log).toEqual(["6:7", "flush"]);
  });

  test("the oldest is given up and counted when too many wait", () => {
    const { promises, hold, log } = gate(100);
    for (let sequence = 1; sequence <= 250; sequence += 1) hold(4, sequence);
    expect(promises.dropped).toBe(150);
    promises.release(4, 250);
    expect(log).toEqual([...Array.from({ length: 100 }, (_, n) => `4:${n + 151}`), "flush"]);
  });

  test("nothing of what waits leaves after a clear", () => {
    const { promises, hold, log } = gate();
    hold(4, 1);
    promises.clear();
    promises.release(4, 1);
    expect(log).toEqual([]);
  });
});
