import { readFileSync } from "node:fs";
import { BindingTable } from "@leasewire/bindings";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { read } from "../test/read.ts";
import { csvHeader, type LeaseFileFormat } from "./index.ts";
import { formatCsvRow } from "./own-csv.ts";

const sample = (name: string) => readFileSync(new URL(`../test/samples/${name}`, import.meta.url));
const firstLines = (file: Buffer, count: number) => Buffer.from(file.toString().split("\n").slice(0, count).join("\n"));

const ownFile = Buffer.from(
  csvHeader +
    read("kea-csv6", sample("kea-leases6.csv"))
      .records.slice(0, 5)
      .map((r) => formatCsvRow(r.binding))
      .join(""),
);
const files: readonly [LeaseFileFormat, Buffer][] = [
  ["kea-csv4", firstLines(sample("kea-leases4.csv"), 6)],
  ["kea-csv6", firstLines(sample("kea-leases6.csv"), 6)],
  ["isc-leases", sample("dhcpd.leases")],
  ["isc-leases", sample("dhcpd6.leases")],
  ["csv", ownFile],
];

describe.each(files)("%s", (format, file) => {
  const mutations = fc.array(
    fc.record({
      at: fc.nat(file.length),
      remove: fc.integer({ min: 0, max: 20 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc
          .constantFrom(
            '"',
            "{",
            "}",
            ";",
            ",",
            "\n",
            "\r\n",
            "\\",
            "#",
            "&#x2c",
            "lease 1.1.1.1 {",
            "\nlease ",
            "\uFEFF",
            "0",
            "-1",
            "9".repeat(30),
          )
          .map((text) => new TextEncoder().encode(text)),
      ),
    }),
    { maxLength: 6 },
  );
  const mutate = (list: readonly { at: number; remove: number; insert: Uint8Array }[]) => {
    let octets = Buffer.from(file);
    for (const { at, remove, insert } of list) {
      octets = Buffer.concat([octets.subarray(0, at), insert, octets.subarray(at + remove)]);
    }
    return octets;
  };

  test("cut anywhere, whole or damaged, it tells the same", () => {
    fc.assert(
      fc.property(mutations, fc.array(fc.nat(file.length + 50), { maxLength: 12 }), (list, cuts) => {
        const octets = mutate(list);
        expect(read(format, octets, cuts)).toEqual(read(format, octets));
      }),
      { numRuns: 150 },
    );
  });

  test("octet by octet", () => {
    expect(
      read(
        format,
        file,
        Array.from({ length: file.length }, (_, at) => at),
      ),
    ).toEqual(read(format, file));
  });

  test("damaged input never throws, and what it tells fits the table", () => {
    const tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
    fc.assert(
      fc.property(mutations, (list) => {
        const { records, refusals } = read(format, mutate(list));
        for (const { family, binding } of records) {
          expect(tables[family].put(binding, "test", 1).outcome).not.toBe("refused");
        }
        for (const { text, what } of refusals) expect(`${text}${what}`).toMatch(/^[\x20-\x7e…]*$/);
      }),
      { numRuns: 300 },
    );
  });

  test("another format's parser takes any file without throwing", () => {
    for (const [other] of files) read(other, file);
  });
});

test("random octets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...files), (octets, [format, file]) => {
      read(format, octets);
      read(format, Buffer.concat([file, Buffer.from("\n"), octets]));
    }),
  );
});
