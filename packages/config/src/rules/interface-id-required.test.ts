import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { interfaceIdRequired } from "./interface-id-required.ts";

test("refuses individual and bulk leasequery without it", () => {
  const said = ruleFindings(
    interfaceIdRequired,
    `set forwarding-options dhcp-relay dhcpv6 leasequery
set forwarding-options dhcp-relay dhcpv6 bulk-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay dhcpv6 leasequery] dhcp-relay dhcpv6 leasequery requires relay-agent-interface-id at the same level: a reply without Interface-ID cannot be tied to an interface: add "set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id"
    error: [edit forwarding-options dhcp-relay dhcpv6 bulk-leasequery] dhcp-relay dhcpv6 bulk-leasequery requires relay-agent-interface-id at the same level: a reply without Interface-ID cannot be tied to an interface: add "set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id""
  `);
});

test("is content with the bare statement", () => {
  const said = ruleFindings(
    interfaceIdRequired,
    `set forwarding-options dhcp-relay dhcpv6 leasequery
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id`,
  );
  expect(said).toBe("");
});

test("leaves DHCPv4 alone", () => {
  const said = ruleFindings(interfaceIdRequired, `set forwarding-options dhcp-relay leasequery`);
  expect(said).toBe("");
});
