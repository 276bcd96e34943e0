import fc from "fast-check";
import { expect, test } from "vitest";
import { PROPERTY_MS_MAX } from "../test/arbitrary.ts";
import { RowHash } from "./row-hash.ts";

function rowsOf(table: RowHash, hash: number): number[] {
  const rows: number[] = [];
  for (let row = table.first(hash); row !== 0; row = table.next(hash)) rows.push(row);
  return rows.sort((a, b) => a - b);
}

test("a hash gives the rows that were added with it and not removed, however much the hashes have in common", () => {
  // Of few hashes, some agree in all the bits that choose a part, some in all that order it, some lie at the very end.
  const hashes = fc.constantFrom(0, -1, 0xffff, 0x1ffff, 0x10000, 1, 2, 0x7fffffff, -0x80000000, 0xfffe, -2);
  const operation = fc.record({ kind: fc.constantFrom("add", "add", "remove", "replace"), hash: hashes });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400, size: "max" }), (operations) => {
      const table = new RowHash();
      const model = new Map<number, number[]>();
      let row = 0;
      for (const { kind, hash } of operations) {
        const rows = model.get(hash) ?? [];
        model.set(hash, rows);
        row += 1;
        if (kind === "add") {
          table.add(hash, row);
          rows.push(row);
        } else if (rows.length > 0) {
          const old = rows.splice(row % rows.length, 1)[0]!;
          if (kind === "remove") {
            table.remove(hash, old);
          } else {
            table.replace(hash, old, row);
            rows.push(row);
          }
        }
      }
      for (const [hash, rows] of model) expect(rowsOf(table, hash)).toEqual(rows.sort((a, b) => a - b));
      expect(table.size).toBe([...model.values()].reduce((sum, rows) => sum + rows.length, 0));
    }),
    { numRuns: 200, interruptAfterTimeLimit: PROPERTY_MS_MAX },
  );
});

test("nothing is lost while it grows part by part, and a key takes less than 14 octets", () => {
  const table = new RowHash();
  const count = 150_000;
  const hashOf = (n: number): number => {
    const mixed = Math.imul(n, 0x9e3779b1);
    const again = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return Math.imul(again ^ (again >>> 13), 0xc2b2ae35);
  };
  for (let n = 1; n <= count; n += 1) table.add(hashOf(n), n);
  let lost = 0;
  for (let n = 1; n <= count; n += 1) if (!rowsOf(table, hashOf(n)).includes(n)) lost += 1;
  expect(lost).toBe(0);
  expect(table.bytes / count).toBeLessThan(14);
  for (let n = 1; n <= count; n += 2) table.remove(hashOf(n), n);
  for (let n = 1; n <= count; n += 1) if (rowsOf(table, hashOf(n)).includes(n) !== (n % 2 === 0)) lost += 1;
  expect(lost).toBe(0);
  expect(table.size).toBe(count / 2);
});

test("a thousand rows with one hash find room", () => {
  for (const hash of [0, 0xffff, -1]) {
    const table = new RowHash();
    for (let row = 1; row <= 1000; row += 1) table.add(hash, row);
    expect(rowsOf(table, hash)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    for (let row = 1; row < 1000; row += 1) table.remove(hash, row);
    expect(rowsOf(table, hash)).toEqual([1000]);
  }
});
