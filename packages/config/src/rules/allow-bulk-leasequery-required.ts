import { serverLevels } from "../instances.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** A server with active leasequery must have bulk leasequery: requestors fill gaps with it. */
export const allowBulkLeasequeryRequired: Rule = {
  name: "allow-bulk-leasequery-required",
  demands: "A local server with allow-active-leasequery has allow-bulk-leasequery at the same level.",
  source: "RFC 7724 §8, RFC 7653 §9",
  check: (tree) =>
    serverLevels(tree)
      .filter(({ node }) => node.children.has("allow-active-leasequery") && !node.children.has("allow-bulk-leasequery"))
      .map((level) => ({
        severity: "error" as const,
        rule: "allow-bulk-leasequery-required",
        path: pathText(level, "allow-active-leasequery"),
        message: `${levelName(level)} allow-active-leasequery requires allow-bulk-leasequery at the same level: requestors fill the gaps of an active connection by bulk leasequery`,
        remedy: setAt(level, "allow-bulk-leasequery"),
      })),
};
