import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { serverAddressFamily } from "./server-address-family.ts";

test("refuses the other family", () => {
  const said = ruleFindings(
    serverAddressFamily,
    `set forwarding-options dhcp-relay server-group core 2001:db8::1
set forwarding-options dhcp-relay dhcpv6 server-group core 192.0.2.1`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay server-group core 2001:db8::1] dhcp-relay server-group core takes IPv4 addresses; 2001:db8::1 is an IPv6 address: enter "delete forwarding-options dhcp-relay server-group core 2001:db8::1"
    error: [edit forwarding-options dhcp-relay dhcpv6 server-group core 192.0.2.1] dhcp-relay dhcpv6 server-group core takes IPv6 addresses; 192.0.2.1 is an IPv4 address: enter "delete forwarding-options dhcp-relay dhcpv6 server-group core 192.0.2.1""
  `);
});

test("allows the own family", () => {
  const said = ruleFindings(
    serverAddressFamily,
    `set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay dhcpv6 server-group core 2001:db8::1`,
  );
  expect(said).toBe("");
});
