import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { lifetimeOrder } from "./lifetime-order.ts";

test("T1 not before T2, also where T2 is the usual one", () => {
  const said = ruleFindings(
    lifetimeOrder,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes maximum-lease-time 1000 t1-renewal-time 500 t2-rebinding-time 500
set access address-assignment pool b family inet network 198.51.100.0/24
set access address-assignment pool b family inet dhcp-attributes maximum-lease-time 1000 t1-percentage 88`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet dhcp-attributes t1-renewal-time] pool a: clients renew after 500 s (T1), not before they turn to any server after 500 s (T2): enter "delete access address-assignment pool a family inet dhcp-attributes t1-renewal-time"
    error: [edit access address-assignment pool b family inet dhcp-attributes t1-percentage] pool b: clients renew after 880 s (T1), not before they turn to any server after 875 s (T2, as nothing else is configured): enter "delete access address-assignment pool b family inet dhcp-attributes t1-percentage""
  `);
});

test("T2 when the lease is over", () => {
  const said = ruleFindings(
    lifetimeOrder,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes maximum-lease-time 1000 t2-rebinding-time 1000`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet dhcp-attributes t2-rebinding-time] pool a: clients turn to any server after 1000 s (T2), when the lease of 1000 s is over: enter "delete access address-assignment pool a family inet dhcp-attributes t2-rebinding-time""`,
  );
});

test("preferred longer than valid", () => {
  const said = ruleFindings(
    lifetimeOrder,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes valid-lifetime 600 preferred-lifetime 601`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet6 dhcp-attributes preferred-lifetime] pool a: preferred-lifetime 601 is longer than the valid lifetime 600: add "set access address-assignment pool a family inet6 dhcp-attributes preferred-lifetime 600""`,
  );
});

test("said twice", () => {
  const said = ruleFindings(
    lifetimeOrder,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes t1-renewal-time 500 t1-percentage 50`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet dhcp-attributes t1-percentage] pool a: t1-renewal-time and t1-percentage say the same: one of them has to go: enter "delete access address-assignment pool a family inet dhcp-attributes t1-percentage""`,
  );
});

test("in order", () => {
  const said = ruleFindings(
    lifetimeOrder,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes maximum-lease-time 1000 t1-percentage 50 t2-percentage 80
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes valid-lifetime 600 preferred-lifetime 300 t1-renewal-time 100 t2-rebinding-time 500`,
  );
  expect(said).toBe("");
});
