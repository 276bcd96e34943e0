import { relayLevels } from "../instances.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** Without Interface-ID a DHCPv6 reply cannot be tied to an interface. */
export const interfaceIdRequired: Rule = {
  name: "interface-id-required",
  demands: "A DHCPv6 relay with leasequery or bulk-leasequery has relay-agent-interface-id.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree)
      .filter((level) => level.family === 6 && !level.node.children.has("relay-agent-interface-id"))
      .flatMap((level) =>
        ["leasequery", "bulk-leasequery"]
          .filter((word) => level.node.children.has(word))
          .map((word) => ({
            severity: "error" as const,
            rule: "interface-id-required",
            path: pathText(level, word),
            message: `${levelName(level)} ${word} requires relay-agent-interface-id at the same level: a reply without Interface-ID cannot be tied to an interface`,
            remedy: setAt(level, "relay-agent-interface-id"),
          })),
      ),
};
