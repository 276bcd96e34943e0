import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { serverBesideRelay } from "./server-beside-relay.ts";

test("in one instance and family", () => {
  const said = ruleFindings(
    serverBesideRelay,
    `set system services dhcp-local-server
set forwarding-options dhcp-relay leasequery
set routing-instances red system services dhcp-local-server dhcpv6
set routing-instances red forwarding-options dhcp-relay dhcpv6 leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services dhcp-local-server] dhcp-local-server and dhcp-relay are in the same instance default:default, and their bindings would collide: put one of them into a routing instance or logical system, or: enter "delete forwarding-options dhcp-relay"
    error: [edit routing-instances red system services dhcp-local-server dhcpv6] dhcp-local-server dhcpv6 and dhcp-relay dhcpv6 are in the same instance default:red, and their bindings would collide: put one of them into a routing instance or logical system, or: enter "delete routing-instances red forwarding-options dhcp-relay dhcpv6""
  `);
});

test("in other instances or families", () => {
  const said = ruleFindings(
    serverBesideRelay,
    `set system services dhcp-local-server
set forwarding-options dhcp-relay dhcpv6 leasequery
set routing-instances red forwarding-options dhcp-relay leasequery`,
  );
  expect(said).toBe("");
});
