import { serverLevels } from "../instances.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

const answers = ["allow-leasequery", "allow-bulk-leasequery", "allow-active-leasequery"];

/** A server either answers requestors or is the peer of another server. */
export const activePeeringExclusive: Rule = {
  name: "active-peering-exclusive",
  demands:
    "A local server with active-leasequery has none of allow-leasequery, allow-bulk-leasequery, allow-active-leasequery.",
  source: "Junos schema",
  check: (tree) =>
    serverLevels(tree)
      .filter((level) => level.node.children.has("active-leasequery"))
      .flatMap((level) =>
        answers
          .filter((word) => level.node.children.has(word))
          .map((word) => ({
            severity: "error" as const,
            rule: "active-peering-exclusive",
            path: pathText(level, word),
            message: `${levelName(level)} ${word} and active-leasequery exclude each other: a server either answers requestors or synchronises with peer servers`,
            remedy: deleteAt(level, word),
          })),
      ),
};
