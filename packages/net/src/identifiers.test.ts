import { describe, expect, test } from "vitest";
import { formatClientIdentifier, parseClientIdentifier } from "./client-identifier.ts";
import { formatRelayIdentifier, parseRelayIdentifier } from "./relay-identifier.ts";
import { formatRemoteId, parseRemoteId } from "./remote-id.ts";

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
