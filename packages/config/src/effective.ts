import { type InstanceName, parseHex } from "@leasewire/net";
import { type Level, relayLevels, scopesOf, serverLevels } from "./instances.ts";
import { defaultOf } from "./schema/walk.ts";
import {
  activePart,
  type ConfigTree,
  type ContainerNode,
  containerAt,
  entriesOf,
  hasFlag,
  leafListValues,
  leafValue,
} from "./tree.ts";

/**
 * The configuration as engines read it: typed, defaults filled in, deactivated statements left out. An optional block is there only
 * if it is configured.
 */

/** A relay agent: one for each instance and family with `dhcp-relay`. */
export interface RelayConfiguration {
  readonly instance: InstanceName;
  readonly family: 4 | 6;
  /** Canonical text; undefined: every address (0.0.0.0 or ::). */
  readonly listenAddress?: string;
  /** Also the source port of queries: 67 (v4) or 546 (v6) unless configured. */
  readonly listenPort: number;
  /** v4: octets of option 82 sub-option 12; v6: the DUID. undefined: not configured. */
  readonly relayId?: Uint8Array;
  readonly serverGroups: readonly ServerGroup[];
  readonly activeServerGroup?: string;
  readonly leasequery?: IndividualLeasequery;
  readonly bulkLeasequery?: BulkLeasequery;
  readonly activeLeasequery?: ActiveLeasequery;
  readonly overrides: RelayOverrides;
  /** v4 only. */
  readonly relayOption82?: RelayOption82;
  /** v6 only. */
  readonly relayAgentInterfaceId?: InterfaceText;
  readonly relayAgentRemoteId?: InterfaceText;
  readonly excludeRelayAgentIdentifier: boolean;
  readonly groups: readonly ClientGroup[];
  /** Client interfaces of all groups; empty for a relay agent that only queries. */
  readonly interfaces: readonly string[];
}

export interface ServerGroup {
  readonly name: string;
  readonly servers: readonly { readonly address: string; readonly port: number }[];
}

export interface IndividualLeasequery {
  readonly attempts: number;
  readonly timeoutSeconds: number;
}

export interface BulkLeasequery extends IndividualLeasequery {
  /** v6 only: start by itself. */
  readonly triggerAutomatic: boolean;
}

export interface ActiveLeasequery {
  readonly timeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  /** 0 is off. */
  readonly staleTimerSeconds: number;
  readonly peers: readonly { readonly address: string; readonly port: number }[];
  readonly topologyDiscover: boolean;
  readonly excludeInterfaces: readonly string[];
}

export interface RelayOverrides {
  readonly alwaysWriteOption82: boolean;
  readonly alwaysWriteGiaddr: boolean;
  readonly trustOption82: boolean;
  readonly disableRelay: boolean;
}

export interface RelayOption82 {
  readonly circuitId?: InterfaceText;
  readonly remoteId?: InterfaceText;
  readonly serverIdOverride: boolean;
  readonly linkSelection: boolean;
}

/** How the text that names an access interface is made. */
export interface InterfaceText {
  readonly prefix: {
    readonly hostName: boolean;
    readonly logicalSystemName: boolean;
    readonly routingInstanceName: boolean;
  };
  readonly useInterfaceDescription?: "logical" | "device";
  readonly useVlanId: boolean;
  readonly noVlanInterfaceName: boolean;
  readonly includeIrbAndL2: boolean;
  readonly keepIncoming: boolean;
}

export interface ClientGroup {
  readonly name: string;
  readonly activeServerGroup?: string;
  readonly interfaces: readonly { readonly name: string; readonly upto?: string; readonly exclude: boolean }[];
}

/** A local server: one for each instance and family with `dhcp-local-server`. */
export interface LocalServerConfiguration {
  readonly instance: InstanceName;
  readonly family: 4 | 6;
  readonly listenAddress?: string;
  readonly listenPort: number;
  readonly allowLeasequery?: { readonly restrictedRequestor: boolean };
  readonly allowBulkLeasequery?: {
    readonly connectionsMax: number;
    readonly emptyRepliesMax: number;
    readonly timeoutSeconds: number;
    readonly restrictedRequestor: boolean;
  };
  readonly allowActiveLeasequery?: { readonly timeoutSeconds: number; readonly idleTimeoutSeconds: number };
  /** Peering between servers. */
  readonly activeLeasequery?: ActiveLeasequery;
  readonly groups: readonly ClientGroup[];
  readonly interfaces: readonly string[];
}

