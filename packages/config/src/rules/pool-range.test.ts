import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolRange } from "./pool-range.ts";

test("refuses a range outside, reversed, unfinished", () => {
  const said = ruleFindings(
    poolRange,
    `set access address-assignment pool customers family inet network 192.0.2.0/24
set access address-assignment pool customers family inet range a low 192.0.2.10 high 192.0.3.10
set access address-assignment pool customers family inet range b low 192.0.2.20 high 192.0.2.10
set access address-assignment pool customers family inet range c low 192.0.2.30`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool customers family inet range a] range a has 192.0.3.10, which is outside network 192.0.2.0/24: enter "delete access address-assignment pool customers family inet range a"
    error: [edit access address-assignment pool customers family inet range b] range b begins at 192.0.2.20, above its end 192.0.2.10: add "set access address-assignment pool customers family inet range b low 192.0.2.10 high 192.0.2.20"
    error: [edit access address-assignment pool customers family inet range c] range c has no high: a range has a first and a last address: add "set access address-assignment pool customers family inet range c high 192.0.2.30""
  `);
});

test("holds for IPv6", () => {
  const said = ruleFindings(
    poolRange,
    `set access address-assignment pool customers family inet6 prefix 2001:db8::/64
set access address-assignment pool customers family inet6 range a low 2001:db8::1 high 2001:db8:0:1::1`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool customers family inet6 range a] range a has 2001:db8:0:1::1, which is outside prefix 2001:db8::/64: enter "delete access address-assignment pool customers family inet6 range a""`,
  );
});

test("is content with ranges inside", () => {
  const said = ruleFindings(
    poolRange,
    `set access address-assignment pool customers family inet network 192.0.2.0/24
set access address-assignment pool customers family inet range a low 192.0.2.10 high 192.0.2.10
set access address-assignment pool customers family inet6 prefix 2001:db8::/32
set access address-assignment pool customers family inet6 range d prefix-length 56`,
  );
  expect(said).toBe("");
});
