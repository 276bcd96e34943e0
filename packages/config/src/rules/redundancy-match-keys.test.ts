import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { redundancyMatchKeys } from "./redundancy-match-keys.ts";

test("VRRP needs a virtual address", () => {
  const said = ruleFindings(
    redundancyMatchKeys,
    `set system services subscriber-management redundancy protocol vrrp
set system services subscriber-management redundancy interface ge-0/0/1.100`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services subscriber-management redundancy interface ge-0/0/1.100] redundancy interface ge-0/0/1.100 requires a virtual-inet-address: it is the gateway address that both gateways share by VRRP, one for each family of the interface: add "set system services subscriber-management redundancy interface ge-0/0/1.100 virtual-inet-address 192.0.2.1""`,
  );
});

test("dual stack needs both", () => {
  const said = ruleFindings(
    redundancyMatchKeys,
    `set system services subscriber-management redundancy protocol vrrp
set system services subscriber-management redundancy interface ge-0/0/1.100 virtual-inet-address 192.0.2.1
set interfaces ge-0/0/1 unit 100 family inet address 192.0.2.2/24
set interfaces ge-0/0/1 unit 100 family inet6 address 2001:db8::2/64`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services subscriber-management redundancy interface ge-0/0/1.100] redundancy interface ge-0/0/1.100 requires a virtual-inet6-address: it is the gateway address that both gateways share by VRRP, one for each family of the interface: add "set system services subscriber-management redundancy interface ge-0/0/1.100 virtual-inet6-address 2001:db8::1""`,
  );
});

test("an address of either family is enough where the families are not known", () => {
  const said = ruleFindings(
    redundancyMatchKeys,
    `set system services subscriber-management redundancy interface ge-0/0/1.100 virtual-inet6-address 2001:db8::1`,
  );
  expect(said).toBe("");
});

test("a pseudowire with topology discovery needs key and address", () => {
  const said = ruleFindings(
    redundancyMatchKeys,
    `set system services subscriber-management redundancy protocol pseudo-wire
set system services subscriber-management redundancy interface ps0.100
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2 topology-discover`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services subscriber-management redundancy interface ps0.100] redundancy interface ps0.100 requires a shared-key: both ends of a pseudowire recognise each other by it during topology discovery: add "set system services subscriber-management redundancy interface ps0.100 shared-key KEY"
    error: [edit system services subscriber-management redundancy interface ps0.100] redundancy interface ps0.100 requires a local-inet-address: topology discovery over a pseudowire tells the peer the interface's own address: add "set system services subscriber-management redundancy interface ps0.100 local-inet-address 192.0.2.1""
  `);
});

test("a pseudowire is content with them", () => {
  const said = ruleFindings(
    redundancyMatchKeys,
    `set system services subscriber-management redundancy protocol pseudo-wire
set system services subscriber-management redundancy interface ps0.100 shared-key subscribers-7 local-inet-address 192.0.2.1
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2 topology-discover`,
  );
  expect(said).toBe("");
});
