import {
  type InstanceName,
  type Ipv4Address,
  type Ipv4Prefix,
  type Ipv6Prefix,
  parseIpv4Prefix,
  parseIpv6Prefix,
} from "@leasewire/net";
import type { Level } from "../instances.ts";
import { type AddressPool4, type AddressPool6, addressPools } from "../pools.ts";
import { type ContainerNode, containerAt, hasFlag, leafListValues, leafValue } from "../tree.ts";
import { type ActiveLeasequery, activeLeasequery } from "./active-leasequery.ts";
import { type ClientGroup, clientGroups, type GroupInterface, groupInterfaces } from "./client-groups.ts";
import { interfaceDevices, logicalInterfacesOf } from "./logical-interfaces.ts";
import { type TlsFiles, tlsFiles } from "./tls.ts";
import { integer, ipv4, octets, optionalInteger } from "./values.ts";

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
  readonly tls?: TlsFiles;
  /** Peering between servers. */
  readonly activeLeasequery?: ActiveLeasequery;
  readonly groups: readonly ClientGroup[];
  /** Attached clients come in through these, ranges spelt out. */
  readonly interfaces: readonly string[];
  /** Of interfaces whose group has overrides of its own. */
  readonly interfaceOverrides?: ReadonlyMap<string, InterfaceOverrides>;
  /** Some group has a client limit of its own. */
  readonly clientLimitOfGroups?: boolean;
  /** Linux devices of the instance's logical interfaces, by name. */
  readonly devices?: ReadonlyMap<string, string>;
  /** Linux VRF device that carries the instance. */
  readonly vrfDevice?: string;
}

/** What holds for clients of one interface instead of what holds for the server. */
export interface InterfaceOverrides {
  readonly rapidCommit: boolean;
  readonly clientLimit?: number;
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

const serverPath = ["system", "services", "dhcp-local-server"];

export function localServerConfiguration(level: Level): LocalServerConfiguration {
  const { node, family, scope } = level;
  const schemaPath = family === 4 ? serverPath : [...serverPath, "dhcpv6"];
  const individual = containerAt(node, "allow-leasequery");
  const bulk = containerAt(node, "allow-bulk-leasequery");
  const bulkPath = [...schemaPath, "allow-bulk-leasequery"];
  const active = containerAt(node, "allow-active-leasequery");
  const activePath = [...schemaPath, "allow-active-leasequery"];
  const overrides = containerAt(node, "overrides");
  const limit = leafValue(overrides, "interface-client-limit");
  const clientInterfaces = groupInterfaces(
    node,
    logicalInterfacesOf(scope).map(({ name }) => name),
  );
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
    groups: clientGroups(node),
    interfaces: clientInterfaces.map(({ name }) => name),
    interfaceOverrides: interfaceOverrides(overrides, clientInterfaces),
    clientLimitOfGroups: clientInterfaces.some(
      ({ groupNode }) => leafValue(containerAt(groupNode, "overrides"), "interface-client-limit") !== undefined,
    ),
    devices: interfaceDevices(scope),
    vrfDevice: leafValue(scope.node, "vrf-device"),
  };
}

function interfaceOverrides(
  ofServer: ContainerNode | undefined,
  interfaces: readonly GroupInterface[],
): ReadonlyMap<string, InterfaceOverrides> {
  const found = new Map<string, InterfaceOverrides>();
  for (const { name, groupNode } of interfaces) {
    const own = containerAt(groupNode, "overrides");
    if (own === undefined) continue;
    found.set(name, {
      rapidCommit: hasFlag(own, "rapid-commit") || hasFlag(ofServer, "rapid-commit"),
      clientLimit: optionalInteger(
        leafValue(own, "interface-client-limit") ?? leafValue(ofServer, "interface-client-limit"),
      ),
    });
  }
  return found;
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
