import { compareBytes, formatHex, formatIpv4, formatIpv6, ipv4FromBytes } from "@leasewire/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bindingInput, instances, PROPERTY_MS_MAX, T0 } from "../test/arbitrary.ts";
import { BINDING_ORIGINS, type Binding, type Family } from "./binding.ts";
import { type BindingFilter, openQuery, SORT_COLUMNS, type SortColumn } from "./query.ts";
import { BindingTable } from "./table.ts";

function filterOf(family: Family): fc.Arbitrary<BindingFilter> {
  const sample = bindingInput(family);
  return fc
    .record(
      {
        instances: fc.array(instances, { maxLength: 2 }),
        states: fc.subarray([1, 2, 3, 4, 5, 6, 7, 8]),
        kinds: fc.subarray(["address", "prefix"] as const),
        text: fc.constantFrom(
          "10.",
          "0.2",
          "20",
          "2000::",
          "GE-",
          "00:11",
          "112",
          "0x0303",
          "-1",
          ":",
          "1.3",
          "01010101",
          "/56",
        ),
        prefix: fc.record({
          of: sample,
          length: family === 4 ? fc.constantFrom(8, 24, 30, 32) : fc.constantFrom(16, 56, 62, 128),
        }),
        keys: fc.record({
          of: sample,
          names: fc.subarray(
            [
              "hardwareAddress",
              "clientId",
              "relayId",
              "remoteId",
              "circuitId",
              "linkAddress",
              "interfaceName",
              "serverAddress",
            ] as const,
            { maxLength: 2 },
          ),
        }),
        origins: fc.subarray([...BINDING_ORIGINS]),
        changedSinceSeconds: fc.integer({ min: T0 - 1, max: T0 + 41 }),
      },
      { requiredKeys: [] },
    )
    .map(({ prefix, keys, ...rest }) => {
      const filter: BindingFilter = { ...rest };
      if (prefix !== undefined) filter.prefix = { address: prefix.of.address, length: prefix.length };
      for (const name of keys?.names ?? []) Object.assign(filter, { [name]: keys?.of[name] });
      return filter;
    });
}

function bits(address: Uint8Array, length: number): string {
  return Array.from(address, (octet) => octet.toString(2).padStart(8, "0"))
    .join("")
    .slice(0, length);
}

function octetsMatch(value: Uint8Array | undefined, needle: string): boolean {
  if (value === undefined) return false;
  if (
    Array.from(value, (octet) => String.fromCharCode(octet))
      .join("")
      .toLowerCase()
      .includes(needle)
  )
    return true;
  const digits = needle.replace(/^0x/, "").replaceAll(/[:.-]/g, "");
  const hexadecimal = /^(0x)?[\da-f]{2,}$/.test(needle) || needle === "00:11";
  return hexadecimal && formatHex(value).includes(digits);
}

function matches(binding: Binding, filter: BindingFilter): boolean {
  const { address, prefixLength } = binding;
  const addressText = address.length === 4 ? formatIpv4(ipv4FromBytes(address)) : formatIpv6(address);
  if (filter.instances !== undefined && !filter.instances.includes(binding.instance)) return false;
  if (filter.states !== undefined && !filter.states.includes(binding.state)) return false;
  if (filter.kinds !== undefined && !filter.kinds.includes(binding.kind)) return false;
  if (filter.origins !== undefined && !filter.origins.includes(binding.origin)) return false;
  if (filter.changedSinceSeconds !== undefined && binding.changedAtSeconds < filter.changedSinceSeconds) return false;
  for (const name of ["hardwareAddress", "clientId", "relayId", "remoteId", "circuitId", "linkAddress"] as const) {
    if (filter[name] !== undefined && filter[name].join() !== binding[name]?.join()) return false;
  }
  for (const name of ["interfaceName", "serverAddress"] as const) {
    if (filter[name] !== undefined && filter[name] !== binding[name]) return false;
  }
  if (filter.prefix !== undefined) {
    const length = Math.min(filter.prefix.length, prefixLength);
    if (bits(filter.prefix.address, length) !== bits(address, length)) return false;
  }
  if (filter.text !== undefined) {
    const needle = filter.text.toLowerCase();
    const suffix = binding.kind === "prefix" ? `/${prefixLength}` : "";
    const addressMatches = (addressText + suffix).includes(needle) && (address.length === 16 || !needle.includes(":"));
    const { hardwareAddress, clientId, circuitId, remoteId, relayId } = binding;
    const keyMatches = [hardwareAddress, clientId, circuitId, remoteId, relayId].some((v) => octetsMatch(v, needle));
    if (!addressMatches && !keyMatches) return false;
  }
  return true;
}

