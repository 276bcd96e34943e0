import type { Finding } from "../finding.ts";
import { type Level, relayLevels } from "../instances.ts";
import { type ContainerNode, containerAt, entriesOf, hasFlag } from "../tree.ts";
import { levelName, type Rule } from "./rule.ts";

/** The relay agent restores a binding by the layer-2 interface below the IRB interface, so its name has to be in the text. */
export const includeIrbAndL2Missing: Rule = {
  name: "include-irb-and-l2-missing",
  demands: "With an IRB client interface and any leasequery, include-irb-and-l2 is configured.",
  source: "Junos documentation",
  check: (tree) =>
    relayLevels(tree)
      .filter(({ node }) =>
        ["leasequery", "bulk-leasequery", "active-leasequery"].some((word) => node.children.has(word)),
      )
      .flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  const words = level.family === 4 ? ["relay-option-82", "circuit-id"] : ["relay-agent-interface-id"];
  const everywhere = namesLayer2(level.node, words);
  return [...entriesOf(level.node, "group")].flatMap(([name, group]) => {
    // A group's own block replaces the common one.
    const own = containerAt(group, ...words);
    if (own === undefined ? everywhere : hasFlag(own, "include-irb-and-l2")) return [];
    const irb = [...entriesOf(group, "interface").keys()].filter((one) => one.startsWith("irb"));
    if (irb.length === 0) return [];
    const at = own === undefined ? level.path : [...level.path, "group", name];
    return [
      {
        severity: "warning" as const,
        rule: "include-irb-and-l2-missing",
        path: [...level.path, "group", name].join(" "),
        message: `${levelName(level)} group ${name} has the client interface ${irb.slice(0, 3).join(", ")}, but ${words[words.length - 1]} has no include-irb-and-l2: bindings of its clients cannot be restored without the name of the layer-2 interface`,
        remedy: `set ${[...at, ...words].join(" ")} include-irb-and-l2`,
      },
    ];
  });
}

function namesLayer2(node: ContainerNode, words: readonly string[]): boolean {
  return hasFlag(containerAt(node, ...words), "include-irb-and-l2");
}
