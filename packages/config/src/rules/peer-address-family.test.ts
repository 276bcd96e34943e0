import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { peerAddressFamily } from "./peer-address-family.ts";

test("refuses the other family", () => {
  const said = ruleFindings(
    peerAddressFamily,
    `set forwarding-options dhcp-relay active-leasequery peer-address 2001:db8::2
set forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address 192.0.2.2`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay active-leasequery peer-address 2001:db8::2] dhcp-relay active-leasequery peer-address takes an IPv4 address; 2001:db8::2 is an IPv6 address: enter "delete forwarding-options dhcp-relay active-leasequery peer-address 2001:db8::2"
    error: [edit forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address 192.0.2.2] dhcp-relay dhcpv6 active-leasequery peer-address takes an IPv6 address; 192.0.2.2 is an IPv4 address: enter "delete forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address 192.0.2.2""
  `);
});

test("holds for servers", () => {
  const said = ruleFindings(
    peerAddressFamily,
    `set system services dhcp-local-server dhcpv6 active-leasequery peer-address 192.0.2.2`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server dhcpv6 active-leasequery peer-address 192.0.2.2] dhcp-local-server dhcpv6 active-leasequery peer-address takes an IPv6 address; 192.0.2.2 is an IPv4 address: enter "delete system services dhcp-local-server dhcpv6 active-leasequery peer-address 192.0.2.2""`,
  );
});

test("allows the own family", () => {
  const said = ruleFindings(
    peerAddressFamily,
    `set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2
set forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address 2001:db8::2`,
  );
  expect(said).toBe("");
});
