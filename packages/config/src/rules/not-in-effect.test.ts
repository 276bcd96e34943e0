import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { notInEffect } from "./not-in-effect.ts";

test("one notice for each feature", () => {
  const said = ruleFindings(
    notInEffect,
    `set forwarding-options dhcp-relay overrides delay-authentication
set forwarding-options dhcp-relay dhcpv6 overrides delay-authentication
set logical-systems a forwarding-options dhcp-relay overrides delay-authentication
set logical-systems b forwarding-options dhcp-relay overrides delay-authentication
set logical-systems c forwarding-options dhcp-relay overrides delay-authentication
set system services dhcp-local-server active-leasequery
set system services dhcp-local-server overrides dual-stack household
set interfaces ge-0/0/1 vlan-tagging
set routing-instances red instance-type vrf
set routing-instances red forwarding-options dhcp-relay overrides proxy-mode`,
  );
  expect(said).toMatchInlineSnapshot(`
    "notice: [edit system services dhcp-local-server active-leasequery] is stored but not in effect yet: local servers do not query each other in this version; they answer active leasequeries of others
    notice: [edit system services dhcp-local-server overrides dual-stack] is stored but not in effect yet: the DHCPv4 and the DHCPv6 binding of a client are not tied together in this version
    notice: [edit interfaces ge-0/0/1 vlan-tagging] is stored but not in effect yet: frames are tagged by the network device that a unit names
    notice: [edit forwarding-options dhcp-relay overrides delay-authentication] is stored but not in effect yet: clients are not authenticated in this version (also "forwarding-options dhcp-relay dhcpv6 overrides delay-authentication", "logical-systems a forwarding-options dhcp-relay overrides delay-authentication", "logical-systems b forwarding-options dhcp-relay overrides delay-authentication" and 1 more)
    notice: [edit routing-instances red instance-type] is stored but not in effect yet: the kind of an instance changes nothing in this version
    notice: [edit routing-instances red forwarding-options dhcp-relay overrides proxy-mode] is stored but not in effect yet: relay agents do not stand in for the server in this version"
  `);
});

test("what is in effect is passed over", () => {
  const said = ruleFindings(
    notInEffect,
    `set forwarding-options dhcp-relay leasequery attempts 3
set forwarding-options dhcp-relay bulk-leasequery attempts 3
set forwarding-options dhcp-relay active-leasequery idle-timeout 120
set forwarding-options dhcp-relay group access interface ge-0/0/1.0 upto ge-0/0/1.99
set interfaces ge-0/0/1 unit 0 family inet address 192.0.2.1/24
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id
set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767
set forwarding-options dhcp-relay active-server-group core
set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay listen-port 6768
set forwarding-options dhcp-relay relay-id 00:01
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:aa:bb
set logical-systems core routing-instances red forwarding-options dhcp-relay leasequery
set logical-systems core routing-instances red vrf-device vrf-red
set logical-systems core interfaces ge-0/0/1 unit 0 device eth1
set system processes dhcp-service accept-max-tcp-connections 20
set system services dhcp-local-server allow-active-leasequery insecure
set system services dhcp-local-server dhcpv6 overrides rapid-commit
set access address-assignment pool a family inet network 192.0.2.0/24`,
  );
  expect(said).toBe("");
});
