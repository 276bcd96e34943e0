import type { LookupAnswer } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { cellsOf, columns, csvOf, fits, tabbedOf } from "./answers.ts";
import { linesOf } from "./lines.ts";

const answer = (changes: Partial<LookupAnswer> = {}): LookupAnswer => ({
  text: "192.0.2.7",
  result: "none",
  kind: "address",
  key: "192.0.2.7",
  binding: null,
  further: 0,
  source: null,
  message: "Nobody is known for it.",
  ...changes,
});
const found = answer({
  result: "found",
  source: "table",
  further: 2,
  binding: {
    id: "4/default:default/192.0.2.7/32",
    family: 4,
    instance: "default:default",
    role: "relay",
    address: "192.0.2.7",
    kind: "address",
    state: "ACTIVE",
    hardwareAddress: "00:11:22:33:44:55",
    clientId: null,
    hostName: '=HYPERLINK("http://example.net","x")',
    expiresAt: 1_795_503_600,
    clientLastTransactionTime: 1_795_500_000,
    interfaceName: "ge-0/0/1.100",
    circuitId: null,
    remoteId: "-1+1",
    relayId: null,
    serverAddress: "198.51.100.1",
  },
});

describe("lines", () => {
  test.each([
    ["192.0.2.7\r\n\r\n  0011.2233.4455 \n", ["192.0.2.7", "0011.2233.4455"]],
    ["a, b;c\td", ["a", "b", "c", "d"]],
    ["\"192.0.2.7\"\n'x'", ["192.0.2.7", "x"]],
    ["ascii:two words, one comma", ["ascii:two words, one comma"]],
    [" \n", []],
  ])("%j", (text, lines) => expect(linesOf(text)).toEqual(lines));
});

describe("what is taken along", () => {
  test("every column has its cell", () => expect(cellsOf(found)).toHaveLength(columns.length));
  test("CSV: quoted, and no formula", () => {
    const [, line] = csvOf([found]).split("\r\n");
    expect(line).toBe(
      '192.0.2.7,address,192.0.2.7,found,192.0.2.7,ACTIVE,2026-11-24 07:00:00,2026-11-24 06:00:00,00:11:22:33:44:55,,"\'=HYPERLINK(""http://example.net"",""x"")",ge-0/0/1.100,,\'-1+1,,198.51.100.1,default:default,table,2,Nobody is known for it.',
    );
  });
  test("text: one line for each answer", () => {
    expect(tabbedOf([answer({ message: "two\nlines\there" })]).split("\n")).toHaveLength(2);
  });
});

test.each([
  ["all", "", [true, true, true]],
  ["active", "", [true, false, false]],
  ["none", "", [false, true, false]],
  ["wrong", "", [false, false, true]],
  ["ended", "", [false, false, false]],
  ["all", "GE-0/0/1", [true, false, false]],
  ["all", "nobody", [true, true, true]],
] as const)("filter %s %s", (filter, text, kept) => {
  const all = [found, answer(), answer({ result: "unreadable", kind: null, key: null })];
  expect(all.map((one) => fits(one, filter, text))).toEqual(kept);
});
