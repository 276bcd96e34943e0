import { describe, expect, test } from "vitest";
import { safeJson, safeLine, safeText } from "./safe-text.ts";

describe("safeLine", () => {
  test.each([
    ["plain text", "plain text"],
    ["Müller & Söhne 漢字 🙂", "Müller & Söhne 漢字 🙂"],
    ["\u001b]0;owned\u0007", "\\u{1b}]0;owned\\u{7}"],
    ["a\nb\tc", "a\\u{a}b\\u{9}c"],
    ["\u009b31m", "\\u{9b}31m"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["half \ud800 pair", "half \\u{d800} pair"],
  ])("%j", (text, shown) => {
    expect(safeLine(text)).toBe(shown);
  });
});

test("safeText keeps line breaks and tabs", () => {
  expect(safeText("a\r\n\tb\u001b[2J\r")).toBe("a\n\tb\\u{1b}[2J\\u{d}");
});

test("safeJson says the same with nothing raw", () => {
  const value = { name: "\u001b[2J \u007f \u009b \u202e ü" };
  const text = safeJson(value, 2);
  expect(text).toContain("\\u007f \\u009b \\u202e ü");
  expect(JSON.parse(text)).toEqual(value);
});
