import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { includeIrbAndL2Missing } from "./include-irb-and-l2-missing.ts";

test("warns of an IRB client interface", () => {
  const said = ruleFindings(
    includeIrbAndL2Missing,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay group access interface irb.100`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay group access] dhcp-relay group access has the client interface irb.100, but circuit-id has no include-irb-and-l2: bindings of its clients cannot be restored without the name of the layer-2 interface: add "set forwarding-options dhcp-relay relay-option-82 circuit-id include-irb-and-l2""`,
  );
});

test("holds for DHCPv6 and for a group with its own block", () => {
  const said = ruleFindings(
    includeIrbAndL2Missing,
    `set forwarding-options dhcp-relay dhcpv6 bulk-leasequery
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id include-irb-and-l2
set forwarding-options dhcp-relay dhcpv6 group access interface irb.100
set forwarding-options dhcp-relay dhcpv6 group access relay-agent-interface-id use-vlan-id`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay dhcpv6 group access] dhcp-relay dhcpv6 group access has the client interface irb.100, but relay-agent-interface-id has no include-irb-and-l2: bindings of its clients cannot be restored without the name of the layer-2 interface: add "set forwarding-options dhcp-relay dhcpv6 group access relay-agent-interface-id include-irb-and-l2""`,
  );
});

test("is content with include-irb-and-l2", () => {
  const said = ruleFindings(
    includeIrbAndL2Missing,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay relay-option-82 circuit-id include-irb-and-l2
set forwarding-options dhcp-relay group access interface irb.100`,
  );
  expect(said).toBe("");
});

test("says nothing without leasequery", () => {
  const said = ruleFindings(includeIrbAndL2Missing, `set forwarding-options dhcp-relay group access interface irb.100`);
  expect(said).toBe("");
});
