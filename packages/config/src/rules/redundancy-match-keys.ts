import type { Finding } from "../finding.ts";
import { relayLevels, serverLevels } from "../instances.ts";
import { type ConfigTree, type ContainerNode, containerAt, entriesOf, hasFlag, leafValue } from "../tree.ts";
import type { Rule } from "./rule.ts";

const path = ["system", "services", "subscriber-management", "redundancy"];

/**
 * What the two gateways of a redundancy interface recognise each other by: VRRP by the virtual address, pseudowire by the shared
 * key and its own address. Families: those of the interface, and those in which topology is discovered.
 */
export const redundancyMatchKeys: Rule = {
  name: "redundancy-match-keys",
  demands:
    "A redundancy interface has, for each of its families, a virtual-inet(6)-address (VRRP), or a local-inet(6)-address and a shared-key (pseudowire with topology discovery).",
  source: "Leasewire",
  check: (tree) => {
    const redundancy = containerAt(tree, ...path);
    const discovering = discoveringFamilies(tree);
    return [...entriesOf(redundancy, "interface")].flatMap(([name, entry]) => {
      const pseudowire = leafValue(redundancy, "protocol") === "pseudo-wire" || name.startsWith("ps");
      if (pseudowire && discovering.size === 0) return [];
      const families = new Set([...discovering, ...interfaceFamilies(tree, name)]);
      const findings: Finding[] = [];
      if (pseudowire && !entry.children.has("shared-key")) findings.push(keyMissing(name));
      for (const family of families.size === 0 ? [4 as const] : [...families].sort()) {
        const word = `${pseudowire ? "local" : "virtual"}-${family === 4 ? "inet" : "inet6"}-address`;
        if (!entry.children.has(word) && !(families.size === 0 && hasAnyAddress(entry))) {
          findings.push(addressMissing(name, word, family, pseudowire));
        }
      }
      return findings;
    });
  },
};

function keyMissing(name: string): Finding {
  return {
    severity: "error",
    rule: "redundancy-match-keys",
    path: [...path, "interface", name].join(" "),
    message: `redundancy interface ${name} requires a shared-key: both ends of a pseudowire recognise each other by it during topology discovery`,
    remedy: `set ${path.join(" ")} interface ${name} shared-key KEY`,
  };
}

function addressMissing(name: string, word: string, family: 4 | 6, pseudowire: boolean): Finding {
  const why = pseudowire
    ? "topology discovery over a pseudowire tells the peer the interface's own address"
    : "it is the gateway address that both gateways share by VRRP, one for each family of the interface";
  return {
    severity: "error",
    rule: "redundancy-match-keys",
    path: [...path, "interface", name].join(" "),
    message: `redundancy interface ${name} requires a ${word}: ${why}`,
    remedy: `set ${path.join(" ")} interface ${name} ${word} ${family === 4 ? "192.0.2.1" : "2001:db8::1"}`,
  };
}

function hasAnyAddress(entry: ContainerNode): boolean {
  return [...entry.children.keys()].some((word) => word.endsWith("-address"));
}

function discoveringFamilies(tree: ConfigTree): Set<4 | 6> {
  const families = new Set<4 | 6>();
  for (const level of [...relayLevels(tree), ...serverLevels(tree)]) {
    if (hasFlag(containerAt(level.node, "active-leasequery"), "topology-discover")) families.add(level.family);
  }
  return families;
}

function interfaceFamilies(tree: ConfigTree, name: string): Set<4 | 6> {
  const dot = name.lastIndexOf(".");
  const device = entriesOf(containerAt(tree, "interfaces"), "<interface>").get(name.slice(0, dot));
  const family = containerAt(entriesOf(device, "unit").get(name.slice(dot + 1)), "family");
  const families = new Set<4 | 6>();
  if (family?.children.has("inet")) families.add(4);
  if (family?.children.has("inet6")) families.add(6);
  return families;
}
