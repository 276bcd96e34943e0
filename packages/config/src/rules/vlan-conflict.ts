import { scopesOf } from "../instances.ts";
import { containerAt, entriesOf } from "../tree.ts";
import type { Rule } from "./rule.ts";

/** A frame has one tag or two. */
export const vlanConflict: Rule = {
  name: "vlan-conflict",
  demands: "A unit has vlan-id or vlan-tags, not both.",
  source: "Leasewire",
  check: (tree) =>
    scopesOf(tree)
      .filter((scope) => scope.node === scope.chassis)
      .flatMap((scope) =>
        [...entriesOf(containerAt(scope.node, "interfaces"), "<interface>")].flatMap(([name, device]) =>
          [...entriesOf(device, "unit")]
            .filter(([, unit]) => unit.children.has("vlan-id") && unit.children.has("vlan-tags"))
            .map(([number]) => {
              const path = [...scope.prefix, "interfaces", name, "unit", number].join(" ");
              return {
                severity: "error" as const,
                rule: "vlan-conflict",
                path,
                message: `${name} unit ${number} cannot have both vlan-id and vlan-tags: its frames carry one tag or two`,
                remedy: `delete ${path} vlan-id`,
              };
            }),
        ),
      ),
};
