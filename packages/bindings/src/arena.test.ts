import fc from "fast-check";
import { expect, test } from "vitest";
import { PROPERTY_MS_MAX } from "../test/arbitrary.ts";
import { Arena, BLOCK_BYTES_MAX } from "./arena.ts";

/** An arena with what its owners believe to own. */
class Owners {
  readonly arena: Arena;
  readonly refs = new Map<number, { ref: number; size: number }>();
  #next = 1;

  constructor(bytesMax: number) {
    this.arena = new Arena(bytesMax);
  }

  add(size: number): boolean {
    const owner = this.#next;
    const ref = this.arena.allocate(size, owner);
    if (ref < 0) return false;
    this.#next += 1;
    this.refs.set(owner, { ref, size });
    const at = this.arena.offset(ref);
    this.arena.segment(ref).fill(owner, at + 4, at + size);
    return true;
  }

  remove(owner: number): void {
    this.arena.free(this.refs.get(owner)!.ref);
    this.refs.delete(owner);
    this.arena.tidy(4, (moved, ref) => {
      this.refs.get(moved)!.ref = ref;
    });
  }

  check(): void {
    const seen = new Map([...this.arena.blocks()].map(({ owner, ref }) => [owner, ref]));
    expect(seen.size).toBe(this.refs.size);
    for (const [owner, { ref, size }] of this.refs) {
      expect(seen.get(owner)).toBe(ref);
      const at = this.arena.offset(ref);
      const content = this.arena.segment(ref).subarray(at + 4, at + size);
      expect(content.every((octet) => octet === (owner & 255))).toBe(true);
    }
  }
}

test("blocks never overlap, survive being moved, and are found by their owners", () => {
  const operation = fc.record({
    add: fc.boolean(),
    size: fc.integer({ min: 8, max: 40_000 }).map((n) => (n % 7 === 0 ? n : n % 300) + 8),
    at: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300, size: "max" }), (operations) => {
      const owners = new Owners(16 * 1024 * 1024);
      for (const { add, size, at } of operations) {
        const list = [...owners.refs.keys()];
        if (add || list.length === 0) owners.add(Math.min(size, BLOCK_BYTES_MAX));
        else owners.remove(list[at % list.length]!);
      }
      owners.check();
    }),
    { numRuns: 100, interruptAfterTimeLimit: PROPERTY_MS_MAX },
  );
});

test("a class that shrinks gives its memory to another", () => {
  const owners = new Owners(4 * 1024 * 1024);
  while (owners.add(100));
  const count = owners.refs.size;
  expect(owners.arena.usedBytes / owners.arena.bytes).toBeGreaterThan(0.99);
  // Every second one goes: no slab becomes empty by itself.
  for (const owner of [...owners.refs.keys()]) if (owner % 2 === 0) owners.remove(owner);
  owners.check();
  let others = 0;
  while (owners.add(200)) others += 1;
  owners.check();
  // Half was freed; what tidying may leave unused is a quarter of the live half and two slabs.
  expect(others).toBeGreaterThan((count / 4) * 0.7);
});

test("a full arena says so and stays whole", () => {
  const owners = new Owners(64 * 1024);
  let count = 0;
  while (owners.add(1000)) count += 1;
  expect(count).toBe(65);
  expect(owners.add(1000)).toBe(false);
  owners.remove(1);
  expect(owners.add(1000)).toBe(true);
  owners.check();
});
