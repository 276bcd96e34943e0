import {
  type InstanceName,
  type Ipv4Address,
  type Ipv4Prefix,
  type Ipv6Prefix,
  parseHex,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6Prefix,
} from "@leasewire/net";
import { type Level, relayLevels, type Scope, scopesOf, serverLevels } from "./instances.ts";
import { type AddressPool4, type AddressPool6, addressPools } from "./pools.ts";
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
  /** v4: option 54. undefined: listen-address, or the address a message came to. */
  readonly serverIdentifier?: Ipv4Address;
  /** v6. undefined: derived from what the node is called. */
  readonly duid?: Uint8Array;
  /** v4: whether an address answers is found out before it is offered. undefined: not. */
  readonly addressProbe?: { readonly timeoutMs: number };
  /** Solicit and Reply (v6), DISCOVER and ACK (v4, RFC 4039) where the client offers it. */
  readonly rapidCommit: boolean;
  /** v6: clients that accept it can be told to come back (RFC 9915 §18.3.11). */
  readonly reconfigure: boolean;
  /** v6: option 7 of ADVERTISE, 0..255 (RFC 9915 §21.8); undefined: not told, which means 0. */
  readonly preference?: number;
  /** v4: refuse leases of which there is no record, rather than staying silent (RFC 2131 §4.3.2). */
  readonly authoritative: boolean;
  readonly clientLimitPerInterface?: number;
  /** Of the server's instance and family, in the order entered. */
  readonly pools: readonly (AddressPool4 | AddressPool6)[];
  readonly allowLeasequery?: {
    readonly restrictedRequestor: boolean;
    /** Source addresses whose queries are answered; undefined: all. */
    readonly requestors?: readonly (Ipv4Prefix | Ipv6Prefix)[];
    /** v4: DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN without option 54 (RFC 4388 §6.4 to the letter). */
    readonly strictReplies: boolean;
  };
  readonly allowBulkLeasequery?: {
    readonly connectionsMax: number;
    readonly emptyRepliesMax: number;
    readonly timeoutSeconds: number;
    readonly restrictedRequestor: boolean;
    /** Queries answered at a time on one connection. */
    readonly queriesParallelMax: number;
    /** Source addresses whose connections are served, for active leasequery as well; undefined: all. */
    readonly requestors?: readonly (Ipv4Prefix | Ipv6Prefix)[];
  };
  readonly allowActiveLeasequery?: {
    readonly timeoutSeconds: number;
    readonly idleTimeoutSeconds: number;
    /** `secure`: over TLS only (RFC 7724 §8.1, RFC 7653 §9.1). */
    readonly mode: "secure" | "insecure";
  };
  /** Codes of options that no leasequery answer tells (RFC 4388 §6.4.2, RFC 5007 §4.4.2); empty: none withheld. */
  readonly sensitiveOptions?: readonly number[];
  readonly leasequeryGuard: LeasequeryGuard;
  /** Of leasequery connections; files as written, read by whoever opens the sockets. */
  readonly tls?: { readonly certificateFile: string; readonly privateKeyFile: string; readonly caFile: string };
  /** Peering between servers. */
  readonly activeLeasequery?: ActiveLeasequery;
  readonly groups: readonly ClientGroup[];
  readonly interfaces: readonly string[];
  /** Linux devices of the instance's logical interfaces, by name. */
  readonly devices?: ReadonlyMap<string, string>;
  /** Linux VRF device that carries the instance. */
  readonly vrfDevice?: string;
}

