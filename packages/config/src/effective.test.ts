import { expect, test } from "vitest";
import {
  dhcpServiceLimits,
  hostName,
  instanceNames,
  localServerConfigurations,
  relayConfigurations,
} from "./effective.ts";
import { parseConfiguration } from "./text/parse.ts";
import { EMPTY_TREE } from "./tree.ts";

const { tree } = parseConfiguration(`set system host-name bng-a
set system processes dhcp-service accept-max-tcp-connections 20
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id include-irb-and-l2
set forwarding-options dhcp-relay server-group core 192.0.2.9 port 6767
set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay active-server-group core
set forwarding-options dhcp-relay leasequery attempts 3
set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2 topology-discover
set forwarding-options dhcp-relay group access interface ge-0/0/1.0
set forwarding-options dhcp-relay group access interface ge-0/0/2.0 exclude
set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay relay-id 0a0b
set logical-systems core routing-instances red forwarding-options dhcp-relay dhcpv6 leasequery
set logical-systems core routing-instances red forwarding-options dhcp-relay dhcpv6 duid 00030001aabb
set logical-systems core routing-instances red forwarding-options dhcp-relay dhcpv6 bulk-leasequery trigger automatic
set routing-instances off forwarding-options dhcp-relay leasequery
deactivate routing-instances off
set system services dhcp-local-server allow-bulk-leasequery max-connections 4 restricted-requestor`);

test("a DHCPv4 relay agent, with defaults filled in and servers in the order entered", () => {
  const [relay] = relayConfigurations(tree);
  expect(relay).toMatchObject({
    instance: "default:default",
    family: 4,
    listenAddress: "127.0.0.2",
    listenPort: 67,
    relayId: Uint8Array.of(10, 11),
    serverGroups: [
      {
        name: "core",
        servers: [
          { address: "192.0.2.9", port: 6767 },
          { address: "192.0.2.1", port: 67 },
        ],
      },
    ],
    activeServerGroup: "core",
    leasequery: { attempts: 3, timeoutSeconds: 10 },
    bulkLeasequery: { attempts: 360, timeoutSeconds: 10, triggerAutomatic: false },
    activeLeasequery: {
      timeoutSeconds: 120,
      idleTimeoutSeconds: 60,
      staleTimerSeconds: 0,
      peers: [{ address: "192.0.2.2", port: 67 }],
      topologyDiscover: true,
      excludeInterfaces: [],
    },
    overrides: { alwaysWriteOption82: true, trustOption82: false },
    relayOption82: { circuitId: { includeIrbAndL2: true, keepIncoming: false } },
    interfaces: ["ge-0/0/1.0"],
  });
});

test("a DHCPv6 relay agent of a routing instance in a logical system; deactivated ones are not there", () => {
  const relays = relayConfigurations(tree);
  expect(relays.map(({ instance, family }) => `${instance} ${family}`)).toEqual(["default:default 4", "core:red 6"]);
  expect(relays[1]).toMatchObject({
    listenPort: 546,
    relayId: Uint8Array.of(0, 3, 0, 1, 0xaa, 0xbb),
    serverGroups: [],
    leasequery: { attempts: 6, timeoutSeconds: 10 },
    bulkLeasequery: { attempts: 6, timeoutSeconds: 10, triggerAutomatic: true },
    interfaces: [],
  });
  expect(relays[1]?.listenAddress).toBeUndefined();
  expect(relays[1]?.relayOption82).toBeUndefined();
  expect(relays[1]?.activeLeasequery).toBeUndefined();
});

test("a local server", () => {
  expect(localServerConfigurations(tree)).toMatchObject([
    {
      instance: "default:default",
      family: 4,
      listenPort: 67,
      allowBulkLeasequery: { connectionsMax: 4, emptyRepliesMax: 5, timeoutSeconds: 120, restrictedRequestor: true },
    },
  ]);
});

