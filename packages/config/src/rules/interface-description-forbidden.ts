import { relayLevels } from "../instances.ts";
import { containerAt } from "../tree.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** A description is free text: it does not lead back to the interface. */
export const interfaceDescriptionForbidden: Rule = {
  name: "interface-description-forbidden",
  demands:
    "With leasequery or bulk-leasequery, circuit-id of a DHCPv4 relay has neither use-interface-description nor require-interface-description.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree)
      .filter(
        (level) =>
          level.family === 4 && (level.node.children.has("leasequery") || level.node.children.has("bulk-leasequery")),
      )
      .flatMap((level) => {
        const circuitId = containerAt(level.node, "relay-option-82", "circuit-id");
        const query = level.node.children.has("leasequery") ? "leasequery" : "bulk-leasequery";
        return ["use-interface-description", "require-interface-description"]
          .filter((word) => circuitId?.children.has(word))
          .map((word) => ({
            severity: "error" as const,
            rule: "interface-description-forbidden",
            path: pathText(level, "relay-option-82", "circuit-id", word),
            message: `circuit-id ${word} cannot be used with ${levelName(level)} ${query}: a description does not lead back from a binding to its interface`,
            remedy: deleteAt(level, "relay-option-82", "circuit-id", word),
          }));
      }),
};
