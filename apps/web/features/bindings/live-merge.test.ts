import type { BindingRow } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { arrivalsText, blockRows, mergeBatch, showsAtOnce } from "./live-merge.ts";

const row = (id: string, sequence: number) => ({ id, sequence }) as BindingRow;
const known = {
  sequence: 10,
  loaded: (id: string) => ({ a: 9, b: 10 })[id],
  mayMatch: (each: BindingRow) => each.id !== "filtered-out",
};
const batch = (fromSequence: number, toSequence: number, rows: BindingRow[] = [], removed: string[] = []) => ({
  family: 4 as const,
  fromSequence,
  toSequence,
  rows,
  removed,
});

describe("a batch of changes", () => {
  test("already in the list is ignored", () => {
    expect(mergeBatch(known, batch(8, 10, [row("a", 9)]))).toEqual({ kind: "ignored" });
  });

  test("with changes missing before it means: fetch again", () => {
    expect(mergeBatch(known, batch(12, 13, [row("a", 12)]))).toEqual({ kind: "refetch", sequence: 13 });
  });

  test("changes loaded rows in place and counts the others", () => {
    expect(
      mergeBatch(known, batch(11, 14, [row("a", 11), row("new", 12), row("filtered-out", 13)], ["b", "c"])),
    ).toEqual({
      kind: "merged",
      sequence: 14,
      updates: [row("a", 11)],
      removals: ["b"],
      outside: ["new"],
    });
  });

  test("that overlaps what the page knows does not turn rows back", () => {
    const merge = mergeBatch(known, batch(9, 11, [row("b", 10), row("elsewhere", 9), row("new", 11)]));
    expect(merge).toMatchObject({ kind: "merged", updates: [], outside: ["new"] });
  });
});

describe("new bindings", () => {
  test.each([
    ["an empty list takes them at once", { total: 0, newestFirst: false, atTop: false, arriving: 500 }, true],
    ["a short list at its top, too", { total: 10, newestFirst: true, atTop: true, arriving: 1 }, true],
    ["not while one reads further down", { total: 10, newestFirst: true, atTop: false, arriving: 1 }, false],
    ["not in another order", { total: 10, newestFirst: false, atTop: true, arriving: 1 }, false],
    ["not when it no longer fits", { total: blockRows, newestFirst: true, atTop: true, arriving: 1 }, false],
  ])("%s", (_, list, expected) => expect(showsAtOnce(list)).toBe(expected));

  test("are named as what is known of them", () => {
    expect(arrivalsText(1, true)).toBe("1 new binding");
    expect(arrivalsText(12, true)).toBe("12 new bindings");
    expect(arrivalsText(2, false)).toBe("2 new or changed bindings outside the rows shown");
  });
});
