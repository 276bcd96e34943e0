import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { peerAddressRequired } from "./peer-address-required.ts";

test("refuses topology-discover without a peer, relay and server", () => {
  const said = ruleFindings(
    peerAddressRequired,
    `set forwarding-options dhcp-relay active-leasequery topology-discover
set system services dhcp-local-server dhcpv6 active-leasequery topology-discover`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay active-leasequery topology-discover] dhcp-relay active-leasequery topology-discover requires at least one peer-address: there is nobody to discover the topology with: add "set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2"
    error: [edit system services dhcp-local-server dhcpv6 active-leasequery topology-discover] dhcp-local-server dhcpv6 active-leasequery topology-discover requires at least one peer-address: there is nobody to discover the topology with: add "set system services dhcp-local-server dhcpv6 active-leasequery peer-address 2001:db8::2""
  `);
});

test("is content with one peer", () => {
  const said = ruleFindings(
    peerAddressRequired,
    `set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2 topology-discover`,
  );
  expect(said).toBe("");
});

test("asks for no peer without topology-discover", () => {
  const said = ruleFindings(peerAddressRequired, `set forwarding-options dhcp-relay active-leasequery`);
  expect(said).toBe("");
});
