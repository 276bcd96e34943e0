import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolDelegatedLength } from "./pool-delegated-length.ts";

test("prefixes larger than the pool", () => {
  const said = ruleFindings(
    poolDelegatedLength,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 range r1 prefix-length 40`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet6 range r1 prefix-length] range r1 delegates prefixes of 40 bits, larger than pool a, whose prefix has 48: add "set access address-assignment pool a family inet6 range r1 prefix-length 56""`,
  );
});

test("ends within a prefix", () => {
  const said = ruleFindings(
    poolDelegatedLength,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 range r1 low 2001:db8:0:10:: high 2001:db8:0:8f00:: prefix-length 56`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet6 range r1 low] range r1 has low 2001:db8:0:10::, within a prefix of 56 bits that begins at 2001:db8::: add "set access address-assignment pool a family inet6 range r1 low 2001:db8::""`,
  );
});

test("prefixes of the pool's own length, and ends where prefixes begin", () => {
  const said = ruleFindings(
    poolDelegatedLength,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 range r1 prefix-length 48
set access address-assignment pool b family inet6 prefix 2001:db8:1::/48
set access address-assignment pool b family inet6 range r1 low 2001:db8:1:: high 2001:db8:1:8f00:: prefix-length 56
set access address-assignment pool b family inet6 range r2 low 2001:db8:1:a000::5 high 2001:db8:1:a000::9`,
  );
  expect(said).toBe("");
});
