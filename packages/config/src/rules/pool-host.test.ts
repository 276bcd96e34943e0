import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolHost } from "./pool-host.ts";

test("outside of the network", () => {
  const said = ruleFindings(
    poolHost,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 192.0.3.7
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 host h1 duid 000300010011 ip-prefix 2001:db9::/56`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet host h1 ip-address] host h1 reserves 192.0.3.7, which is outside 192.0.2.0/24: no client on that link could use it: enter "delete access address-assignment pool a family inet host h1 ip-address"
    error: [edit access address-assignment pool a family inet6 host h1 ip-prefix] host h1 reserves 2001:db9::/56, which is outside 2001:db8::/48: no client on that link could use it: enter "delete access address-assignment pool a family inet6 host h1 ip-prefix""
  `);
});

test("no key, two keys, nothing reserved", () => {
  const said = ruleFindings(
    poolHost,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet host h1 ip-address 192.0.2.7
set access address-assignment pool a family inet host h2 hardware-address 00:11:22:33:44:55 remote-id ascii:line-7 ip-address 192.0.2.8
set access address-assignment pool a family inet host h3 circuit-id ascii:port-7`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet host h1] host h1 says of no client that it is for it: add "set access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55"
    error: [edit access address-assignment pool a family inet host h2] host h2 has hardware-address and remote-id: one of them has to tell the client: enter "delete access address-assignment pool a family inet host h2 remote-id"
    error: [edit access address-assignment pool a family inet host h3] host h3 reserves nothing: it has no ip-address: add "set access address-assignment pool a family inet host h3 ip-address 192.0.2.9""
  `);
});

test("one address, or a part of one prefix, for two, in two pools as well", () => {
  const said = ruleFindings(
    poolHost,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 192.0.2.7
set access address-assignment pool b family inet network 192.0.2.0/25
set access address-assignment pool b family inet host h2 client-id 01aa ip-address 192.0.2.7
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 host h1 duid 000300010011 ip-prefix 2001:db8::/56
set access address-assignment pool a family inet6 host h2 duid 000300010012 ip-address 2001:db8::5`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool b family inet host h2 ip-address] host h2 reserves 192.0.2.7, which h1 has: 192.0.2.7 is reserved already: enter "delete access address-assignment pool b family inet host h2 ip-address"
    error: [edit access address-assignment pool a family inet6 host h2 ip-address] host h2 reserves 2001:db8::5, which h1 has: 2001:db8::/56 is reserved already: enter "delete access address-assignment pool a family inet6 host h2 ip-address""
  `);
});

test("one client twice in a pool", () => {
  const said = ruleFindings(
    poolHost,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 192.0.2.7
set access address-assignment pool a family inet host h2 hardware-address 00:11:22:33:44:55 ip-address 192.0.2.8`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit access address-assignment pool a family inet host h2] host h2 is for hardware-address 00:11:22:33:44:55, and host h1 is as well: a client gets one of them only: enter "delete access address-assignment pool a family inet host h2""`,
  );
});

test("one client in pools of two links, both families, other instances", () => {
  const said = ruleFindings(
    poolHost,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 192.0.2.7
set access address-assignment pool b family inet network 198.51.100.0/24
set access address-assignment pool b family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 198.51.100.7
set routing-instances red access address-assignment pool a family inet network 192.0.2.0/24
set routing-instances red access address-assignment pool a family inet host h1 hardware-address 00:11:22:33:44:55 ip-address 192.0.2.7
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 host h1 duid 000300010011 ip-address 2001:db8::7 ip-prefix 2001:db8:0:100::/56`,
  );
  expect(said).toBe("");
});
