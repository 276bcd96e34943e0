import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatOpaque, formatOpaqueInput, parseOpaque } from "./opaque.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("formatOpaque makes hostile text safe", () => {
  test.each([
    ["a circuit", utf8("ge-1/0/0.0"), "ge-1/0/0.0"],
    ["nothing", new Uint8Array(0), ""],
    ["a newline", utf8("a\nb"), "0x610a62"],
    ["an escape sequence", utf8("\u001b[2J"), "0x1b5b324a"],
    ["a bidi override", utf8("a\u202eb"), "0x61e280ae62"],
    ["an accent", utf8("é"), "0xc3a9"],
    ["a double quote", utf8('a"b'), "0x612262"],
    ["a single quote", utf8("a'b"), "0x612762"],
    ["a backslash", utf8("a\\b"), "0x615c62"],
    ["not UTF-8", Uint8Array.of(0xff, 0xfe), "0xfffe"],
    ["NUL", Uint8Array.of(0x61, 0), "0x6100"],
    ["a blank at the end", utf8("a "), "0x6120"],
    ["text that reads as hex", utf8("0x41"), "0x30783431"],
  ])("%s", (_, bytes, text) => {
    expect(formatOpaque(bytes)).toBe(text);
  });
  test("two different octet strings never look alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        if (formatOpaque(a) === formatOpaque(b)) expect(a).toEqual(b);
      }),
    );
  });
});

describe("parseOpaque", () => {
  test.each([
    ["ascii:ge-0/0/1", utf8("ge-0/0/1")],
    ['ascii:"quoted"', utf8('"quoted"')],
    ["0x0a1b", Uint8Array.of(10, 27)],
    ["0a:1b", Uint8Array.of(10, 27)],
  ])("%s", (text, bytes) => {
    expect(parseOpaque(text, "remote ID", 1, 255)).toEqual({ ok: true, value: bytes });
  });
  test.each([
    ["  ", "opaque-empty", "the remote ID is empty: write hex such as 0x0a1b, or ascii:NAME"],
    ["ascii:", "opaque-short", 'the remote ID "ascii:" has 0 octets: at least 2 octets are needed'],
    ["0a", "opaque-short", 'the remote ID "0a" has 1 octet: at least 2 octets are needed'],
    ["0a0b0c0d", "opaque-long", 'the remote ID "0a0b0c0d" has 4 octets: at most 3 octets are allowed'],
    [
      "ascii:é",
      "opaque-ascii",
      'the remote ID "\\u{e9}" has a character that is not printable ASCII: give the octets in hex, such as 0x0a1b',
    ],
    [
      "ge-0/0/1",
      "opaque-hex",
      'the remote ID "ge-0/0/1" is not hex: write hex such as 0x0a1b, or ascii:NAME for text ("ge-0/0/1" is not hex: "g" is not one of 0-9 and a-f)',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseOpaque(text, "remote ID", 2, 3)).toEqual({ ok: false, error: { code, message } });
  });
  test("parse(formatOpaqueInput(x)) = x", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(parseOpaque(formatOpaqueInput(bytes), "remote ID", 1, 255)).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});
