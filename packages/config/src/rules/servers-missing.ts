import { relayLevels } from "../instances.ts";
import { containerAt, entriesOf } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** A query goes to all servers the relay agent knows: none, here. */
export const serversMissing: Rule = {
  name: "servers-missing",
  demands: "A relay with leasequery or bulk-leasequery knows at least one server.",
  source: "Leasewire",
  check: (tree) =>
    relayLevels(tree).flatMap((level) => {
      const query = ["leasequery", "bulk-leasequery"].find((word) => level.node.children.has(word));
      if (query === undefined) return [];
      const groups = [...entriesOf(containerAt(level.node, "server-group"), "<name>").values()];
      if (groups.some((group) => entriesOf(group, "<address>").size > 0)) return [];
      return [
        {
          severity: "warning" as const,
          rule: "servers-missing",
          path: pathText(level, query),
          message: `${levelName(level)} ${query} has no server to ask: no server-group here has an address`,
          remedy: setAt(level, "server-group", "servers", level.family === 4 ? "192.0.2.1" : "2001:db8::1"),
        },
      ];
    }),
};
