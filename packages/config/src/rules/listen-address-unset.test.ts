import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { listenAddressUnset } from "./listen-address-unset.ts";

test("says which address is used", () => {
  const said = ruleFindings(
    listenAddressUnset,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay dhcpv6 leasequery
set forwarding-options dhcp-relay dhcpv6 listen-port 1547`,
  );
  expect(said).toMatchInlineSnapshot(`
    "notice: [edit forwarding-options dhcp-relay leasequery] dhcp-relay has no listen-address: replies are received on every address (0.0.0.0) port 67, and the gateway address of each query, which servers reply to, has to be an address of this machine: add "set forwarding-options dhcp-relay listen-address 192.0.2.2"
    notice: [edit forwarding-options dhcp-relay dhcpv6 leasequery] dhcp-relay dhcpv6 has no listen-address: replies are received on every address (::) port 1547, and queries leave from the address that the system chooses: add "set forwarding-options dhcp-relay dhcpv6 listen-address 2001:db8::2""
  `);
});

test("says nothing where it is set", () => {
  const said = ruleFindings(
    listenAddressUnset,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay listen-address 127.0.0.2`,
  );
  expect(said).toBe("");
});

test("says nothing without leasequery", () => {
  const said = ruleFindings(listenAddressUnset, `set forwarding-options dhcp-relay server-group core`);
  expect(said).toBe("");
});
