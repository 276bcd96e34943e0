import { groupInterfaces } from "../effective/client-groups.ts";
import { logicalInterfacesOf } from "../effective/logical-interfaces.ts";
import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { type ContainerNode, entriesOf } from "../tree.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** A client interface is treated as one group says. */
export const accessInterfaceShared: Rule = {
  name: "access-interface-shared",
  demands: "A client interface is in one group only.",
  source: "Junos documentation",
  check: (tree) => [...relayLevels(tree), ...serverLevels(tree)].flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  const configured = logicalInterfacesOf(level.scope).map(({ name }) => name);
  const users = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [group, node] of entriesOf(level.node, "group")) {
    const shared = groupInterfaces(onlyGroup(group, node), configured).filter(({ name }) => users.has(name));
    for (const { name } of groupInterfaces(onlyGroup(group, node), configured)) {
      if (!users.has(name)) users.set(name, group);
    }
    const [first] = shared;
    if (first === undefined) continue;
    const more = shared.length === 1 ? "" : ` (and ${shared.length - 1} more)`;
    findings.push({
      severity: "error",
      rule: "access-interface-shared",
      path: pathText(level, "group", group),
      message: `${levelName(level)} group ${group} has the interface ${first.name}${more}, which group ${users.get(first.name)} has already; leave it out of one of them`,
      remedy: `set ${pathText(level, "group", group, "interface", first.name, "exclude")}`,
    });
  }
  return findings;
}

function onlyGroup(name: string, node: ContainerNode): ContainerNode {
  return { kind: "container", children: new Map([["group", { kind: "list", entries: new Map([[name, node]]) }]]) };
}
