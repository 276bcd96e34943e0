import { containerAt, entriesOf } from "../tree.ts";
import type { Rule } from "./rule.ts";

const path = ["system", "services", "subscriber-management", "redundancy"];

/** A group is made of redundancy interfaces. */
export const redundancyInterfaceUnknown: Rule = {
  name: "redundancy-interface-unknown",
  demands: "Interfaces of a redundancy group are redundancy interfaces, and each is in one group only.",
  source: "Leasewire",
  check: (tree) => {
    const redundancy = containerAt(tree, ...path);
    const known = entriesOf(redundancy, "interface");
    const owner = new Map<string, string>();
    return [...entriesOf(redundancy, "group")].flatMap(([group, node]) =>
      [...entriesOf(node, "interface").keys()].flatMap((name) => {
        const at = [...path, "group", group, "interface", name].join(" ");
        const other = owner.get(name);
        owner.set(name, other ?? group);
        if (other !== undefined) {
          const message = `redundancy group ${group} has the interface ${name}, which is in group ${other} already: an interface is one group of subscribers`;
          return [
            {
              severity: "error" as const,
              rule: "redundancy-interface-unknown",
              path: at,
              message,
              remedy: `delete ${at}`,
            },
          ];
        }
        if (known.has(name)) return [];
        const message = `redundancy group ${group} has the interface ${name}, which is not a redundancy interface`;
        return [
          {
            severity: "error" as const,
            rule: "redundancy-interface-unknown",
            path: at,
            message,
            remedy: `set ${path.join(" ")} interface ${name}`,
          },
        ];
      }),
    );
  },
};
