import { relayLevels } from "../instances.ts";
import { containerAt, hasFlag } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** A binding restored from another relay agent's option 82 would name a circuit that is not ours. */
export const alwaysWriteOption82Required: Rule = {
  name: "always-write-option-82-required",
  demands: "A DHCPv4 relay with leasequery or bulk-leasequery has overrides always-write-option-82.",
  source: "Junos schema",
  check: (tree) =>
    relayLevels(tree)
      .filter((level) => level.family === 4 && !hasFlag(containerAt(level.node, "overrides"), "always-write-option-82"))
      .flatMap((level) =>
        ["leasequery", "bulk-leasequery"]
          .filter((word) => level.node.children.has(word))
          .map((word) => ({
            severity: "error" as const,
            rule: "always-write-option-82-required",
            path: pathText(level, word),
            message: `${levelName(level)} ${word} requires overrides always-write-option-82: a binding is tied to its interface by the circuit ID that this relay agent itself wrote`,
            remedy: setAt(level, "overrides", "always-write-option-82"),
          })),
      ),
};
