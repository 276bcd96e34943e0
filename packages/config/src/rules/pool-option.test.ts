import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolOption } from "./pool-option.ts";

test("what the server fills itself", () => {
  const said = ruleFindings(
    poolOption,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes option 51 integer 60
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes option 3 hex-string 00`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet dhcp-attributes option 51] option 51 of pool a is an option that the server fills itself, or that only clients and relay agents send: enter "delete access address-assignment pool a family inet dhcp-attributes option 51"
    error: [edit access address-assignment pool a family inet6 dhcp-attributes option 3] option 3 of pool a is an option that the server fills itself, or that only clients and relay agents send: enter "delete access address-assignment pool a family inet6 dhcp-attributes option 3""
  `);
});

test("no value, two values, twice", () => {
  const said = ruleFindings(
    poolOption,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes option 43
set access address-assignment pool a family inet dhcp-attributes option 60 byte 1 string x
set access address-assignment pool a family inet dhcp-attributes router 192.0.2.1
set access address-assignment pool a family inet dhcp-attributes option 3 ip-address 192.0.2.2`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet dhcp-attributes option 43] option 43 of pool a has no value: a type and a value have to follow, such as hex-string 0102: enter "delete access address-assignment pool a family inet dhcp-attributes option 43"
    error: [edit access address-assignment pool a family inet dhcp-attributes option 60] option 60 of pool a has 2 values: one type and its value make an option: enter "delete access address-assignment pool a family inet dhcp-attributes option 60"
    error: [edit access address-assignment pool a family inet dhcp-attributes option 3] option 3 of pool a sets option 3, which "router" sets already: enter "delete access address-assignment pool a family inet dhcp-attributes option 3""
  `);
});

test("too long", () => {
  const said = ruleFindings(
    poolOption,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes option 43 hex-string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes option 200 hex-string bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
set access address-assignment pool a family inet6 dhcp-attributes option 201 hex-string bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
set access address-assignment pool a family inet6 dhcp-attributes option 202 hex-string bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet dhcp-attributes option 43] option 43 of pool a has 256 octets: a DHCPv4 option has at most 255: enter "delete access address-assignment pool a family inet dhcp-attributes option 43"
    error: [edit access address-assignment pool a family inet6 dhcp-attributes option 202] option 202 of pool a makes the options of the pool longer than 1024 octets: they have to fit into one message: enter "delete access address-assignment pool a family inet6 dhcp-attributes option 202""
  `);
});

test("domains that are none", () => {
  const said = ruleFindings(
    poolOption,
    `set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes domain-name a..b
set access address-assignment pool b family inet6 prefix 2001:db8:1::/64
set access address-assignment pool b family inet6 dhcp-attributes domain-name xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet6 dhcp-attributes domain-name] domain-name of pool a "a..b" is not a domain name: each part has 1 to 63 visible ASCII characters: enter "delete access address-assignment pool a family inet6 dhcp-attributes domain-name"
    error: [edit access address-assignment pool b family inet6 dhcp-attributes domain-name] domain-name of pool b "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is not a domain name: each part has 1 to 63 visible ASCII characters: enter "delete access address-assignment pool b family inet6 dhcp-attributes domain-name""
  `);
});

test("options as they should be", () => {
  const said = ruleFindings(
    poolOption,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet dhcp-attributes router 192.0.2.1
set access address-assignment pool a family inet dhcp-attributes option 42 array ip-address 192.0.2.2
set access address-assignment pool a family inet dhcp-attributes option 42 array ip-address 192.0.2.3
set access address-assignment pool a family inet dhcp-attributes option 43 hex-string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set access address-assignment pool a family inet6 dhcp-attributes domain-name example.net`,
  );
  expect(said).toBe("");
});
