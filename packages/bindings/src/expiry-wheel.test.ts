import fc from "fast-check";
import { expect, test } from "vitest";
import { PROPERTY_MS_MAX } from "../test/arbitrary.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import { Row, Rows } from "./row-layout.ts";

const ROWS = 40;

test("rows come out when they are due and not before, at any distance and whichever way the clock goes", () => {
  const times = fc.oneof(fc.nat(600), fc.nat(70_000), fc.nat(20_000_000), fc.integer({ min: 0, max: 0xfffffffe }));
  const operation = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), row: fc.integer({ min: 1, max: ROWS }), time: times }),
    fc.record({ kind: fc.constant("renew" as const), row: fc.integer({ min: 1, max: ROWS }), by: fc.nat(100_000) }),
    fc.record({ kind: fc.constant("remove" as const), row: fc.integer({ min: 1, max: ROWS }) }),
    fc.record({ kind: fc.constant("at" as const), time: times }),
    fc.record({ kind: fc.constant("tick" as const), by: fc.integer({ min: -300, max: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100, size: "max" }), (operations) => {
      const rows = new Rows(4);
      rows.grow(ROWS + 1);
      const wheel = new ExpiryWheel(rows);
      const model = new Map<number, number>();
      let now = 0;
      for (const operation of operations) {
        if (operation.kind === "add" && !model.has(operation.row)) {
          rows.set(operation.row, Row.expiresAt, operation.time);
          wheel.add(operation.row);
          model.set(operation.row, operation.time);
        } else if (operation.kind === "renew" && model.has(operation.row)) {
          // To a later second it stays in its place.
          const time = Math.min(0xfffffffe, model.get(operation.row)! + operation.by);
          expect(wheel.mayStay(operation.row, time)).toBe(true);
          rows.set(operation.row, Row.expiresAt, time);
          model.set(operation.row, time);
        } else if (operation.kind === "remove" && model.delete(operation.row)) {
          wheel.remove(operation.row);
        } else if (operation.kind === "at" || operation.kind === "tick") {
          now = operation.kind === "at" ? operation.time : Math.min(0xffffffff, Math.max(0, now + operation.by));
          const expected = [...model].filter(([, time]) => time <= now).map(([row]) => row);
          const found: number[] = [];
          for (let row = wheel.due(now, 3); row !== 0; row = wheel.due(now, 3)) {
            if (row < 0) {
              // The budget was too small for this step: what was moved stays moved, so a bigger one gets on.
              row = wheel.due(now, 1000);
              if (row === 0) break;
            }
            found.push(row);
            wheel.remove(row);
            model.delete(row);
          }
          expect(found.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
        }
        expect(wheel.size).toBe(model.size);
      }
    }),
    { numRuns: 200, interruptAfterTimeLimit: PROPERTY_MS_MAX },
  );
});
