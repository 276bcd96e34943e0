import { relayLevels } from "../instances.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** Every active connection begins with a bulk transfer. */
export const bulkLeasequeryRequired: Rule = {
  name: "bulk-leasequery-required",
  demands: "A relay with active-leasequery has bulk-leasequery at the same level.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree)
      .filter((level) => level.node.children.has("active-leasequery") && !level.node.children.has("bulk-leasequery"))
      .map((level) => ({
        severity: "error" as const,
        rule: "bulk-leasequery-required",
        path: pathText(level, "active-leasequery"),
        message: `${levelName(level)} active-leasequery requires bulk-leasequery at the same level: a connection begins with a bulk transfer`,
        remedy: setAt(level, "bulk-leasequery"),
      })),
};
