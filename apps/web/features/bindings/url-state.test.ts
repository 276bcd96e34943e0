import type { BindingRow } from "@leasewire/api";
import { createLoader, createSerializer } from "nuqs/server";
import { describe, expect, test } from "vitest";
import { defaultColumnIds, serverColumnIds } from "./column-ids.ts";
import {
  bindingsUrl,
  filterCount,
  mayMatch,
  noFilters,
  shownColumns,
  textFilters,
  toFilter,
  toSort,
} from "./url-state.ts";

const load = createLoader(bindingsUrl);
const serialize = createSerializer(bindingsUrl);

describe("the URL of the page", () => {
  test("nothing said: every DHCPv4 binding, newest change first", () => {
    const url = load("");
    expect(toFilter(url)).toEqual({});
    expect(toSort(url)).toEqual({ column: "lastChange", direction: "desc" });
    expect(filterCount(url)).toBe(0);
  });

  test("everything said becomes the filter of the API", () => {
    const url = load(
      "family=6&role=server&states=ACTIVE,EXPIRED&kind=prefix&instance=bng-a:default&q=x&prefix=2001:db8::/32&mac=1&client=2&relay=3&remote=4&circuit=5&link=6&if=7&server=8&origin=bulk&sort=address&dir=desc",
    );
    expect(toFilter(url)).toEqual({
      logicalSystem: "bng-a",
      routingInstance: "default",
      role: "server",
      states: ["ACTIVE", "EXPIRED"],
      kinds: ["prefix"],
      text: "x",
      prefix: "2001:db8::/32",
      hardwareAddress: "1",
      clientId: "2",
      relayId: "3",
      remoteId: "4",
      circuitId: "5",
      linkAddress: "6",
      interfaceName: "7",
      serverAddress: "8",
      origin: "bulk",
    });
    expect(toSort(url)).toEqual({ column: "address", direction: "desc" });
    expect(filterCount(url)).toBe(14);
    expect(filterCount({ ...url, ...load(serialize({ ...url, ...noFilters })) })).toBe(0);
  });

  test("words that do not exist are left out", () => {
    expect(load("family=5&states=ACTIVE,HUNGRY&sort=password&cols=address,nothing")).toMatchObject({
      family: 4,
      states: ["ACTIVE"],
      sort: null,
      cols: ["address"],
    });
  });

  test("the columns suit the role until some are chosen", () => {
    expect(shownColumns(load(""))).toEqual(defaultColumnIds);
    expect(shownColumns(load("role=server"))).toEqual(serverColumnIds);
    expect(shownColumns(load("role=server&cols=address,iaid"))).toEqual(["address", "iaid"]);
  });

  test("what was read is written the same", () => {
    const text = "?family=6&states=ACTIVE&q=a+b&id=6/default:default/2001:db8::1/128";
    expect(decodeURIComponent(serialize(load(text)))).toBe(text);
  });
});

describe("text filters say what is wrong with them", () => {
  const problem = (name: string, text: string, family: 4 | 6) =>
    textFilters.find((filter) => filter.name === name)?.problem?.(text, family) ?? null;
  test.each([
    ["prefix", "192.0.2.0/24", 4, true],
    ["prefix", "192.0.2.7", 4, true],
    ["prefix", "2001:db8::/32", 4, false],
    ["prefix", "192.0.2.0/33", 4, false],
    ["mac", "0200.5e10.0001", 4, true],
    ["mac", "zz", 4, false],
    ["link", "2001:db8::1", 6, true],
    ["link", "192.0.2.1", 6, false],
  ] as const)("%s %s of DHCPv%d", (name, text, family, good) => {
    expect(problem(name, text, family) === null).toBe(good);
  });
});

test("which changed bindings may belong into the filtered list", () => {
  const row = {
    family: 4,
    instance: "default:default",
    address: "192.0.2.7",
    kind: "address",
    state: "ACTIVE",
    hardwareAddress: "02:00:5e:10:00:01",
    clientId: null,
    circuitId: "ge-0/0/1:7",
    remoteId: null,
    relayId: null,
    interfaceName: null,
    origin: "individual",
    role: "relay",
  } as BindingRow;
  expect(mayMatch(row, {})).toBe(true);
  expect(mayMatch(row, { states: ["EXPIRED"] })).toBe(false);
  expect(mayMatch(row, { prefix: "192.0.2.0/24" })).toBe(true);
  expect(mayMatch(row, { prefix: "198.51.100.0/24" })).toBe(false);
  expect(mayMatch(row, { prefix: "192.0.2.8" })).toBe(false);
  expect(mayMatch(row, { text: "GE-0/0/1" })).toBe(true);
  expect(mayMatch(row, { text: "xe-" })).toBe(false);
  expect(mayMatch(row, { hardwareAddress: "0200.5e10.0001" })).toBe(true);
  expect(mayMatch(row, { hardwareAddress: "0200.5e10.0002" })).toBe(false);
  expect(mayMatch(row, { logicalSystem: "bng-a" })).toBe(false);
  expect(mayMatch(row, { role: "relay" })).toBe(true);
  expect(mayMatch(row, { role: "server" })).toBe(false);
});
