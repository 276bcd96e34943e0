import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { notInEffect } from "./not-in-effect.ts";

test("one notice for each feature", () => {
  const said = ruleFindings(
    notInEffect,
    `set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay dhcpv6 bulk-leasequery
set logical-systems a forwarding-options dhcp-relay bulk-leasequery
set logical-systems b forwarding-options dhcp-relay bulk-leasequery
set logical-systems c forwarding-options dhcp-relay bulk-leasequery
set system services dhcp-local-server allow-leasequery
set forwarding-options dhcp-relay group access interface ge-0/0/1.0`,
  );
  expect(said).toMatchInlineSnapshot(`
    "notice: [edit forwarding-options dhcp-relay bulk-leasequery] is stored but not in effect yet: relay agents do not send bulk leasequeries in this version (also "forwarding-options dhcp-relay dhcpv6 bulk-leasequery", "logical-systems a forwarding-options dhcp-relay bulk-leasequery", "logical-systems b forwarding-options dhcp-relay bulk-leasequery" and 1 more)
    notice: [edit forwarding-options dhcp-relay group] is stored but not in effect yet: relay agents do not forward client packets in this version; they only send leasequeries"
  `);
});

test("what is in effect is passed over", () => {
  const said = ruleFindings(
    notInEffect,
    `set forwarding-options dhcp-relay leasequery attempts 3
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id
set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767
set forwarding-options dhcp-relay active-server-group core
set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay listen-port 6768
set forwarding-options dhcp-relay relay-id 00:01
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:aa:bb
set logical-systems core routing-instances red forwarding-options dhcp-relay leasequery`,
  );
  expect(said).toBe("");
});
