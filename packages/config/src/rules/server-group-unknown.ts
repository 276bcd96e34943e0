import type { Finding } from "../finding.ts";
import { type Level, relayLevels } from "../instances.ts";
import { nearest } from "../text/nearest.ts";
import { type ContainerNode, containerAt, entriesOf, leafValue } from "../tree.ts";
import { levelName, type Rule } from "./rule.ts";

/** Packets cannot go to a group that does not exist. */
export const serverGroupUnknown: Rule = {
  name: "server-group-unknown",
  demands: "active-server-group names a server-group of the same level.",
  source: "Leasewire",
  check: (tree) =>
    relayLevels(tree).flatMap((level) => [
      ...unknownAt(level, level.path, level.node),
      ...[...entriesOf(level.node, "group")].flatMap(([name, group]) =>
        unknownAt(level, [...level.path, "group", name], group),
      ),
    ]),
};

function unknownAt(level: Level, path: readonly string[], node: ContainerNode): Finding[] {
  const name = leafValue(node, "active-server-group");
  const groups = [...entriesOf(containerAt(level.node, "server-group"), "<name>").keys()];
  if (name === undefined || groups.includes(name)) return [];
  const near = nearest(name, groups);
  const known = groups.length === 0 ? "there is none" : `there ${groups.length === 1 ? "is" : "are"} ${shown(groups)}`;
  return [
    {
      severity: "error",
      rule: "server-group-unknown",
      path: [...path, "active-server-group"].join(" "),
      message: `${levelName(level)} has no server-group ${name}; ${known}`,
      remedy:
        near === undefined
          ? `set ${[...level.path, "server-group", name].join(" ")} ${level.family === 4 ? "192.0.2.1" : "2001:db8::1"}`
          : `set ${[...path, "active-server-group", near].join(" ")}`,
    },
  ];
}

function shown(groups: readonly string[]): string {
  return groups.length <= 5 ? groups.join(", ") : `${groups.slice(0, 5).join(", ")} and ${groups.length - 5} more`;
}