const NOTHING = new Uint8Array(0);
const COMPARE: Record<SortColumn, (a: Binding, b: Binding) => number> = {
  address: (a, b) => compareBytes(a.address, b.address) || a.prefixLength - b.prefixLength,
  hardwareAddress: (a, b) => compareBytes(a.hardwareAddress ?? NOTHING, b.hardwareAddress ?? NOTHING),
  clientId: (a, b) => compareBytes(a.clientId ?? NOTHING, b.clientId ?? NOTHING),
  state: (a, b) => a.state - b.state,
  expiresAt: (a, b) => a.expiresAtSeconds - b.expiresAtSeconds,
  clientLastTransactionTime: (a, b) => a.clientLastTransactionTimeSeconds - b.clientLastTransactionTimeSeconds,
  startTimeOfState: (a, b) => a.startTimeOfStateSeconds - b.startTimeOfStateSeconds,
  lastChange: (a, b) => a.sequence - b.sequence,
  relayId: (a, b) => compareBytes(a.relayId ?? NOTHING, b.relayId ?? NOTHING),
  circuitId: (a, b) => compareBytes(a.circuitId ?? NOTHING, b.circuitId ?? NOTHING),
  remoteId: (a, b) => compareBytes(a.remoteId ?? NOTHING, b.remoteId ?? NOTHING),
  interfaceName: (a, b) =>
    (a.interfaceName ?? "") < (b.interfaceName ?? "") ? -1 : a.interfaceName === b.interfaceName ? 0 : 1,
  linkAddress: (a, b) => compareBytes(a.linkAddress ?? NOTHING, b.linkAddress ?? NOTHING),
};

function naive(table: BindingTable, filter: BindingFilter, column?: SortColumn, descending?: boolean): number[] {
  const bindings: Binding[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) {
    const binding = table.at(row);
    if (binding !== undefined && matches(binding, filter)) bindings.push(binding);
  }
  if (column !== undefined) bindings.sort((a, b) => (descending ? -1 : 1) * COMPARE[column](a, b));
  return bindings.map(({ row }) => row);
}

describe.each([4, 6] as const)("queries of a table of family %i", (family) => {
  test("find and order what looking at everything finds, however thin the slices", () => {
    const sorts = fc.option(fc.record({ column: fc.constantFrom(...SORT_COLUMNS), descending: fc.boolean() }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(
        fc.array(bindingInput(family), { maxLength: 60, size: "max" }),
        filterOf(family),
        sorts,
        fc.integer({ min: 1, max: 100 }),
        (inputs, filter, sort, budget) => {
          const table = new BindingTable(family);
          for (const [i, input] of inputs.entries()) table.put(input, "test", T0 + i);
          const query = openQuery(table, filter, sort);
          while (!query.step(budget));
          expect([...query.rows]).toEqual(naive(table, filter, sort?.column, sort?.descending));
        },
      ),
      { numRuns: 400, interruptAfterTimeLimit: PROPERTY_MS_MAX },
    );
  });
});

test.each(SORT_COLUMNS)("20 000 bindings sort by %s, in both directions, with long runs of equal keys", (column) => {
  const table = new BindingTable(4);
  fill(table, 20_000);
  for (const descending of [false, true]) {
    expect([...openQuery(table, {}, { column, descending }).all()]).toEqual(naive(table, {}, column, descending));
  }
});

test("a table that changes under a query costs nothing but the rows that changed", () => {
  const table = new BindingTable(4);
  fill(table, 10_000);
  const query = openQuery(table, {}, { column: "remoteId" });
  for (let step = 0; !query.step(500); step += 1) {
    const row = 1 + ((step * 7919) % 10_000);
    if (table.has(row)) table.remove(row, "test", T0);
    fill(table, 3, step * 31);
  }
  expect(new Set(query.rows).size).toBe(query.total);
  for (let i = 0; i < query.total; i += 1) {
    const binding = query.at(i);
    expect(binding === undefined).toBe(!query.isCurrent(i));
    if (binding !== undefined) expect(binding.row).toBe(query.rows[i]);
  }
  const { row } = query.page(0, query.total)[0]!;
  const index = query.rows.indexOf(row);
  table.remove(row, "test", T0);
  fill(table, 1, 900_000);
  expect(table.has(row)).toBe(true);
  expect(query.at(index)).toBeUndefined();
});

function fill(table: BindingTable, count: number, first = 0): void {
  for (let n = first; n < first + count; n += 1) {
    const remoteId = new Uint8Array(32).fill(7);
    remoteId[20 + (n % 3)] = n;
    table.put(
      {
        instance: "default:default",
        address: Uint8Array.from([10, n >>> 16, (n * 31) >>> 8, n]),
        prefixLength: 32,
        kind: "address",
        state: 1 + (n % 8),
        hardwareType: 1,
        hardwareAddress: Uint8Array.from([2, 0, 0, n >>> 8, n, 1]),
        clientId: Uint8Array.from([1, 2, 0, 0, n >>> 12, n >>> 4]),
        startTimeOfStateSeconds: T0 - (n % 1000),
        clientLastTransactionTimeSeconds: T0 - ((n * 17) % 100_000),
        expiresAtSeconds: T0 + ((n * 31) % 5000),
        linkAddress: Uint8Array.from([10, n % 5, 0, 1]),
        circuitId: new TextEncoder().encode(`ge-1/0/0.0:${n % 400}`),
        remoteId,
        relayId: n % 10 === 0 ? undefined : new Uint8Array(32).fill(n % 2),
        dataSource: 0,
        origin: "bulk",
        interfaceName: n % 7 === 0 ? undefined : `ge-1/0/0.${n % 64}`,
      },
      "test",
      T0,
    );
  }
}
