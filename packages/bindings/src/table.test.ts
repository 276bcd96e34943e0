import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bindingInput, draftOf, instances, PROPERTY_MS_MAX, T0 } from "../test/arbitrary.ts";
import { verify } from "../test/verify.ts";
import { type BindingInput, BindingState, EXPIRES_NEVER, type Family, isEnded } from "./binding.ts";
import { bindingId } from "./binding-id.ts";
import type { LogReader } from "./change-log.ts";
import { BindingTable } from "./table.ts";

function masked(address: Uint8Array, length: number): Uint8Array {
  return address.map((octet, i) => {
    const bits = length - i * 8;
    return bits >= 8 ? octet : bits <= 0 ? 0 : octet & (0xff << (8 - bits));
  });
}

function covers(binding: BindingInput, address: Uint8Array): boolean {
  return masked(address, binding.prefixLength).join() === binding.address.join();
}

/** The table as a map, every question answered by looking at everything. */
class Model {
  readonly #family: Family;
  readonly bindings = new Map<string, { input: BindingInput; sequence: number; changedAtSeconds: number }>();
  sequence = 0;
  changedAtSeconds = 0;

  constructor(family: Family) {
    this.#family = family;
  }

  put(raw: BindingInput, now: number): "inserted" | "updated" | "unchanged" {
    const input = { ...raw, address: masked(raw.address, raw.prefixLength) };
    const id = bindingId(this.#family, input.instance, input.address, input.prefixLength);
    const existing = this.bindings.get(id);
    if (existing !== undefined && text(existing.input) === text(input)) return "unchanged";
    this.#change(id, input, now);
    return existing === undefined ? "inserted" : "updated";
  }

  remove(id: string, now: number): void {
    this.sequence += 1;
    this.changedAtSeconds = Math.max(this.changedAtSeconds, now);
    this.bindings.delete(id);
  }

  overdue(now: number): string[] {
    return [...this.bindings]
      .filter(
        ([, { input }]) =>
          input.state === BindingState.ACTIVE &&
          input.expiresAtSeconds !== 0 &&
          input.expiresAtSeconds !== EXPIRES_NEVER &&
          input.expiresAtSeconds <= now,
      )
      .map(([id]) => id);
  }

  expire(id: string, now: number): void {
    const { input } = this.bindings.get(id)!;
    this.#change(id, { ...input, state: BindingState.EXPIRED, startTimeOfStateSeconds: input.expiresAtSeconds }, now);
  }

  #change(id: string, input: BindingInput, now: number): void {
    this.sequence += 1;
    this.changedAtSeconds = Math.max(this.changedAtSeconds, now);
    this.bindings.set(id, { input, sequence: this.sequence, changedAtSeconds: this.changedAtSeconds });
  }
}

function text(input: BindingInput): string {
  return JSON.stringify(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value instanceof Uint8Array ? value.join() : value])
      .sort(),
  );
}

function inputOf(table: BindingTable, row: number): BindingInput {
  const { id: _id, row: _row, sequence: _sequence, changedAtSeconds: _at, ...input } = table.at(row)!;
  return input;
}

type Operation =
  | { kind: "put"; input: BindingInput; asDraft: boolean }
  | { kind: "remove"; index: number }
  | { kind: "expire"; budget: number }
  | { kind: "sweep"; budget: number }
  | { kind: "tick"; seconds: number };

function operations(family: Family): fc.Arbitrary<Operation[]> {
  return fc.array(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          kind: fc.constant("put" as const),
          input: bindingInput(family),
          asDraft: fc.boolean(),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), index: fc.nat(1000) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("expire" as const), budget: fc.integer({ min: 1, max: 5 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("sweep" as const), budget: fc.integer({ min: 1, max: 5 }) }),
      },
      // Backwards as well: clocks are set.
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("tick" as const), seconds: fc.integer({ min: -20, max: 300 }) }),
      },
    ),
    { maxLength: 120, size: "max" },
  );
}