/** When a requestor is put into quarantine. */
export interface LeasequeryGuard {
  readonly queriesPerSecondMax: number;
  /** 0..100; 100 is never exceeded. */
  readonly unknownRatioMaxPercent: number;
  readonly unknownWindowSeconds: number;
  /** Queries within the window below which the ratio says nothing. */
  readonly unknownQueriesMin: number;
  readonly quarantineSeconds: number;
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

/** Every pool of every instance, whether a local server gives it out or not. */
export function addressPoolConfigurations(tree: ConfigTree): (AddressPool4 | AddressPool6)[] {
  return scopesOf(activePart(tree)).flatMap((scope) => [...addressPools(scope, 4), ...addressPools(scope, 6)]);
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
  const { node, family, scope } = level;
  const schemaPath = family === 4 ? serverPath : [...serverPath, "dhcpv6"];
  const individual = containerAt(node, "allow-leasequery");
  const bulk = containerAt(node, "allow-bulk-leasequery");
  const bulkPath = [...schemaPath, "allow-bulk-leasequery"];
  const active = containerAt(node, "allow-active-leasequery");
  const activePath = [...schemaPath, "allow-active-leasequery"];
  const overrides = containerAt(node, "overrides");
  const limit = leafValue(overrides, "interface-client-limit");
  const groups = clientGroups(node);
  return {
    instance: scope.instance,
    family,
    listenAddress: leafValue(node, "listen-address"),
    listenPort: integer(node, schemaPath, "listen-port"),
    serverIdentifier: ipv4(leafValue(node, "server-identifier")),
    duid: octets(leafValue(node, "duid")),
    addressProbe: family === 4 ? addressProbe(node) : undefined,
    rapidCommit: hasFlag(overrides, "rapid-commit"),
    reconfigure: node.children.has("reconfigure"),
    preference: optionalInteger(leafValue(node, "preference")),
    authoritative: hasFlag(node, "authoritative"),
    clientLimitPerInterface: optionalInteger(limit),
    pools: addressPools(scope, family),
    allowLeasequery: individual && {
      restrictedRequestor: hasFlag(individual, "restricted-requestor"),
      requestors: requestors(individual, family),
      strictReplies: hasFlag(individual, "strict-replies"),
    },
    allowBulkLeasequery: bulk && {
      connectionsMax: integer(bulk, bulkPath, "max-connections"),
      emptyRepliesMax: integer(bulk, bulkPath, "max-empty-replies"),
      timeoutSeconds: integer(bulk, bulkPath, "timeout"),
      restrictedRequestor: hasFlag(bulk, "restricted-requestor"),
      queriesParallelMax: integer(bulk, bulkPath, "max-queries-parallel"),
      requestors: requestors(bulk, family),
    },
    allowActiveLeasequery: active && {
      timeoutSeconds: integer(active, activePath, "timeout"),
      idleTimeoutSeconds: integer(active, activePath, "idle-timeout"),
      mode: hasFlag(active, "insecure") ? "insecure" : "secure",
    },
    sensitiveOptions: leafListValues(node, "sensitive-option").map(Number),
    leasequeryGuard: leasequeryGuard(containerAt(node, "leasequery-guard"), [...schemaPath, "leasequery-guard"]),
    tls: tlsFiles(containerAt(node, "tls")),
    activeLeasequery: activeLeasequery(containerAt(node, "active-leasequery"), family),
    groups,
    interfaces: interfacesOf(groups),
    devices: interfaceDevices(scope),
    vrfDevice: leafValue(scope.node, "vrf-device"),
  };
}

function addressProbe(node: ContainerNode): { timeoutMs: number } | undefined {
  const probe = containerAt(node, "address-probe");
  if (hasFlag(probe, "disable")) return undefined;
  return { timeoutMs: integer(probe, [...serverPath, "address-probe"], "timeout") };
}

function requestors(node: ContainerNode, family: 4 | 6): (Ipv4Prefix | Ipv6Prefix)[] | undefined {
  const texts = leafListValues(node, "requestor");
  if (texts.length === 0) return undefined;
  return texts.flatMap((text) => {
    const prefix = family === 4 ? parseIpv4Prefix(text) : parseIpv6Prefix(text);
    return prefix.ok ? [prefix.value] : [];
  });
}

function leasequeryGuard(node: ContainerNode | undefined, path: readonly string[]): LeasequeryGuard {
  return {
    queriesPerSecondMax: integer(node, path, "queries-per-second"),
    unknownRatioMaxPercent: integer(node, path, "unknown-ratio"),
    unknownWindowSeconds: integer(node, path, "unknown-window"),
    unknownQueriesMin: integer(node, path, "unknown-queries"),
    quarantineSeconds: integer(node, path, "quarantine-time"),
  };
}

function tlsFiles(node: ContainerNode | undefined): LocalServerConfiguration["tls"] {
  const certificateFile = leafValue(node, "certificate-file");
  const privateKeyFile = leafValue(node, "private-key-file");
  const caFile = leafValue(node, "ca-file");
  if (certificateFile === undefined || privateKeyFile === undefined || caFile === undefined) return undefined;
  return { certificateFile, privateKeyFile, caFile };
}

/** A routing instance has the interfaces it names, the main instance those that no routing instance names. */
function interfaceDevices({ node, chassis }: Scope): ReadonlyMap<string, string> {
  const named = leafListValues(node, "interface");
  const others = new Set(
    [...entriesOf(containerAt(chassis, "routing-instances"), "<instance>").values()].flatMap((instance) =>
      leafListValues(instance, "interface"),
    ),
  );
  const devices = new Map<string, string>();
  for (const [name, physical] of entriesOf(containerAt(chassis, "interfaces"), "<interface>")) {
    for (const [unit, logical] of entriesOf(physical, "unit")) {
      const device = leafValue(logical, "device");
      const full = `${name}.${unit}`;
      const own = node === chassis ? !others.has(full) : named.includes(full);
      if (device !== undefined && own) devices.set(full, device);
    }
  }
  return devices;
}

function ipv4(text: string | undefined): Ipv4Address | undefined {
  const address = text === undefined ? undefined : parseIpv4(text);
  return address?.ok ? address.value : undefined;
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

function optionalInteger(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function octets(hex: string | undefined): Uint8Array | undefined {
  if (hex === undefined) return undefined;
  const bytes = parseHex(hex);
  return bytes.ok ? bytes.value : undefined;
}
