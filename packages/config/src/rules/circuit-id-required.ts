import { relayLevels } from "../instances.ts";
import { containerAt } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** Without circuit ID in option 82 a reply cannot be tied to an interface. */
export const circuitIdRequired: Rule = {
  name: "circuit-id-required",
  demands: "A DHCPv4 relay with leasequery or bulk-leasequery has relay-option-82 circuit-id.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree)
      .filter((level) => level.family === 4 && containerAt(level.node, "relay-option-82", "circuit-id") === undefined)
      .flatMap((level) =>
        ["leasequery", "bulk-leasequery"]
          .filter((word) => level.node.children.has(word))
          .map((word) => ({
            severity: "error" as const,
            rule: "circuit-id-required",
            path: pathText(level, word),
            message: `${levelName(level)} ${word} requires relay-option-82 circuit-id: a reply without circuit ID cannot be tied to an interface`,
            remedy: setAt(level, "relay-option-82", "circuit-id"),
          })),
      ),
};
