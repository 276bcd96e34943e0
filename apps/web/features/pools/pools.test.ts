import type { Pool } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { chartColumns, chartTop } from "./chart-columns.ts";
import { bindingsOf, filteredPools, poolWarnings } from "./pools-filter.ts";
import { sparklinePath } from "./sparkline.tsx";
import { heldText } from "./usage-bar.tsx";

const pool = (name: string, changes: Partial<Pool> = {}): Pool => ({
  id: `4/default:default/${name}`,
  family: 4,
  instance: "default:default",
  name,
  prefix: "192.0.2.0/24",
  ranges: [{ name: "r1", low: "192.0.2.10", high: "192.0.2.99", delegatedLength: null }],
  leaseTimeSeconds: 3600,
  links: [],
  served: true,
  total: 90,
  active: 9,
  offered: 0,
  declined: 0,
  reserved: 0,
  free: 81,
  usedPercent: 10,
  state: "plenty",
  trend: [],
  ...changes,
});
const nothing = { family: null, state: null, q: null, sort: null } as const;

describe("which pools are shown", () => {
  const pools = [
    pool("homes", { usedPercent: 95, state: "nearly-empty" }),
    pool("guests", { usedPercent: 100, state: "empty" }),
    pool("six", { family: 6, prefix: "2001:db8::/48", instance: "ls:ri", ranges: [] }),
  ];
  test.each([
    ["all", nothing, ["homes", "guests", "six"]],
    ["a family", { ...nothing, family: 6 }, ["six"]],
    ["a state", { ...nothing, state: "empty" }, ["guests"]],
    ["part of a range", { ...nothing, q: "2.10" }, ["homes", "guests"]],
    ["part of an instance", { ...nothing, q: "LS:" }, ["six"]],
    ["the fullest first", { ...nothing, sort: "used" }, ["guests", "homes", "six"]],
  ] as const)("%s", (_, url, names) => {
    expect(filteredPools(pools, url).map(({ name }) => name)).toEqual(names);
  });

  test("warnings name the pools, the worst first, and not endlessly", () => {
    expect(poolWarnings({ pools, servers: [] })).toEqual([
      { tone: "bad", text: "guests is empty: new clients are turned away." },
      { tone: "warn", text: "homes is nearly empty." },
    ]);
    const many = Array.from({ length: 8 }, (_, index) => pool(`p${index}`, { state: "nearly-empty" }));
    expect(poolWarnings({ pools: many, servers: [] })[0]?.text).toBe("p0, p1, p2, p3, p4, 3 more are nearly empty.");
    expect(poolWarnings({ pools: [pool("a")], servers: [] })).toEqual([]);
  });
});

test("the link to its bindings", () => {
  expect(bindingsOf(pool("homes"))).toBe("/bindings?family=4&role=server&instance=default:default&prefix=192.0.2.0/24");
});

test("what is held, in words", () => {
  expect(heldText(pool("a"))).toBe("");
  expect(heldText(pool("a", { offered: 1, reserved: 2000, declined: 3 }))).toBe(
    "1 offered, 2,000 reserved, 3 declined",
  );
});

test("a sparkline stays inside its box", () => {
  expect(sparklinePath([0, 50, 100, 130], 30, 12)).toBe("M0 11 L10 6 L20 1 L30 1");
});

describe("the chart", () => {
  const sample = (atSeconds: number, active: number, total = 100) => ({ atSeconds, total, active, held: 2 });
  test("one column each; a gap where nobody looked", () => {
    expect(chartColumns([sample(0, 1), sample(15, 2), sample(100, 3)], 15)).toEqual([
      [0, 15, 30, 100],
      [100, 100, null, 100],
      [3, 4, null, 5],
      [1, 2, null, 3],
    ]);
  });
  test("its upper edge", () => {
    expect(chartTop(chartColumns([sample(0, 10)], 15))).toBe(100);
    expect(chartTop(chartColumns([sample(0, 98, 1_000_000)], 15))).toBe(125);
    expect(chartTop(chartColumns([sample(0, 0, 0)], 15))).toBe(1);
  });
});