/** `system processes dhcp-service`: limits of the whole chassis. */
export interface DhcpServiceLimits {
  readonly tcpConnectionsAcceptedMax: number;
  readonly tcpConnectionsRequestedMax: number;
  readonly replyRetriesMax: number;
  readonly replyRetryTimerSeconds: number;
  readonly repliesPerBatchMax: number;
}

export function relayConfigurations(tree: ConfigTree): RelayConfiguration[] {
  return relayLevels(activePart(tree)).map(relayConfiguration);
}

export function localServerConfigurations(tree: ConfigTree): LocalServerConfiguration[] {
  return serverLevels(activePart(tree)).map(localServerConfiguration);
}

export function dhcpServiceLimits(tree: ConfigTree): DhcpServiceLimits {
  const path = ["system", "processes", "dhcp-service"];
  const node = containerAt(activePart(tree), ...path);
  return {
    tcpConnectionsAcceptedMax: integer(node, path, "accept-max-tcp-connections"),
    tcpConnectionsRequestedMax: integer(node, path, "request-max-tcp-connections"),
    replyRetriesMax: integer(node, path, "max-leasequery-reply-packet-retries"),
    replyRetryTimerSeconds: integer(node, path, "leasequery-reply-packet-retry-timer"),
    repliesPerBatchMax: integer(node, path, "max-leasequery-reply-packet-process"),
  };
}

/** Every instance of the configuration, `default:default` first. */
export function instanceNames(tree: ConfigTree): InstanceName[] {
  return scopesOf(activePart(tree)).map((scope) => scope.instance);
}

/** `system host-name`. */
export function hostName(tree: ConfigTree): string | undefined {
  return leafValue(containerAt(activePart(tree), "system"), "host-name");
}

function relayConfiguration(level: Level): RelayConfiguration {
  const { node, family } = level;
  const schemaPath = family === 4 ? relayPath : [...relayPath, "dhcpv6"];
  const overrides = containerAt(node, "overrides");
  const option82 = containerAt(node, "relay-option-82");
  const groups = clientGroups(node);
  return {
    instance: level.scope.instance,
    family,
    listenAddress: leafValue(node, "listen-address"),
    listenPort: integer(node, schemaPath, "listen-port"),
    relayId: octets(leafValue(node, family === 4 ? "relay-id" : "duid")),
    serverGroups: serverGroups(node, family),
    activeServerGroup: leafValue(node, "active-server-group"),
    leasequery: individualLeasequery(containerAt(node, "leasequery"), [...schemaPath, "leasequery"]),
    bulkLeasequery: bulkLeasequery(containerAt(node, "bulk-leasequery"), [...schemaPath, "bulk-leasequery"]),
    activeLeasequery: activeLeasequery(containerAt(node, "active-leasequery"), family),
    overrides: {
      alwaysWriteOption82: hasFlag(overrides, "always-write-option-82"),
      alwaysWriteGiaddr: hasFlag(overrides, "always-write-giaddr"),
      trustOption82: hasFlag(overrides, "trust-option-82"),
      disableRelay: hasFlag(overrides, "disable-relay"),
    },
    relayOption82: option82 && {
      circuitId: interfaceText(containerAt(option82, "circuit-id")),
      remoteId: interfaceText(containerAt(option82, "remote-id")),
      serverIdOverride: hasFlag(option82, "server-id-override"),
      linkSelection: hasFlag(option82, "link-selection"),
    },
    relayAgentInterfaceId: interfaceText(containerAt(node, "relay-agent-interface-id")),
    relayAgentRemoteId: interfaceText(containerAt(node, "relay-agent-remote-id")),
    excludeRelayAgentIdentifier: hasFlag(family === 4 ? option82 : node, "exclude-relay-agent-identifier"),
    groups,
    interfaces: interfacesOf(groups),
  };
}

const relayPath = ["forwarding-options", "dhcp-relay"];
const serverPath = ["system", "services", "dhcp-local-server"];

function localServerConfiguration(level: Level): LocalServerConfiguration {
  const { node, family } = level;
  const schemaPath = family === 4 ? serverPath : [...serverPath, "dhcpv6"];
  const individual = containerAt(node, "allow-leasequery");
  const bulk = containerAt(node, "allow-bulk-leasequery");
  const bulkPath = [...schemaPath, "allow-bulk-leasequery"];
  const active = containerAt(node, "allow-active-leasequery");
  const activePath = [...schemaPath, "allow-active-leasequery"];
  const groups = clientGroups(node);
  return {
    instance: level.scope.instance,
    family,
    listenAddress: leafValue(node, "listen-address"),
    listenPort: integer(node, schemaPath, "listen-port"),
    allowLeasequery: individual && { restrictedRequestor: hasFlag(individual, "restricted-requestor") },
    allowBulkLeasequery: bulk && {
      connectionsMax: integer(bulk, bulkPath, "max-connections"),
      emptyRepliesMax: integer(bulk, bulkPath, "max-empty-replies"),
      timeoutSeconds: integer(bulk, bulkPath, "timeout"),
      restrictedRequestor: hasFlag(bulk, "restricted-requestor"),
    },
    allowActiveLeasequery: active && {
      timeoutSeconds: integer(active, activePath, "timeout"),
      idleTimeoutSeconds: integer(active, activePath, "idle-timeout"),
    },
    activeLeasequery: activeLeasequery(containerAt(node, "active-leasequery"), family),
    groups,
    interfaces: interfacesOf(groups),
  };
}

