import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolExcluded } from "./pool-excluded.ts";

test("outside of the pool", () => {
  const said = ruleFindings(
    poolExcluded,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet excluded-address 192.0.3.1
set access address-assignment pool a family inet excluded-range x1 low 192.0.2.250 high 192.0.3.5
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 excluded-address 2001:db9::1`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet excluded-address 192.0.3.1] 192.0.3.1 is not inside 192.0.2.0/24, from which pool a gives out: it excludes nothing there: enter "delete access address-assignment pool a family inet excluded-address 192.0.3.1"
    error: [edit access address-assignment pool a family inet excluded-range x1] excluded-range x1 is not inside 192.0.2.0/24, from which pool a gives out: it excludes nothing there: enter "delete access address-assignment pool a family inet excluded-range x1"
    error: [edit access address-assignment pool a family inet6 excluded-address 2001:db9::1] 2001:db9::1 is not inside 2001:db8::/48, from which pool a gives out: it excludes nothing there: enter "delete access address-assignment pool a family inet6 excluded-address 2001:db9::1""
  `);
});

test("upside down, and half", () => {
  const said = ruleFindings(
    poolExcluded,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet excluded-range x1 low 192.0.2.9 high 192.0.2.5
set access address-assignment pool a family inet excluded-range x2 low 192.0.2.20`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet excluded-range x1] excluded-range x1 begins at 192.0.2.9, above its end 192.0.2.5: add "set access address-assignment pool a family inet excluded-range x1 low 192.0.2.5 high 192.0.2.9"
    error: [edit access address-assignment pool a family inet excluded-range x2] excluded-range x2 has no high: it excludes nothing: add "set access address-assignment pool a family inet excluded-range x2 high 192.0.2.20""
  `);
});

test("inside", () => {
  const said = ruleFindings(
    poolExcluded,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet excluded-address 192.0.2.1
set access address-assignment pool a family inet excluded-range x1 low 192.0.2.250 high 192.0.2.255`,
  );
  expect(said).toBe("");
});
