import type { Finding } from "../finding.ts";
import { relayLevels } from "../instances.ts";
import { type ContainerNode, containerAt, entriesOf } from "../tree.ts";
import type { Rule } from "./rule.ts";

const blocks = [
  ["relay-option-82", "circuit-id"],
  ["relay-option-82", "remote-id"],
  ["relay-agent-interface-id"],
  ["relay-agent-remote-id"],
];

/** Two ways to treat descriptions at once. */
export const interfaceDescriptionConflict: Rule = {
  name: "interface-description-conflict",
  demands: "use-interface-description and require-interface-description are not configured together.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree).flatMap((level) => {
      const groups = [...entriesOf(level.node, "group")].map(([name, node]): [string[], ContainerNode] => [
        [...level.path, "group", name],
        node,
      ]);
      return [[[...level.path], level.node] as [string[], ContainerNode], ...groups].flatMap(conflictsAt);
    }),
};

function conflictsAt([path, node]: [string[], ContainerNode]): Finding[] {
  return blocks.flatMap((words) => {
    const block = containerAt(node, ...words);
    if (!block?.children.has("use-interface-description") || !block.children.has("require-interface-description"))
      return [];
    const at = [...path, ...words].join(" ");
    return [
      {
        severity: "error" as const,
        rule: "interface-description-conflict",
        path: at,
        message: `${words[words.length - 1]} cannot have both use-interface-description and require-interface-description: keep one`,
        remedy: `delete ${at} require-interface-description`,
      },
    ];
  });
}
