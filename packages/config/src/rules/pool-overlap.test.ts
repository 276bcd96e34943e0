import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolOverlap } from "./pool-overlap.ts";

test("within a pool, and each range with the one that reaches furthest", () => {
  const said = ruleFindings(
    poolOverlap,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet range r1 low 192.0.2.10 high 192.0.2.99
set access address-assignment pool a family inet range r2 low 192.0.2.20 high 192.0.2.30
set access address-assignment pool a family inet range r3 low 192.0.2.99 high 192.0.2.120`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet range r2] range r2 of pool a and range r1 of pool a both give out 192.0.2.20 to 192.0.2.30: two clients could get the same: enter "delete access address-assignment pool a family inet range r2"
    error: [edit access address-assignment pool a family inet range r3] range r3 of pool a and range r1 of pool a both give out 192.0.2.99: two clients could get the same: enter "delete access address-assignment pool a family inet range r3""
  `);
});

test("across pools of an instance, one of which names no range", () => {
  const said = ruleFindings(
    poolOverlap,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool b family inet network 192.0.2.0/25
set access address-assignment pool b family inet range r1 low 192.0.2.10 high 192.0.2.20`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool b family inet range r1] range r1 of pool b and pool a both give out 192.0.2.10 to 192.0.2.20: two clients could get the same: enter "delete access address-assignment pool b family inet range r1""`,
  );
});

test("addresses and delegated prefixes: the last prefix counts whole", () => {
  const said = ruleFindings(
    poolOverlap,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 range r1 low 2001:db8:: high 2001:db8:0:100:: prefix-length 56
set access address-assignment pool a family inet6 range r2 low 2001:db8:0:1ff::1 high 2001:db8:0:1ff::9`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet6 range r2] range r2 of pool a and range r1 of pool a both give out 2001:db8:0:1ff::1 to 2001:db8:0:1ff::9: two clients could get the same: enter "delete access address-assignment pool a family inet6 range r2""`,
  );
});

test("side by side, and in other instances", () => {
  const said = ruleFindings(
    poolOverlap,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet range r1 low 192.0.2.10 high 192.0.2.19
set access address-assignment pool a family inet range r2 low 192.0.2.20 high 192.0.2.30
set routing-instances red access address-assignment pool a family inet network 192.0.2.0/24`,
  );
  expect(said).toBe("");
});
