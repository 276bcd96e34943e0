import { BINDING_ORIGINS, type BindingInput, BindingTable } from "@leasewire/bindings";
import { DEFAULT_INSTANCE } from "@leasewire/net";
import { encodeOptions4, encodeOptions6 } from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex, read } from "../test/read.ts";
import { csvColumns, csvHeader, formatCsvRow } from "./own-csv.ts";

const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.oneof(fc.constantFrom("ge-0/0/1.100", "=1+1", "0x41", "a,b", '"', " x", "-1", "é", ""), fc.string());

const binding = fc.constantFrom(4, 6).chain((family) => {
  const bits = family === 4 ? 32 : 128;
  const address = octets(bits / 8, bits / 8);
  const options = fc
    .array(fc.record({ code: fc.integer({ min: 1, max: 254 }), data: octets(0, 40) }), { maxLength: 4 })
    .map((list) => (family === 4 ? encodeOptions4(list) : encodeOptions6(list)));
  return fc.record({
    instance: fc.constant(DEFAULT_INSTANCE),
    address,
    prefixLength: fc.constant(bits),
    kind: fc.constant("address" as const),
    state: fc.integer({ min: 1, max: 8 }),
    hardwareType: fc.integer({ min: 0, max: 0xffff }),
    hardwareAddress: maybe(octets(0, 16)),
    clientId: maybe(octets(0, 255)),
    iaid: maybe(uint32),
    startTimeOfStateSeconds: uint32,
    clientLastTransactionTimeSeconds: uint32,
    expiresAtSeconds: fc.oneof(uint32, fc.constant(0xffffffff)),
    preferredUntilSeconds: maybe(uint32),
    linkAddress: maybe(address),
    relayAgentInformation: maybe(octets(0, 60)),
    circuitId: maybe(octets(0, 60)),
    remoteId: maybe(octets(0, 60)),
    relayId: maybe(octets(0, 60)),
    options: maybe(options),
    serverIdentifier: maybe(family === 4 ? octets(4, 4) : octets(1, 130)),
    serverAddress: maybe(text),
    dataSource: fc.integer({ min: 0, max: 255 }),
    origin: fc.constantFrom(...BINDING_ORIGINS),
    interfaceName: maybe(text),
  });
});

test("what is written is read back exactly, origin apart", () => {
  fc.assert(
    fc.property(fc.array(binding, { minLength: 1, maxLength: 5 }), (bindings: BindingInput[]) => {
      const file = csvHeader + bindings.map(formatCsvRow).join("");
      const { records, lines } = read("csv", file);
      expect(lines).toEqual([]);
      expect(records.map((record) => record.binding)).toEqual(bindings.map((one) => ({ ...one, origin: "import" })));
    }),
    { numRuns: 300 },
  );
});

test("no field can be taken for a formula, and none needs quotes", () => {
  fc.assert(
    fc.property(binding, (one: BindingInput) => {
      const row = formatCsvRow(one);
      expect(row.endsWith("\n")).toBe(true);
      const fields = row.slice(0, -1).split(",");
      expect(fields).toHaveLength(csvColumns.length);
      for (const field of fields) expect(field).toMatch(/^(?:[A-Za-z0-9:][A-Za-z0-9 ._:/-]*)?$/);
    }),
  );
});

test("a table written out and read in again is the same table", () => {
  const before = new BindingTable(4);
  for (let i = 1; i <= 50; i += 1) {
    before.put(
      {
        instance: DEFAULT_INSTANCE,
        address: Uint8Array.of(192, 0, 2, i),
        prefixLength: 32,
        kind: "address",
        state: 2,
        hardwareType: 1,
        hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, i),
        startTimeOfStateSeconds: 1000 + i,
        clientLastTransactionTimeSeconds: 2000 + i,
        expiresAtSeconds: 3000 + i,
        dataSource: 0,
        origin: "import",
        interfaceName: "ge-0/0/1.0",
      },
      "test",
      1,
    );
  }
  const rows = Array.from({ length: before.rowLast }, (_, index) => before.at(index + 1)!);
  const after = new BindingTable(4);
  for (const { binding: read4 } of read("csv", csvHeader + rows.map(formatCsvRow).join("")).records) {
    after.put(read4, "test", 1);
  }
  expect(Array.from({ length: after.rowLast }, (_, index) => after.at(index + 1))).toEqual(rows);
});

describe("short files", () => {
  test("an address alone is an active lease; both families in one file", () => {
    const { records } = read("csv", "address\n192.0.2.7\n2001:db8::7\n");
    expect(
      records.map(({ family, binding: { state, kind, prefixLength } }) => [family, state, kind, prefixLength]),
    ).toEqual([
      [4, 2, "address", 32],
      [6, 2, "address", 128],
    ]);
  });

  test("fields quoted by a spreadsheet", () => {
    const { records, lines } = read("csv", '"address","interfaceName"\n"192.0.2.7","a ""b"", c"\n');
    expect(lines).toEqual([]);
    expect(records[0]!.binding.interfaceName).toBe('a "b", c');
  });

  test("without columns for them, circuit-id and remote-id are those of option 82", () => {
    const { records } = read("csv", "address,relayAgentInformation\n192.0.2.7,0x010241420201ff\n");
    expect(hex(records[0]!.binding.circuitId)).toBe("4142");
    expect(hex(records[0]!.binding.remoteId)).toBe("ff");
  });

  test.each([
    [
      "address,state\n192.0.2.7,BUSY\n",
      'line 2, column 11: state "BUSY" is unknown: write one of AVAILABLE, ACTIVE, EXPIRED, RELEASED, ABANDONED, RESET, REMOTE, TRANSITIONING',
    ],
    ["address,kind\n192.0.2.7,x\n", 'line 2, column 11: kind "x" is unknown: write address or prefix'],
    [
      "address,prefixLength\n192.0.2.7,33\n",
      'line 2, column 11: prefixLength "33" is not a number from 0 to 32: write it in decimal digits',
    ],
    [
      "address,options\n192.0.2.7,0x0c05\n",
      "line 2, column 11: options is not a row of options: give each with its code and length",
    ],
    [
      "address,linkAddress\n192.0.2.7,2001:db8::1\n",
      'line 2, column 11: linkAddress "2001:db8::1" is not an IPv4 address: write it like 192.0.2.7',
    ],
    ['address,x\n"192.0.2.7,1\n', 'line 2: a quote is not closed: write a quote inside quotes as ""'],
    [
      `address,hardwareAddress\n192.0.2.7,0x${"00".repeat(17)}\n`,
      "line 2, column 11: hardwareAddress has 17 octets, 16 are possible: correct the value",
    ],
  ])("%.40j", (file, sentence) => {
    expect(read("csv", file).lines).toEqual([sentence]);
  });
});
