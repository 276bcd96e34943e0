import type { InstanceName } from "@leasewire/net";
import type { Level } from "../instances.ts";
import { type ContainerNode, containerAt, entriesOf, hasFlag, leafValue } from "../tree.ts";
import { type ActiveLeasequery, activeLeasequery } from "./active-leasequery.ts";
import { type ClientGroup, clientGroups, type GroupInterface, groupInterfaces } from "./client-groups.ts";
import { type InterfaceText, interfaceText, type RemoteIdText, remoteIdText } from "./interface-text.ts";
import { logicalInterfacesOf } from "./logical-interfaces.ts";
import { type TlsFiles, tlsFiles } from "./tls.ts";
import { integer, octets, optionalInteger, usualPort } from "./values.ts";

/** A relay agent: one for each instance and family with `dhcp-relay`. */
export interface RelayConfiguration {
  readonly instance: InstanceName;
  readonly family: 4 | 6;
  /** Canonical text; undefined: every address (0.0.0.0 or ::). v4: also the giaddr of forwarded packets. */
  readonly listenAddress?: string;
  /** Also the source port of leasequeries: 67 (v4) or 546 (v6) unless configured. */
  readonly listenPort: number;
  /** Source port of forwarded packets, where servers answer to: 67 or 547, or listen-port if it is another one. */
  readonly forwardingPort: number;
  /** v4: octets of option 82 sub-option 12; v6: the DUID. undefined: not configured. */
  readonly relayId?: Uint8Array;
  readonly serverGroups: readonly ServerGroup[];
  readonly activeServerGroup?: string;
  readonly leasequery?: IndividualLeasequery;
  readonly bulkLeasequery?: BulkLeasequery;
  readonly activeLeasequery?: RelayActiveLeasequery;
  readonly overrides: RelayOverrides;
  /** v4 only. */
  readonly relayOption82?: RelayOption82;
  /** v6 only. */
  readonly relayAgentInterfaceId?: InterfaceText;
  readonly relayAgentRemoteId?: RemoteIdText;
  /** Option 38 (RFC 4580). */
  readonly relayAgentSubscriberId?: string;
  readonly excludeRelayAgentIdentifier: boolean;
  readonly groups: readonly ClientGroup[];
  /** Where clients are, ranges spelt out, what groups and interfaces say of their own merged in. Empty: the relay only queries. */
  readonly accessInterfaces: readonly AccessInterface[];
  /** Names of `accessInterfaces`. */
  readonly interfaces: readonly string[];
  /** Packets that went through as many relay agents are dropped: 16 (v4) or 8 (v6) unless configured. */
  readonly maximumHopCount: number;
  /** Routes for delegated prefixes and framed routes go to the kernel. */
  readonly accessRoutes: boolean;
  /** Linux devices of the instance's logical interfaces, by name. */
  readonly devices: ReadonlyMap<string, string>;
  /** Linux VRF device that carries the instance. */
  readonly vrfDevice?: string;
}

export interface AccessInterface {
  /** "ge-0/0/1.100" */
  readonly name: string;
  readonly group: string;
  /** Of the group, else of the relay agent; undefined: every server of every group. */
  readonly activeServerGroup?: string;
  readonly overrides: RelayOverrides;
  readonly relayOption82?: RelayOption82;
  readonly relayAgentInterfaceId?: InterfaceText;
  readonly relayAgentRemoteId?: RemoteIdText;
  /** Option 38 (RFC 4580). */
  readonly relayAgentSubscriberId?: string;
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
  /** `secure`: over TLS only. */
  readonly mode: "secure" | "insecure";
  readonly tls?: TlsFiles;
}

export interface RelayActiveLeasequery extends ActiveLeasequery {
  /** `secure`: over TLS only (RFC 7724 §8.1, RFC 7653 §9.1). */
  readonly mode: "secure" | "insecure";
  readonly tls?: TlsFiles;
}

