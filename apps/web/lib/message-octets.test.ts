import { expect, test } from "vitest";
import { fieldAt, hexLines, octetsOfHex } from "./message-octets.ts";

test("hex in any notation becomes octets", () => {
  expect(octetsOfHex("0x3501:0D ff")).toEqual(["35", "01", "0d", "ff"]);
  expect(octetsOfHex("")).toEqual([]);
});

test("lines of sixteen with their offsets; what is not printable is a dot", () => {
  const lines = hexLines(octetsOfHex(`${"4c".repeat(16)}3c00`));
  expect(lines.map((line) => [line.offset, line.octets.length, line.ascii])).toEqual([
    [0, 16, "L".repeat(16)],
    [16, 2, "<."],
  ]);
});

test("an octet belongs to the innermost field around it", () => {
  const circuitId = { name: "circuit-id", value: "ge-0", offset: 2, length: 6 };
  const option82 = { name: "relay-agent-information", value: "", offset: 0, length: 8, children: [circuitId] };
  expect(fieldAt([option82], 3)).toBe(circuitId);
  expect(fieldAt([option82], 1)).toBe(option82);
  expect(fieldAt([option82], 8)).toBeNull();
});