function individualLeasequery(
  node: ContainerNode | undefined,
  path: readonly string[],
): IndividualLeasequery | undefined {
  return node && { attempts: integer(node, path, "attempts"), timeoutSeconds: integer(node, path, "timeout") };
}

function bulkLeasequery(node: ContainerNode | undefined, path: readonly string[]): BulkLeasequery | undefined {
  return (
    node && {
      attempts: integer(node, path, "attempts"),
      timeoutSeconds: integer(node, path, "timeout"),
      triggerAutomatic: leafValue(node, "trigger") === "automatic",
    }
  );
}

function activeLeasequery(node: ContainerNode | undefined, family: 4 | 6): ActiveLeasequery | undefined {
  if (node === undefined) return undefined;
  const path = [...relayPath, "active-leasequery"];
  return {
    timeoutSeconds: integer(node, path, "timeout"),
    idleTimeoutSeconds: integer(node, path, "idle-timeout"),
    staleTimerSeconds: integer(node, path, "stale-timer"),
    peers: [...entriesOf(node, "peer-address")].map(([address, peer]) => ({
      address,
      port: Number(leafValue(peer, "port") ?? usualPort(family)),
    })),
    topologyDiscover: hasFlag(node, "topology-discover"),
    excludeInterfaces: leafListValues(node, "exclude-interface"),
  };
}

function serverGroups(node: ContainerNode, family: 4 | 6): ServerGroup[] {
  return [...entriesOf(containerAt(node, "server-group"), "<name>")].map(([name, group]) => ({
    name,
    servers: [...entriesOf(group, "<address>")].map(([address, server]) => ({
      address,
      port: Number(leafValue(server, "port") ?? usualPort(family)),
    })),
  }));
}

function clientGroups(node: ContainerNode): ClientGroup[] {
  return [...entriesOf(node, "group")].map(([name, group]) => ({
    name,
    activeServerGroup: leafValue(group, "active-server-group"),
    interfaces: [...entriesOf(group, "interface")].map(([interfaceName, entry]) => ({
      name: interfaceName,
      upto: leafValue(entry, "upto"),
      exclude: hasFlag(entry, "exclude"),
    })),
  }));
}

function interfacesOf(groups: readonly ClientGroup[]): string[] {
  return [...new Set(groups.flatMap((group) => group.interfaces.filter((one) => !one.exclude).map((one) => one.name)))];
}

function interfaceText(node: ContainerNode | undefined): InterfaceText | undefined {
  if (node === undefined) return undefined;
  const prefix = containerAt(node, "prefix");
  const description = leafValue(node, "use-interface-description");
  return {
    prefix: {
      hostName: hasFlag(prefix, "host-name"),
      logicalSystemName: hasFlag(prefix, "logical-system-name"),
      routingInstanceName: hasFlag(prefix, "routing-instance-name"),
    },
    useInterfaceDescription: description === "logical" || description === "device" ? description : undefined,
    useVlanId: hasFlag(node, "use-vlan-id"),
    noVlanInterfaceName: hasFlag(node, "no-vlan-interface-name"),
    includeIrbAndL2: hasFlag(node, "include-irb-and-l2"),
    keepIncoming:
      hasFlag(node, "keep-incoming-circuit-id") ||
      hasFlag(node, "keep-incoming-remote-id") ||
      hasFlag(node, "keep-incoming-interface-id"),
  };
}

function usualPort(family: 4 | 6): number {
  return family === 4 ? 67 : 547;
}

/** The configured number, or the default of the schema at `path`. */
function integer(node: ContainerNode | undefined, path: readonly string[], word: string): number {
  return Number(leafValue(node, word) ?? defaultOf([...path, word]));
}

function octets(hex: string | undefined): Uint8Array | undefined {
  if (hex === undefined) return undefined;
  const bytes = parseHex(hex);
  return bytes.ok ? bytes.value : undefined;
}