export interface RelayOverrides {
  readonly alwaysWriteOption82: boolean;
  readonly alwaysWriteGiaddr: boolean;
  readonly trustOption82: boolean;
  readonly disableRelay: boolean;
  /** Unicast packets of clients the relay knows nothing of are looked at. */
  readonly allowSnoopedClients: boolean;
  readonly interfaceClientLimit?: number;
  readonly layer2UnicastReplies: boolean;
  readonly noBindOnRequest: boolean;
  readonly sendReleaseOnDelete: boolean;
  /** Packets towards the server leave from giaddr. */
  readonly replaceIpSourceWithGiaddr: boolean;
}

export interface RelayOption82 {
  readonly circuitId?: InterfaceText;
  readonly remoteId?: RemoteIdText;
  readonly serverIdOverride: boolean;
  readonly linkSelection: boolean;
  readonly vendorSpecific?: { readonly hostName: boolean; readonly location: boolean };
  readonly excludeRelayAgentIdentifier: boolean;
}

export const relayPath = ["forwarding-options", "dhcp-relay"];
/** Where a requestor is answered unless it says otherwise: relay agents have to discard replies on 547 (RFC 5007 §4.2.2). */
const requestorPort6 = 546;

export function relayConfiguration(level: Level): RelayConfiguration {
  const { node, family, scope } = level;
  const schemaPath = family === 4 ? relayPath : [...relayPath, "dhcpv6"];
  const interfaces = logicalInterfacesOf(scope);
  const listenPort = integer(node, schemaPath, "listen-port");
  const accessInterfaces = groupInterfaces(
    node,
    interfaces.map(({ name }) => name),
  ).map((one) => accessInterface(level, one));
  const tls = tlsFiles(containerAt(node, "tls"));
  return {
    instance: scope.instance,
    family,
    listenAddress: leafValue(node, "listen-address"),
    listenPort,
    forwardingPort: listenPort === requestorPort6 ? usualPort(family) : listenPort,
    relayId: octets(leafValue(node, family === 4 ? "relay-id" : "duid")),
    serverGroups: serverGroups(node, family),
    activeServerGroup: leafValue(node, "active-server-group"),
    leasequery: individualLeasequery(containerAt(node, "leasequery"), [...schemaPath, "leasequery"]),
    bulkLeasequery: bulkLeasequery(containerAt(node, "bulk-leasequery"), [...schemaPath, "bulk-leasequery"], tls),
    activeLeasequery: relayActiveLeasequery(containerAt(node, "active-leasequery"), family, tls),
    ...treatment(family, [node]),
    excludeRelayAgentIdentifier: hasFlag(
      family === 4 ? containerAt(node, "relay-option-82") : node,
      "exclude-relay-agent-identifier",
    ),
    groups: clientGroups(node),
    accessInterfaces,
    interfaces: accessInterfaces.map(({ name }) => name),
    maximumHopCount: integer(node, schemaPath, "maximum-hop-count"),
    accessRoutes: hasFlag(node, "access-routes"),
    devices: new Map(interfaces.flatMap(({ name, device }) => (device === undefined ? [] : [[name, device] as const]))),
    vrfDevice: leafValue(scope.node, "vrf-device"),
  };
}

function accessInterface({ node, family }: Level, one: GroupInterface): AccessInterface {
  return {
    name: one.name,
    group: one.group,
    activeServerGroup: leafValue(one.groupNode, "active-server-group") ?? leafValue(node, "active-server-group"),
    ...treatment(family, [one.interfaceNode, one.groupNode, node]),
  };
}

/** How packets are treated; the nearest block that has a statement decides it. */
function treatment(
  family: 4 | 6,
  nearestFirst: readonly ContainerNode[],
): Pick<
  AccessInterface,
  "overrides" | "relayOption82" | "relayAgentInterfaceId" | "relayAgentRemoteId" | "relayAgentSubscriberId"
