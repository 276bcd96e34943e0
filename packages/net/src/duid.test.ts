import { describe, expect, test } from "vitest";
import { describeDuid, formatDuid, parseDuid } from "./duid.ts";

describe("parseDuid", () => {
  test.each([
    ["00:03:00:01:00:11:22:33:44:55", "LL", "DUID-LL Ethernet 00:11:22:33:44:55"],
    ["00030001001122334455", "LL", "DUID-LL Ethernet 00:11:22:33:44:55"],
    ["0x0001000100000000001122334455", "LLT", "DUID-LLT Ethernet 00:11:22:33:44:55 made 2000-01-01T00:00:00Z"],
    ["0002000000090cc084d303000912", "EN", "DUID-EN enterprise 9 identifier 0c:c0:84:d3:03:00:09:12"],
    ["000400112233445566778899aabbccddeeff", "UUID", "DUID-UUID 00112233-4455-6677-8899-aabbccddeeff"],
    ["00030006aabb", "LL", "DUID-LL hardware type 6 aa:bb"],
    ["000900", 9, "DUID of type 9: 00"],
    ["000300", "LL", "DUID-LL cut short: 00:03:00"],
    ["000100", "LLT", "DUID-LLT cut short: 00:01:00"],
    ["000200", "EN", "DUID-EN cut short: 00:02:00"],
    ["000400", "UUID", "DUID-UUID of wrong length: 00:04:00"],
  ])("%s", (text, type, description) => {
    const parsed = parseDuid(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(describeDuid(parsed.value)).toEqual({ type, text: description });
    expect(parseDuid(formatDuid(parsed.value))).toEqual(parsed);
  });
  test("describes what is no DUID", () => {
    expect(describeDuid(new Uint8Array(0))).toEqual({ type: -1, text: "too short for a DUID: nothing" });
    expect(describeDuid(Uint8Array.of(7))).toEqual({ type: -1, text: "too short for a DUID: 07" });
    expect(describeDuid(Uint8Array.of(0, 7))).toEqual({ type: 7, text: "DUID of type 7: nothing" });
  });
  test.each([
    ["", "duid-empty", "the DUID is empty: write it in hex, such as 00:03:00:01:00:11:22:33:44:55"],
    ["0003", "duid-length", '"0003" has 2 octets: a DUID has 3 to 130, such as 00:03:00:01:00:11:22:33:44:55'],
    [
      "client-1",
      "duid-hex",
      '"client-1" is not a DUID: write it in hex, such as 00:03:00:01:00:11:22:33:44:55 ("client-1" is not hex: "l" is not one of 0-9 and a-f)',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseDuid(text)).toEqual({ ok: false, error: { code, message } });
  });
  test("refuses 131 octets, takes 130", () => {
    expect(parseDuid("00".repeat(130)).ok).toBe(true);
    expect(parseDuid("00".repeat(131)).ok).toBe(false);
  });
});
