import { expect, test } from "vitest";
import { type KeyPress, readKey, sequenceGapMsMax } from "./shortcuts.ts";

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...modifiers,
});

test("g, then a letter, goes somewhere", () => {
  expect(readKey(press("g"), undefined, 0)).toEqual({ kind: "pending" });
  expect(readKey(press("b"), 0, 500)).toEqual({ kind: "go", key: "b" });
});

test("a letter long after g stands for itself", () => {
  expect(readKey(press("n"), 0, sequenceGapMsMax + 1)).toEqual({ kind: "key", key: "n" });
});

test("chords and named keys are left to the browser", () => {
  expect(readKey(press("r", { ctrlKey: true }), undefined, 0)).toEqual({ kind: "none" });
  expect(readKey(press("Shift"), 0, 10)).toEqual({ kind: "none" });
});
