import { expect, test } from "vitest";
import { T0 } from "../test/arbitrary.ts";
import { verify } from "../test/verify.ts";
import type { BindingInput } from "./binding.ts";
import { LogReader } from "./change-log.ts";
import type { TableLimits } from "./limits.ts";
import { BindingTable, type PutResult } from "./table.ts";

function input(n: number, more: Partial<BindingInput> = {}): BindingInput {
  return {
    instance: "default:default",
    address: Uint8Array.from([10, n >>> 16, n >>> 8, n]),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    clientId: Uint8Array.from([1, n >>> 8, n]),
    startTimeOfStateSeconds: T0,
    clientLastTransactionTimeSeconds: T0,
    expiresAtSeconds: T0 + 60,
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

function refusalOf(result: PutResult) {
  if (result.outcome !== "refused") throw new Error(result.outcome);
  return result.refusal;
}

/** Puts until refused; the refusal must name the limit, leave the table sound, and not stand in the way of updates. */
function fillTo(limits: Partial<TableLimits>, make: (n: number) => BindingInput): number {
  const table = new BindingTable(4, { limits });
  let n = 0;
  let result = table.put(make(n), "test", T0);
  while (result.outcome !== "refused" && n < 300_000) {
    n += 1;
    result = table.put(make(n), "test", T0);
  }
  const [limit] = Object.keys(limits) as (keyof TableLimits)[];
  expect(refusalOf(result)).toMatchObject({ code: "limit-reached", limit, max: limits[limit!] });
  expect(refusalOf(result).message).toContain(limit);
  expect(table.sequence).toBe(n);
  expect(table.size).toBe(n);
  if (n < 500) expect(verify(table)).toEqual([]);
  expect(table.put({ ...make(0), expiresAtSeconds: T0 + 99 }, "test", T0).outcome).toBe("updated");
  table.remove(table.byAddress("default:default", make(0).address), "test", T0);
  return n;
}

test("every limit refuses by its name and leaves everything as it was", () => {
  expect(fillTo({ bindingsMax: 20 }, (n) => input(n))).toBe(20);
  expect(fillTo({ instancesMax: 3 }, (n) => input(n, n === 0 ? {} : { instance: `default:r${n}` }))).toBe(3);
  expect(fillTo({ serverAddressesMax: 3 }, (n) => input(n, { serverAddress: `192.0.2.${n}` }))).toBe(3);
  expect(fillTo({ internedMax: 5 }, (n) => input(n, { interfaceName: `ge-1/0/0.${n}` }))).toBe(5);
  expect(
    fillTo({ internedMax: 5 }, (n) =>
      input(n, { linkAddress: Uint8Array.from([1, 2, 3, n]), serverIdentifier: Uint8Array.from([9]) }),
    ),
  ).toBe(4);
  expect(fillTo({ arenaBytesMax: 1024 * 1024 }, (n) => input(n, { options: new Uint8Array(900) }))).toBeGreaterThan(
    1000,
  );
  const table = new BindingTable(4, { limits: { recordBytesMax: 500 } });
  expect(refusalOf(table.put(input(1, { options: new Uint8Array(600) }), "test", T0))).toMatchObject({
    limit: "recordBytesMax",
  });
  expect(table.size).toBe(0);
});

test("a limit that was hit is free again once something is gone", () => {
  const table = new BindingTable(4, { limits: { internedMax: 2, logEntriesMax: 2, causesMax: 2 } });
  for (let n = 0; n < 50; n += 1) {
    const result = table.put(input(1, { interfaceName: `ge-1/0/0.${n}` }), `cause ${n}`, T0 + n);
    // The old name lives on in the log until that has moved on: two entries and the row may hold three names.
    if (result.outcome === "refused") expect(result.refusal).toMatchObject({ limit: "internedMax" });
    table.put(input(2, { expiresAtSeconds: T0 + n }), "other", T0 + n);
    table.put(input(2, { expiresAtSeconds: T0 + 1000 + n }), "another", T0 + n);
  }
  expect(table.at(table.byAddress("default:default", input(1).address))?.interfaceName).not.toBe("ge-1/0/0.0");
  expect(verify(table).filter((breach) => !breach.includes("without an owner"))).toEqual([]);
});

test.each([
  ["address", { address: new Uint8Array(16) }],
  ["prefixLength", { prefixLength: 33, kind: "prefix" as const }],
  ["prefixLength", { prefixLength: 24 }],
  ["prefixLength", { prefixLength: 24.5, kind: "prefix" as const }],
  ["state", { state: 0 }],
  ["state", { state: 9 }],
  ["hardwareType", { hardwareType: 70_000 }],
  ["dataSource", { dataSource: 256 }],
  ["iaid", { iaid: -1 }],
  ["seconds", { expiresAtSeconds: 2 ** 32 }],
  ["seconds", { startTimeOfStateSeconds: Number.NaN }],
  ["origin", { origin: "elsewhere" as "server" }],
])("a wrong %s is refused", (field, more) => {
  const table = new BindingTable(4);
  expect(refusalOf(table.put(input(1, more), "test", T0))).toMatchObject({ code: "input-invalid", field });
  expect(table.size + table.sequence).toBe(0);
});

test("restoring out of order and removing twice are refused", () => {
  const table = new BindingTable(4);
  expect(table.restore(input(1), 5, T0).outcome).toBe("inserted");
  expect(refusalOf(table.restore(input(2), 5, T0))).toMatchObject({ code: "sequence-not-ascending" });
  table.restoreSequence(9);
  const row = table.byAddress("default:default", input(1).address);
  expect(table.remove(row, "test", T0)).toEqual({ outcome: "removed", sequence: 10 });
  expect(table.remove(row, "test", T0)).toMatchObject({ outcome: "refused", refusal: { code: "row-unknown" } });
  expect(table.log.oldestSequence).toBe(10);
});

test("a reader that fell out of the ring is told how much it lost and reads nothing until it resynchronises", () => {
  const table = new BindingTable(4, { limits: { logEntriesMax: 10, logReadersMax: 2 } });
  const slow = table.log.reader("slow");
  if (!(slow instanceof LogReader)) throw new Error(slow.message);
  for (let n = 0; n < 10; n += 1) table.put(input(n), "test", T0);
  expect([slow.behind, slow.dropped]).toEqual([10, 0]);
  expect(slow.read(4).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  for (let n = 10; n < 17; n += 1) table.put(input(n), "test", T0);
  expect([slow.behind, slow.dropped]).toEqual([13, 3]);
  expect(slow.read(100)).toEqual([]);
  expect(slow.resync()).toBe(17);
  table.put(input(17), "after", T0);
  expect(slow.read(100).map(({ sequence, cause }) => [sequence, cause])).toEqual([[18, "after"]]);
  expect(table.log.reader("slow")).toBe(slow);
  expect(table.log.reader("second", "oldest")).toBeInstanceOf(LogReader);
  expect(table.log.reader("third")).toMatchObject({ code: "limit-reached", limit: "logReadersMax" });
  slow.close();
  const resumed = table.log.reader("third", 12);
  if (!(resumed instanceof LogReader)) throw new Error(resumed.message);
  expect(resumed.read(1)[0]?.sequence).toBe(13);
});

test("the log keeps within its octets by forgetting its oldest changes", () => {
  const table = new BindingTable(4, { limits: { logBytesMax: 64 * 1024 } });
  for (let n = 0; n < 500; n += 1) table.put(input(n, { options: new Uint8Array(1000).fill(n) }), "test", T0);
  expect(table.log.oldestSequence).toBeGreaterThan(400);
  const reader = table.log.reader("test", "oldest");
  if (!(reader instanceof LogReader)) throw new Error(reader.message);
  for (const { sequence, binding } of reader.read(1000)) expect(binding.options?.[0]).toBe((sequence - 1) & 255);
  expect(reader.position).toBe(500);
});

test("a chain cursor meets every later change once more and nothing twice otherwise", () => {
  const table = new BindingTable(4);
  for (let n = 1; n <= 20; n += 1) table.put(input(n), "test", T0 + n);
  const cursor = table.chain({ seconds: T0 + 6 });
  const seen: number[] = [];
  const step = (max: number): boolean => {
    const { rows, done } = cursor.next(max);
    for (const row of rows) seen.push(table.at(row)!.address[3]!);
    return done;
  };
  const change = (n: number): void => {
    table.put(input(n, { expiresAtSeconds: T0 + 1000 + table.sequence }), "test", T0 + 30);
  };
  step(3);
  change(8);
  while (seen.length < 3) step(3);
  change(seen.at(-1)!);
  table.remove(table.byAddress("default:default", input(12).address), "test", T0 + 30);
  while (!step(2));
  change(3);
  expect(step(100)).toBe(true);
  cursor.close();
  const expected = Array.from({ length: 15 }, (_, i) => i + 6).filter((n) => n !== 12);
  expect([...new Set(seen)].sort((a, b) => a - b)).toEqual([3, ...expected]);
  expect(seen.at(-1)).toBe(3);
  expect(seen.filter((n) => n === 9).length).toBe(1);
});