test("a local server without statements: what holds then", () => {
  const { tree: bare } = parseConfiguration(`set system services dhcp-local-server
set system services dhcp-local-server allow-leasequery
set system services dhcp-local-server dhcpv6`);
  const [v4, v6] = localServerConfigurations(bare);
  expect(v4).toMatchObject({
    addressProbe: { timeoutMs: 500 },
    rapidCommit: false,
    reconfigure: false,
    authoritative: false,
    pools: [],
    allowLeasequery: { restrictedRequestor: false, strictReplies: false },
    sensitiveOptions: [],
    leasequeryGuard: {
      queriesPerSecondMax: 10_000,
      unknownRatioMaxPercent: 90,
      unknownWindowSeconds: 10,
      unknownQueriesMin: 1000,
      quarantineSeconds: 60,
    },
  });
  expect(v4?.serverIdentifier).toBeUndefined();
  expect(v4?.clientLimitPerInterface).toBeUndefined();
  expect(v4?.tls).toBeUndefined();
  expect(v4?.allowLeasequery?.requestors).toBeUndefined();
  expect(v6?.addressProbe).toBeUndefined();
  expect(v6?.duid).toBeUndefined();
  expect(v6?.preference).toBeUndefined();
});

test("a local server with everything", () => {
  const { tree: full, findings } = parseConfiguration(`set routing-instances red interface ge-0/0/1.0
set routing-instances red vrf-device vrf-red
set interfaces ge-0/0/1 unit 0 device eth1
set interfaces ge-0/0/2 unit 0 device eth2
set system services dhcp-local-server
set routing-instances red system services dhcp-local-server server-identifier 192.0.2.1
set routing-instances red system services dhcp-local-server authoritative
set routing-instances red system services dhcp-local-server address-probe disable
set routing-instances red system services dhcp-local-server overrides interface-client-limit 7
set routing-instances red system services dhcp-local-server overrides rapid-commit
set routing-instances red system services dhcp-local-server allow-leasequery strict-replies requestor 192.0.2.0/24
set routing-instances red system services dhcp-local-server allow-bulk-leasequery max-queries-parallel 3 requestor 192.0.2.0/25
set routing-instances red system services dhcp-local-server allow-active-leasequery
set routing-instances red system services dhcp-local-server sensitive-option 12
set routing-instances red system services dhcp-local-server leasequery-guard queries-per-second 5 unknown-ratio 100
set routing-instances red system services dhcp-local-server tls certificate-file a private-key-file b ca-file c
set routing-instances red system services dhcp-local-server dhcpv6 duid 00030001aabb
set routing-instances red system services dhcp-local-server dhcpv6 reconfigure
set routing-instances red system services dhcp-local-server dhcpv6 preference 0
set routing-instances red system services dhcp-local-server dhcpv6 allow-active-leasequery insecure`);
  expect(findings).toEqual([]);
  const [main, v4, v6] = localServerConfigurations(full);
  expect([...(main?.devices ?? [])]).toEqual([["ge-0/0/2.0", "eth2"]]);
  expect(v4).toMatchObject({
    instance: "default:red",
    serverIdentifier: 0xc0_00_02_01,
    authoritative: true,
    rapidCommit: true,
    clientLimitPerInterface: 7,
    allowLeasequery: { strictReplies: true, requestors: [{ address: 0xc0_00_02_00, length: 24 }] },
    allowBulkLeasequery: { queriesParallelMax: 3, requestors: [{ address: 0xc0_00_02_00, length: 25 }] },
    allowActiveLeasequery: { mode: "secure", timeoutSeconds: 120, idleTimeoutSeconds: 60 },
    sensitiveOptions: [12],
    leasequeryGuard: { queriesPerSecondMax: 5, unknownRatioMaxPercent: 100, unknownWindowSeconds: 10 },
    tls: { certificateFile: "a", privateKeyFile: "b", caFile: "c" },
    vrfDevice: "vrf-red",
  });
  expect(v4?.addressProbe).toBeUndefined();
  expect([...(v4?.devices ?? [])]).toEqual([["ge-0/0/1.0", "eth1"]]);
  expect(v6).toMatchObject({
    duid: Uint8Array.of(0, 3, 0, 1, 0xaa, 0xbb),
    reconfigure: true,
    preference: 0,
    rapidCommit: false,
    allowActiveLeasequery: { mode: "insecure" },
  });
});

test("limits, instances, host name", () => {
  expect(dhcpServiceLimits(tree)).toEqual({
    tcpConnectionsAcceptedMax: 20,
    tcpConnectionsRequestedMax: 3,
    replyRetriesMax: 5,
    replyRetryTimerSeconds: 10,
    repliesPerBatchMax: 100,
  });
  expect(instanceNames(tree)).toEqual(["default:default", "core:default", "core:red"]);
  expect(hostName(tree)).toBe("bng-a");
  expect(hostName(EMPTY_TREE)).toBeUndefined();
});
