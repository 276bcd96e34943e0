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
