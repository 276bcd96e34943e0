import { describe, expect, test } from "vitest";
import { formatClientIdentifier, parseClientIdentifier } from "./client-identifier.ts";
import { formatRelayIdentifier, parseRelayIdentifier } from "./relay-identifier.ts";
import { formatRemoteId, formatRemoteId6, parseRemoteId, parseRemoteId6 } from "./remote-id.ts";

describe("client identifiers", () => {
  test.each([
    ["01:00:11:22:33:44:55", "01:00:11:22:33:44:55"],
    ["0x01001122334455", "01:00:11:22:33:44:55"],
    ["ascii:modem7", "ascii:modem7"],
    ["ascii:it's", "69:74:27:73"],
  ])("%s", (text, shown) => {
    const parsed = parseClientIdentifier(text);
    expect(parsed.ok && formatClientIdentifier(parsed.value)).toBe(shown);
  });
  test.each([
    ["01", "opaque-short", 'the client identifier "01" has 1 octet: at least 2 octets are needed'],
    ["", "opaque-empty", "the client identifier is empty: write hex such as 0x0a1b, or ascii:NAME"],
    [
      "modem7",
      "opaque-hex",
      'the client identifier "modem7" is not hex: write hex such as 0x0a1b, or ascii:NAME for text ("modem7" is not hex: "m" is not one of 0-9 and a-f)',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseClientIdentifier(text)).toEqual({ ok: false, error: { code, message } });
  });
});

describe("relay identifiers and remote IDs", () => {
  test("one octet is enough", () => {
    expect(parseRelayIdentifier("0a")).toEqual({ ok: true, value: Uint8Array.of(10) });
    expect(parseRemoteId("0a")).toEqual({ ok: true, value: Uint8Array.of(10) });
    expect(formatRelayIdentifier(Uint8Array.of(10))).toBe("0a");
    expect(formatRemoteId(Uint8Array.of(0x61))).toBe("ascii:a");
  });
  test("refusals name what was wanted", () => {
    const relay = parseRelayIdentifier("");
    const remote = parseRemoteId(`ascii:${"x".repeat(256)}`);
    expect(relay.ok ? "" : relay.error.message).toBe(
      "the relay identifier is empty: write hex such as 0x0a1b, or ascii:NAME",
    );
    expect(remote.ok ? "" : remote.error.message).toBe(
      'the remote ID "ascii:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" has 256 octets: at most 255 octets are allowed',
    );
  });
});

describe("remote IDs of DHCPv6", () => {
  test.each([
    ["3561:ascii:line7", "00000de96c696e6537", "3561:ascii:line7"],
    ["3561:0x0a0b", "00000de90a0b", "3561:0x0a0b"],
    ["0x00000de90a0b", "00000de90a0b", "3561:0x0a0b"],
    ["00:00:0d:e9:0a", "00000de90a", "3561:0x0a"],
    ["4294967295:0xff", "ffffffffff", "4294967295:0xff"],
  ])("%s", (text, hex, shown) => {
    const parsed = parseRemoteId6(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(Buffer.from(parsed.value).toString("hex")).toBe(hex);
    expect(formatRemoteId6(parsed.value)).toBe(shown);
    expect(parseRemoteId6(shown)).toEqual(parsed);
  });

  test.each([
    ["00000de9", "opaque-short"],
    ["4294967296:0x0a", "enterprise-range"],
    ["3561:0x", "opaque-short"],
    ["line7", "opaque-hex"],
  ])("%s is refused: %s", (text, code) => {
    const parsed = parseRemoteId6(text);
    expect(parsed.ok ? "" : parsed.error.code).toBe(code);
  });
});
