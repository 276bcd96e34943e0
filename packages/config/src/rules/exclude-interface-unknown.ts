import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { containerAt, entriesOf, leafListValues } from "../tree.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** Excluding what does not exist is most likely a mistyped name. */
export const excludeInterfaceUnknown: Rule = {
  name: "exclude-interface-unknown",
  demands: "exclude-interface names an interface that is configured or used by a group.",
  source: "Leasewire",
  check: (tree) => [...relayLevels(tree), ...serverLevels(tree)].flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  const excluded = leafListValues(containerAt(level.node, "active-leasequery"), "exclude-interface");
  if (excluded.length === 0) return [];
  const used = new Set(
    [...entriesOf(level.node, "group").values()].flatMap((group) => [...entriesOf(group, "interface").keys()]),
  );
  return excluded
    .filter((name) => !used.has(name) && !isConfigured(level, name))
    .map((name) => ({
      severity: "warning",
      rule: "exclude-interface-unknown",
      path: pathText(level, "active-leasequery", "exclude-interface", name),
      message: `${levelName(level)} active-leasequery exclude-interface ${name} is neither configured under interfaces nor used by a group: it excludes nothing`,
      remedy: deleteAt(level, "active-leasequery", "exclude-interface", name),
    }));
}

function isConfigured(level: Level, name: string): boolean {
  const interfaces = entriesOf(containerAt(level.scope.chassis, "interfaces"), "<interface>");
  const dot = name.lastIndexOf(".");
  if (dot < 0) return interfaces.has(name);
  return entriesOf(interfaces.get(name.slice(0, dot)), "unit").has(name.slice(dot + 1));
}
