import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { addressUnusable } from "./address-unusable.ts";

test("refuses addresses nothing can be sent to", () => {
  const said = ruleFindings(
    addressUnusable,
    `set forwarding-options dhcp-relay server-group core 0.0.0.0
set forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address ff02::1:2
set system services dhcp-local-server active-leasequery peer-address 255.255.255.255`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay server-group core 0.0.0.0] dhcp-relay server-group core has the server 0.0.0.0: no server can have this address: enter "delete forwarding-options dhcp-relay server-group core 0.0.0.0"
    error: [edit forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address ff02::1:2] dhcp-relay dhcpv6 active-leasequery has the peer-address ff02::1:2: no peer can have this address: enter "delete forwarding-options dhcp-relay dhcpv6 active-leasequery peer-address ff02::1:2"
    error: [edit system services dhcp-local-server active-leasequery peer-address 255.255.255.255] dhcp-local-server active-leasequery has the peer-address 255.255.255.255: no peer can have this address: enter "delete system services dhcp-local-server active-leasequery peer-address 255.255.255.255""
  `);
});

test("allows a multicast group of servers", () => {
  const said = ruleFindings(
    addressUnusable,
    `set forwarding-options dhcp-relay dhcpv6 server-group all ff02::1:2
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2`,
  );
  expect(said).toBe("");
});
