import { expect, test } from "vitest";
import { localServerConfigurations, logicalInterfaces, relayConfigurations } from "../effective.ts";
import { parseConfiguration } from "../text/parse.ts";

test("ranges are spelt out; the nearest block decides how packets are treated", () => {
  const { tree, findings } = parseConfiguration(`set interfaces ge-0/0/9 unit 1 device eth9
set interfaces ge-0/0/10 unit 2 device eth10
set interfaces ge-0/0/10 unit 10 device eth11
set interfaces ge-0/0/10 unit 11 device eth12
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay overrides interface-client-limit 9
set forwarding-options dhcp-relay overrides allow-snooped-clients
set forwarding-options dhcp-relay relay-option-82 circuit-id prefix host-name
set forwarding-options dhcp-relay relay-option-82 exclude-relay-agent-identifier
set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay server-group edge 192.0.2.2
set forwarding-options dhcp-relay active-server-group core
set forwarding-options dhcp-relay group a interface ge-0/0/9.1 upto ge-0/0/10.11
set forwarding-options dhcp-relay group a interface ge-0/0/10.10 exclude
set forwarding-options dhcp-relay group a interface ge-0/0/10.11 overrides interface-client-limit 2
set forwarding-options dhcp-relay group b interface irb
set forwarding-options dhcp-relay group b active-server-group edge
set forwarding-options dhcp-relay group b overrides no-allow-snooped-clients
set forwarding-options dhcp-relay group b relay-option-82 circuit-id vlan-id-only
set forwarding-options dhcp-relay group b relay-option-82 remote-id use-string pop-7`);
  expect(findings).toEqual([]);
  const [relay] = relayConfigurations(tree);
  expect(relay?.interfaces).toEqual(["ge-0/0/9.1", "ge-0/0/10.2", "ge-0/0/10.11", "irb.0"]);
  const [first, , last, irb] = relay?.accessInterfaces ?? [];
  expect(first).toMatchObject({
    group: "a",
    activeServerGroup: "core",
    overrides: { alwaysWriteOption82: true, interfaceClientLimit: 9, allowSnoopedClients: true },
    relayOption82: { circuitId: { prefix: { hostName: true }, vlanIdOnly: false }, excludeRelayAgentIdentifier: true },
  });
  expect(last?.overrides).toMatchObject({ alwaysWriteOption82: true, interfaceClientLimit: 9 });
  expect(irb).toMatchObject({
    group: "b",
    activeServerGroup: "edge",
    overrides: { alwaysWriteOption82: true, allowSnoopedClients: false },
    relayOption82: {
      circuitId: { prefix: { hostName: false }, vlanIdOnly: true },
      remoteId: { useString: "pop-7" },
      excludeRelayAgentIdentifier: true,
    },
  });
});

test("DHCPv6: identifiers of the group, hop limit, ports", () => {
  const { tree } = parseConfiguration(`set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
set forwarding-options dhcp-relay dhcpv6 relay-agent-subscriber-id everyone
set forwarding-options dhcp-relay dhcpv6 access-routes
set forwarding-options dhcp-relay dhcpv6 group a interface ge-0/0/1.0
set forwarding-options dhcp-relay dhcpv6 group a relay-agent-remote-id enterprise-number 9 use-option-82 strict
set routing-instances red forwarding-options dhcp-relay dhcpv6 listen-port 10547
set routing-instances red forwarding-options dhcp-relay dhcpv6 maximum-hop-count 3
set routing-instances red vrf-device vrf-red`);
  const [main, red] = relayConfigurations(tree);
  expect(main).toMatchObject({ listenPort: 546, forwardingPort: 547, maximumHopCount: 8, accessRoutes: true });
  expect(main?.accessInterfaces[0]).toMatchObject({
    relayAgentInterfaceId: { useOption82Strict: false },
    relayAgentRemoteId: { enterpriseNumber: 9, useOption82Strict: true },
    relayAgentSubscriberId: "everyone",
  });
  expect(red).toMatchObject({
    listenPort: 10547,
    forwardingPort: 10547,
    maximumHopCount: 3,
    accessRoutes: false,
    vrfDevice: "vrf-red",
  });
});

test("how connections to servers are protected", () => {
  const { tree } = parseConfiguration(`set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay active-leasequery
set forwarding-options dhcp-relay tls certificate-file /a.pem private-key-file /a.key ca-file /ca.pem
set forwarding-options dhcp-relay dhcpv6 bulk-leasequery mode secure
set forwarding-options dhcp-relay dhcpv6 active-leasequery mode insecure`);
  const tls = { certificateFile: "/a.pem", privateKeyFile: "/a.key", caFile: "/ca.pem" };
  const [relay4, relay6] = relayConfigurations(tree);
  expect(relay4).toMatchObject({
    bulkLeasequery: { mode: "insecure", tls },
    activeLeasequery: { mode: "secure", tls },
  });
  expect(relay6).toMatchObject({ bulkLeasequery: { mode: "secure" }, activeLeasequery: { mode: "insecure" } });
});

test("logical interfaces with their instance, addresses, VLANs and links", () => {
  const { tree } = parseConfiguration(`set interfaces ge-0/0/1 description "to the street"
set interfaces ge-0/0/1 unit 100 vlan-tags outer 7 inner 100
set interfaces ge-0/0/1 unit 100 description "house 1"
set interfaces ge-0/0/1 unit 100 family inet address 192.0.2.1/24
set interfaces ge-0/0/1 unit 100 family inet6 address 2001:db8::1/64
set interfaces ge-0/0/1 unit 100 datagram-link inet local-address 127.0.0.1 local-port 20067 remote-address 127.0.0.1 remote-port 20068
set interfaces ge-0/0/1 unit 101 vlan-id 101
set interfaces ge-0/0/1 unit 101 disable
set routing-instances red interface ge-0/0/1.101`);
  const [one, other] = logicalInterfaces(tree);
  expect(one).toMatchObject({
    instance: "default:default",
    name: "ge-0/0/1.100",
    description: "house 1",
    deviceDescription: "to the street",
    vlan: { outer: 7, inner: 100 },
    addresses4: [{ length: 24 }],
    addresses6: [{ length: 64 }],
    datagramLink4: { localAddress: "127.0.0.1", localPort: 20067, remoteAddress: "127.0.0.1", remotePort: 20068 },
    disabled: false,
  });
  expect(one?.datagramLink6).toBeUndefined();
  expect(other).toMatchObject({ instance: "default:red", name: "ge-0/0/1.101", vlan: { outer: 101 }, disabled: true });
});

test("a local server's ranges and the overrides of its groups", () => {
  const { tree } = parseConfiguration(`set interfaces ge-0/0/1 unit 0 device eth1
set interfaces ge-0/0/1 unit 1 device eth2
set interfaces ge-0/0/1 unit 2 device eth3
set system services dhcp-local-server overrides interface-client-limit 9
set system services dhcp-local-server group a interface ge-0/0/1.0 upto ge-0/0/1.2
set system services dhcp-local-server group a overrides rapid-commit
set system services dhcp-local-server group b interface ge-0/0/3.0`);
  const [server] = localServerConfigurations(tree);
  expect(server?.interfaces).toEqual(["ge-0/0/1.0", "ge-0/0/1.1", "ge-0/0/1.2", "ge-0/0/3.0"]);
  expect(server?.interfaceOverrides?.get("ge-0/0/1.1")).toEqual({ rapidCommit: true, clientLimit: 9 });
  expect(server?.interfaceOverrides?.has("ge-0/0/3.0")).toBe(false);
});