> {
  const nearest = (word: string) =>
    nearestFirst.map((node) => containerAt(node, word)).find((block) => block !== undefined);
  return {
    overrides: overrides(nearestFirst.flatMap((node) => containerAt(node, "overrides") ?? [])),
    relayOption82:
      family === 6
        ? undefined
        : relayOption82(nearestFirst.flatMap((node) => containerAt(node, "relay-option-82") ?? [])),
    relayAgentInterfaceId: family === 4 ? undefined : interfaceText(nearest("relay-agent-interface-id")),
    relayAgentRemoteId: family === 4 ? undefined : remoteIdText(nearest("relay-agent-remote-id")),
    relayAgentSubscriberId:
      family === 4
        ? undefined
        : nearestFirst.map((node) => leafValue(node, "relay-agent-subscriber-id")).find((text) => text !== undefined),
  };
}

function overrides(nearestFirst: readonly ContainerNode[]): RelayOverrides {
  const some = (word: string) => nearestFirst.some((node) => hasFlag(node, word));
  const snooped = nearestFirst.find(
    (node) => hasFlag(node, "allow-snooped-clients") || hasFlag(node, "no-allow-snooped-clients"),
  );
  const limit = nearestFirst.map((node) => leafValue(node, "interface-client-limit")).find((one) => one !== undefined);
  return {
    alwaysWriteOption82: some("always-write-option-82"),
    alwaysWriteGiaddr: some("always-write-giaddr"),
    trustOption82: some("trust-option-82"),
    disableRelay: some("disable-relay"),
    allowSnoopedClients: hasFlag(snooped, "allow-snooped-clients"),
    interfaceClientLimit: optionalInteger(limit),
    layer2UnicastReplies: some("layer2-unicast-replies"),
    noBindOnRequest: some("no-bind-on-request"),
    sendReleaseOnDelete: some("send-release-on-delete"),
    replaceIpSourceWithGiaddr: nearestFirst.some((node) => leafValue(node, "replace-ip-source-with") === "giaddr"),
  };
}

function relayOption82(nearestFirst: readonly ContainerNode[]): RelayOption82 | undefined {
  if (nearestFirst.length === 0) return undefined;
  const some = (word: string) => nearestFirst.some((node) => hasFlag(node, word));
  const nearest = (word: string) =>
    nearestFirst.map((node) => containerAt(node, word)).find((block) => block !== undefined);
  const vendor = nearest("vendor-specific");
  return {
    circuitId: interfaceText(nearest("circuit-id")),
    remoteId: remoteIdText(nearest("remote-id")),
    serverIdOverride: some("server-id-override"),
    linkSelection: some("link-selection"),
    vendorSpecific: vendor && { hostName: hasFlag(vendor, "host-name"), location: hasFlag(vendor, "location") },
    excludeRelayAgentIdentifier: some("exclude-relay-agent-identifier"),
  };
}

function individualLeasequery(
  node: ContainerNode | undefined,
  path: readonly string[],
): IndividualLeasequery | undefined {
  return node && { attempts: integer(node, path, "attempts"), timeoutSeconds: integer(node, path, "timeout") };
}

function bulkLeasequery(
  node: ContainerNode | undefined,
  path: readonly string[],
  tls: TlsFiles | undefined,
): BulkLeasequery | undefined {
  return (
    node && {
      attempts: integer(node, path, "attempts"),
      timeoutSeconds: integer(node, path, "timeout"),
      triggerAutomatic: leafValue(node, "trigger") === "automatic",
      mode: leafValue(node, "mode") === "secure" ? "secure" : "insecure",
      tls,
    }
  );
}

function relayActiveLeasequery(
  node: ContainerNode | undefined,
  family: 4 | 6,
  tls: TlsFiles | undefined,
): RelayActiveLeasequery | undefined {
  const active = activeLeasequery(node, family);
  return active && { ...active, mode: leafValue(node, "mode") === "insecure" ? "insecure" : "secure", tls };
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
