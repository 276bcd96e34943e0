import { formatInstance, type InstanceName } from "@leasewire/net";
import { type ConfigTree, type ContainerNode, containerAt, entriesOf } from "./tree.ts";

/** The part of a configuration that belongs to one instance `LS:RI`. */
export interface Scope {
  readonly instance: InstanceName;
  /** Words before the instance's statements: "", "logical-systems core routing-instances red". */
  readonly prefix: readonly string[];
  readonly node: ContainerNode;
  /** Where `interfaces` of this instance are: the chassis or the logical system. */
  readonly chassis: ContainerNode;
  readonly chassisPrefix: readonly string[];
}

/** All instances: the default one first, then routing instances and logical systems as entered. */
export function scopesOf(tree: ConfigTree): Scope[] {
  const scopes: Scope[] = [];
  addChassis(scopes, tree, undefined, []);
  for (const [name, node] of entriesOf(containerAt(tree, "logical-systems"), "<logical-system>")) {
    addChassis(scopes, node, name, ["logical-systems", name]);
  }
  return scopes;
}

function addChassis(
  scopes: Scope[],
  chassis: ContainerNode,
  logicalSystem: string | undefined,
  chassisPrefix: readonly string[],
): void {
  scopes.push({
    instance: formatInstance(logicalSystem),
    prefix: chassisPrefix,
    node: chassis,
    chassis,
    chassisPrefix,
  });
  for (const [name, node] of entriesOf(containerAt(chassis, "routing-instances"), "<instance>")) {
    scopes.push({
      instance: formatInstance(logicalSystem, name),
      prefix: [...chassisPrefix, "routing-instances", name],
      node,
      chassis,
      chassisPrefix,
    });
  }
}

/** A relay agent or server of one instance and family. */
export interface Level {
  readonly scope: Scope;
  readonly family: 4 | 6;
  /** Words down to `dhcp-relay`, `dhcp-relay dhcpv6`, `dhcp-local-server` … */
  readonly path: readonly string[];
  readonly node: ContainerNode;
}

export function relayLevels(tree: ConfigTree): Level[] {
  return levelsOf(tree, ["forwarding-options", "dhcp-relay"]);
}

export function serverLevels(tree: ConfigTree): Level[] {
  return levelsOf(tree, ["system", "services", "dhcp-local-server"]);
}

function levelsOf(tree: ConfigTree, words: readonly string[]): Level[] {
  const levels: Level[] = [];
  for (const scope of scopesOf(tree)) {
    const v4 = containerAt(scope.node, ...words);
    if (v4 === undefined) continue;
    const path = [...scope.prefix, ...words];
    const v6 = containerAt(v4, "dhcpv6");
    // A block with dhcpv6 alone is a DHCPv6 engine only; the bare statement is a DHCPv4 one.
    if (v6 === undefined || v4.children.size > 1) levels.push({ scope, family: 4, path, node: v4 });
    if (v6 !== undefined) levels.push({ scope, family: 6, path: [...path, "dhcpv6"], node: v6 });
  }
  return levels;
}