describe.each([4, 6] as const)("a table of family %i", (family) => {
  test("does what a map does, and every index agrees with its rows", () => {
    fc.assert(
      fc.property(operations(family), (list) => {
        const table = new BindingTable(family, { limits: { endedRetentionSeconds: 200, logEntriesMax: 40 } });
        const model = new Model(family);
        const reader = table.log.reader("test", "oldest") as LogReader;
        const replayed = new Map<string, string>();
        let replayedTo = 0;
        let now = T0;
        for (const operation of list) {
          if (operation.kind === "tick") {
            now += operation.seconds;
          } else if (operation.kind === "put") {
            const { input, asDraft } = operation;
            const result = asDraft ? table.putDraft(draftOf(input), "test", now) : table.put(input, "test", now);
            expect(result.outcome).toBe(model.put(operation.input, now));
          } else if (operation.kind === "remove") {
            const rows = [...table.changedSince({ afterSequence: 0 })];
            const row = rows[operation.index % (rows.length || 1)];
            if (row === undefined) continue;
            const { id } = table.at(row)!;
            const generation = table.generation(row);
            expect(table.remove(row, "test", now)).toEqual({ outcome: "removed", sequence: model.sequence + 1 });
            expect(table.at(row)).toBeUndefined();
            expect(table.generation(row)).not.toBe(generation);
            model.remove(id, now);
          } else if (operation.kind === "expire") {
            const before = new Set(model.overdue(now));
            const sequence = table.sequence;
            const { expired, done } = table.expire(now, operation.budget);
            expect(table.sequence).toBe(sequence + expired);
            for (const change of [...table.changedSince({ afterSequence: sequence })].reverse()) {
              const { id } = table.at(change)!;
              expect(before.delete(id)).toBe(true);
              model.expire(id, now);
            }
            if (done) expect(before.size).toBe(0);
          } else {
            const ended = [...model.bindings]
              .filter(([, { input, changedAtSeconds }]) => isEnded(input.state) && changedAtSeconds + 200 <= now)
              .sort(([, a], [, b]) => a.sequence - b.sequence);
            const { removed, done } = table.sweep(now, operation.budget);
            expect(removed).toBe(Math.min(ended.length, operation.budget));
            for (const [id] of ended.slice(0, removed)) model.remove(id, now);
            if (done) expect(removed).toBe(ended.length);
          }
          expect(table.sequence).toBe(model.sequence);
          for (const change of reader.read(100)) {
            replayedTo += 1;
            expect(change.sequence).toBe(replayedTo);
            if (change.kind === "remove") replayed.delete(change.binding.id);
            else replayed.set(change.binding.id, JSON.stringify(change.binding));
          }
        }
        expect(verify(table)).toEqual([]);
        expect(table.size).toBe(model.bindings.size);
        for (const { input, sequence, changedAtSeconds } of model.bindings.values()) {
          const row = table.byPrefix(input.instance, input.address, input.prefixLength);
          expect(text(inputOf(table, row))).toBe(text(input));
          expect(table.at(row)).toMatchObject({ sequence, changedAtSeconds });
          // The fold of the log is the table.
          expect(replayed.get(table.at(row)!.id)).toBe(JSON.stringify(table.at(row)));
        }
        expect(replayed.size).toBe(table.size);
      }),
      { numRuns: 200, interruptAfterTimeLimit: PROPERTY_MS_MAX },
    );
  });

  test("answers for every address inside a prefix, the longest prefix first", () => {
    fc.assert(
      fc.property(
        fc.array(bindingInput(family), { maxLength: 40 }),
        bindingInput(family),
        instances,
        (inputs, probe, instance) => {
          const table = new BindingTable(family);
          const model = new Model(family);
          for (const input of inputs) {
            table.put(input, "test", T0);
            model.put(input, T0);
          }
          const best = [...model.bindings.values()]
            .filter(({ input }) => input.instance === instance && covers(input, probe.address))
            .sort((a, b) => b.input.prefixLength - a.input.prefixLength)[0];
          const row = table.byAddress(instance, probe.address);
          expect(row === -1 ? undefined : table.at(row)!.sequence).toBe(best?.sequence);
        },
      ),
      { numRuns: 200, interruptAfterTimeLimit: PROPERTY_MS_MAX },
    );
  });

  test("an identical put is no change", () => {
    fc.assert(
      fc.property(bindingInput(family), (input) => {
        const table = new BindingTable(family);
        const first = table.put(input, "one", T0);
        expect(first).toMatchObject({ outcome: "inserted", sequence: 1 });
        expect(table.put(structuredClone(input), "two", T0 + 5)).toEqual({ ...first, outcome: "unchanged" });
        expect(table.putDraft(draftOf(input), "two", T0 + 5)).toEqual({ ...first, outcome: "unchanged" });
        expect(table.log.lastSequence).toBe(1);
        expect(verify(table)).toEqual([]);
      }),
    );
  });

  test("a restored table is the table that was stored", () => {
    fc.assert(
      fc.property(operations(family), (list) => {
        const table = new BindingTable(family);
        for (const operation of list) if (operation.kind === "put") table.put(operation.input, "test", T0);
        const copy = new BindingTable(family);
        for (const row of [...table.changedSince({ afterSequence: 0 })].reverse()) {
          const binding = table.at(row)!;
          expect(copy.restore(binding, binding.sequence, binding.changedAtSeconds).outcome).toBe("inserted");
        }
        expect(verify(copy)).toEqual([]);
        expect(copy.sequence).toBe(table.sequence);
        expect(copy.log.lastSequence).toBe(table.sequence);
        expect(copy.log.oldestSequence).toBe(table.sequence + 1);
        for (const row of table.changedSince({ afterSequence: 0 })) {
          const { row: _row, ...binding } = table.at(row)!;
          expect(copy.at(copy.byPrefix(binding.instance, binding.address, binding.prefixLength))).toMatchObject(
            binding,
          );
        }
      }),
      { numRuns: 50, interruptAfterTimeLimit: PROPERTY_MS_MAX },
    );
  });
});
