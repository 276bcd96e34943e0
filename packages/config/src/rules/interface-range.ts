import { compareInterfaces, withUnit } from "../effective/client-groups.ts";
import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { entriesOf, leafValue } from "../tree.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** A range that ends before it begins would hold two interfaces and nobody would see why. */
export const interfaceRange: Rule = {
  name: "interface-range",
  demands: "The interface after upto does not come before the one the range begins with, and is of the same kind.",
  source: "Junos documentation",
  check: (tree) => [...relayLevels(tree), ...serverLevels(tree)].flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  return [...entriesOf(level.node, "group")].flatMap(([group, node]) =>
    [...entriesOf(node, "interface")].flatMap(([first, entry]) => {
      const last = leafValue(entry, "upto");
      if (last === undefined) return [];
      const from = withUnit(first);
      const to = withUnit(last);
      if (kindOf(from) === kindOf(to) && compareInterfaces(from, to) <= 0) return [];
      const path = pathText(level, "group", group, "interface", first);
      return [
        {
          severity: "error" as const,
          rule: "interface-range",
          path: `${path} upto`,
          message: `${levelName(level)} group ${group} has a range from ${from} up to ${to}: its end ${kindOf(from) === kindOf(to) ? "comes before its begin" : "is an interface of another kind"}`,
          remedy: `delete ${path} upto`,
        },
      ];
    }),
  );
}

/** "ge" of "ge-0/0/1.100" */
function kindOf(name: string): string {
  return /^[A-Za-z]*/.exec(name)?.[0] ?? "";
}
