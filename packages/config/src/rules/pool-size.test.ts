import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolSize } from "./pool-size.ts";

test("more addresses than a pool may have", () => {
  const said = ruleFindings(poolSize, `set access address-assignment pool a family inet network 10.0.0.0/7`);
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet] pool a has 33554432 addresses, more than 16777216 of one pool: enter "delete access address-assignment pool a family inet""`,
  );
});

test("more addresses than an instance may have", () => {
  const said = ruleFindings(
    poolSize,
    `set access address-assignment pool a family inet network 10.0.0.0/8
set access address-assignment pool b family inet network 11.0.0.0/8
set access address-assignment pool c family inet network 12.0.0.0/24`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool c family inet] pool c makes the pools of the instance hold more than 33554432 addresses: enter "delete access address-assignment pool c family inet""`,
  );
});

test("a network of 8 bits, and IPv6 of any size", () => {
  const said = ruleFindings(
    poolSize,
    `set access address-assignment pool a family inet network 10.0.0.0/8
set access address-assignment pool b family inet6 prefix 2001:db8::/32
set routing-instances red access address-assignment pool c family inet network 12.0.0.0/8`,
  );
  expect(said).toBe("");
});
