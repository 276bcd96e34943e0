import fc from "fast-check";
import { expect, test } from "vitest";
import { verify } from "../test/verify.ts";
import type { BindingInput } from "./binding.ts";
import { Field } from "./record.ts";
import { RowView } from "./row-view.ts";
import { BindingTable } from "./table.ts";

const T0 = 1_790_000_000;
const KEY = Uint8Array.of(9, 9);

function input(host: number, relayId: Uint8Array | undefined): BindingInput {
  return {
    instance: "default:default",
    address: Uint8Array.of(10, 0, 0, host),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    relayId,
    startTimeOfStateSeconds: T0,
    clientLastTransactionTimeSeconds: T0,
    expiresAtSeconds: T0 + 60,
    dataSource: 0,
    origin: "server",
  };
}

/** What may happen between two steps of a walk: a lease comes, goes, or gets another key. */
const change = fc.record({
  host: fc.integer({ min: 0, max: 15 }),
  what: fc.constantFrom("put", "remove", "other key"),
});

test.each(["by key", "by row"] as const)(
  "a walk %s meets what was there and stayed, and nothing twice, whatever happens meanwhile",
  (kind) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1 }),
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 20 }),
        (hosts, steps) => {
          const table = new BindingTable(4);
          for (const host of hosts) table.put(input(host, KEY), "test", T0);
          const touched = new Set<number>();
          const key = kind === "by key" ? table.keyCursor(Field.relayId, "default:default", KEY) : undefined;
          const rows = kind === "by row" ? table.rowCursor() : undefined;
          const next = (): number => {
            if (key !== undefined) return key.next();
            for (let row = rows!.peek(); row !== 0; row = rows!.peek()) {
              rows!.pass(row);
              if (table.has(row)) return row;
            }
            return 0;
          };
          const met: number[] = [];
          const walk = (): boolean => {
            const row = next();
            if (row !== 0) met.push(table.at(row)!.address[3]!);
            return row !== 0;
          };
          let more = walk();
          for (const changes of steps) {
            if (!more) break;
            for (const { host, what } of changes) {
              touched.add(host);
              const row = table.byAddress("default:default", Uint8Array.of(10, 0, 0, host));
              if (what === "remove") {
                if (row > 0) table.remove(row, "test", T0);
              } else table.put(input(host, what === "put" ? KEY : undefined), "test", T0);
            }
            more = walk();
          }
          while (walk());
          key?.close();
          rows?.close();
          expect(new Set(met).size).toBe(met.length);
          expect(hosts.filter((host) => !touched.has(host) && !met.includes(host))).toEqual([]);
          expect(verify(table)).toEqual([]);
          expect(table.cursorCount).toBe(0);
        },
      ),
      { numRuns: 1500, interruptAfterTimeLimit: 10_000 },
    );
  },
);

test("a row in place tells what its copy tells", () => {
  const table = new BindingTable(6);
  const address = new Uint8Array(16).fill(0x20);
  const put = table.put(
    {
      ...input(1, KEY),
      address,
      prefixLength: 64,
      kind: "prefix",
      clientId: Uint8Array.of(0, 3, 1),
      preferredUntilSeconds: T0 + 30,
      linkAddress: new Uint8Array(16).fill(1),
      dataSource: 1,
    },
    "test",
    T0,
  );
  const row = put.outcome === "inserted" ? put.row : 0;
  const view = new RowView(table);
  expect(view.read(row)).toBe(true);
  const copy = table.at(row)!;
  expect(view).toMatchObject({
    row,
    state: 2,
    isPrefix: true,
    prefixLength: 64,
    dataSource: 1,
    hardwareType: 1,
    startTimeOfStateSeconds: T0,
    clientLastTransactionTimeSeconds: T0,
    expiresAtSeconds: T0 + 60,
    preferredUntilSeconds: T0 + 30,
    isOnlyOfClient: true,
  });
  expect(view.fieldIs(Field.clientId, copy.clientId!)).toBe(true);
  expect(view.fieldIs(Field.clientId, KEY)).toBe(false);
  expect(view.fieldIs(Field.remoteId, KEY)).toBe(false);
  const octets = new Uint8Array(16);
  view.writeAddress(octets, 0);
  expect(octets).toEqual(copy.address);
  expect(table.linkAddressOfId(table.linkAddressIdOf(row))).toEqual(copy.linkAddress);
  expect(table.fieldLengthOf(row, Field.relayId)).toBe(2);
  table.put(
    { ...input(1, KEY), address: address.map((octet) => octet + 1), prefixLength: 128, clientId: copy.clientId },
    "test",
    T0,
  );
  view.read(row);
  expect(view.isOnlyOfClient).toBe(false);
  expect([table.nextOfClient(row), table.previousOfClient(row)].filter((other) => other !== 0).length).toBe(1);
  table.remove(row, "test", T0 + 5);
  expect(view.read(row)).toBe(false);
  expect(view.read(99)).toBe(false);
});

test("history begins anew behind what was removed: ended rows by their last change, others by the removal", () => {
  const table = new BindingTable(4);
  const rowOf = (host: number): number => table.byAddress("default:default", Uint8Array.of(10, 0, 0, host));
  table.put({ ...input(1, KEY), state: 4 }, "test", T0);
  table.put(input(2, KEY), "test", T0 + 10);
  table.put({ ...input(3, KEY), origin: "bulk" }, "test", T0 + 20);
  expect(table.historyFromSeconds).toBe(0);
  table.remove(rowOf(3), "test", T0 + 30);
  expect(table.historyFromSeconds).toBe(0);
  table.remove(rowOf(1), "retention", T0 + 40);
  expect(table.historyFromSeconds).toBe(T0 + 1);
  table.remove(rowOf(2), "cleared", T0 + 50);
  expect(table.historyFromSeconds).toBe(T0 + 51);
});
