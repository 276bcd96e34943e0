import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatHex, parseHex } from "./hex.ts";

describe("parseHex", () => {
  test.each([
    ["", []],
    ["0x0a1B", [10, 27]],
    ["0a1b", [10, 27]],
    ["0a:1b", [10, 27]],
    ["a:1b", [10, 27]],
    ["0A-1B-2c", [10, 27, 44]],
    [" 0a 1b ", [10, 27]],
    ["0x0a:1b", [10, 27]],
  ])("%j", (text, octets) => {
    expect(parseHex(text)).toEqual({ ok: true, value: Uint8Array.from(octets) });
  });
  test.each([
    ["0a1", "hex-odd", '"0a1" has an odd number of hex digits: write two digits for each octet, such as 0a'],
    ["0g", "hex-digit", '"0g" is not hex: "g" is not one of 0-9 and a-f'],
    ["eth0", "hex-digit", '"eth0" is not hex: "t" is not one of 0-9 and a-f'],
    ["0a::1b", "hex-separator", '"0a::1b" has a ":" without an octet beside it: remove it or write the missing octet'],
    ["0a:1b-2c", "hex-separator", '"0a:1b-2c" mixes separators: use either ":" or "-" throughout'],
    [
      "0a:1b2c",
      "hex-separator",
      '"0a:1b2c" has the group "1b2c" of 4 digits: write one octet (two digits) between separators',
    ],
    ["0a\u202e", "hex-digit", '"0a\\u{202e}" is not hex: "\\u{202e}" is not one of 0-9 and a-f'],
  ])("refuses %j", (text, code, message) => {
    expect(parseHex(text)).toEqual({ ok: false, error: { code, message } });
  });
  test("refuses text without end", () => {
    expect(parseHex("0".repeat(200_001))).toEqual({
      ok: false,
      error: { code: "hex-long", message: "hex text is longer than 200000 characters: shorten it" },
    });
  });
  test("parse(format(x)) = x with every separator", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("", ":", "-", " "), (bytes, separator) => {
        expect(parseHex(formatHex(bytes, separator))).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});
