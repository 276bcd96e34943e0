import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressSet } from "./address-set.ts";

describe("AddressSet", () => {
  it.each([0, 1, 31, 32, 33, 1023, 1024, 1025, 40_000])("%d slots: each is found once, then none", (size) => {
    const set = new AddressSet(size);
    const found: number[] = [];
    for (let slot = set.nextFree(0); slot >= 0; slot = set.nextFree(slot)) {
      expect(set.add(slot)).toBe(true);
      expect(set.add(slot)).toBe(false);
      found.push(slot);
    }
    expect(found).toEqual(Array.from({ length: size }, (_, slot) => slot));
    expect(set.free).toBe(0);
  });

  it("does not know slots beyond its size", () => {
    const set = new AddressSet(10);
    expect(set.add(10)).toBe(false);
    expect(set.add(-1)).toBe(false);
    expect(set.has(10)).toBe(false);
    expect(set.count).toBe(0);
  });

  it("agrees with a plain set, wherever it is asked from", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.tuple(fc.nat(2999), fc.integer({ min: 0, max: 3 })), { maxLength: 400 }),
        (size, operations) => {
          const set = new AddressSet(size);
          const plain = new Set<number>();
          // Filled but for a few, so that whole words are full on every level.
          for (let slot = 0; slot < size; slot += 1) {
            if (slot % 97 === 0) continue;
            set.add(slot);
            plain.add(slot);
          }
          for (const [slot, what] of operations) {
            if (what === 0) expect(set.remove(slot)).toBe(plain.delete(slot));
            else if (slot < size) {
              expect(set.add(slot)).toBe(!plain.has(slot));
              plain.add(slot);
            }
            const expected = () => {
              const start = slot < size ? slot : 0;
              for (let i = 0; i < size; i += 1) if (!plain.has((start + i) % size)) return (start + i) % size;
              return -1;
            };
            expect(set.nextFree(slot)).toBe(expected());
            expect(set.count).toBe(plain.size);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("a million slots take less than two bits each, the last free one is found", () => {
    const set = new AddressSet(1_000_000);
    for (let slot = 0; slot < 1_000_000; slot += 1) if (slot !== 765_432) set.add(slot);
    expect(set.bytes).toBeLessThan(250_000);
    expect(set.nextFree(765_433)).toBe(765_432);
    expect(set.add(765_432)).toBe(true);
    expect(set.nextFree(0)).toBe(-1);
  });
});
