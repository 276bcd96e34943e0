import { serverLevels } from "../instances.ts";
import { defaultOf } from "../schema/walk.ts";
import { containerAt, leafValue } from "../tree.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

const chassisPath = ["system", "processes", "dhcp-service"];
const chassisWord = "accept-max-tcp-connections";

/** One instance must not be able to take all connections of the chassis. */
export const maxConnectionsLimit: Rule = {
  name: "max-connections-limit",
  demands: "allow-bulk-leasequery max-connections is less than dhcp-service accept-max-tcp-connections.",
  source: "Junos documentation",
  check: (tree) => {
    const configured = leafValue(containerAt(tree, ...chassisPath), chassisWord);
    const chassisMax = Number(configured ?? defaultOf([...chassisPath, chassisWord]));
    return serverLevels(tree).flatMap((level) => {
      const bulk = containerAt(level.node, "allow-bulk-leasequery");
      if (bulk === undefined) return [];
      const own = leafValue(bulk, "max-connections");
      const connections = Number(
        own ?? defaultOf(["system", "services", "dhcp-local-server", "allow-bulk-leasequery", "max-connections"]),
      );
      if (connections < chassisMax) return [];
      return [
        {
          severity: "error" as const,
          rule: "max-connections-limit",
          path: pathText(level, "allow-bulk-leasequery", "max-connections"),
          message: `${levelName(level)} allow-bulk-leasequery max-connections ${connections}${own === undefined ? " (default)" : ""} must be less than ${chassisWord} ${chassisMax}${configured === undefined ? " (default)" : ""}: one instance must not take all connections of the chassis`,
          remedy: `set ${chassisPath.join(" ")} ${chassisWord} ${connections + 1}`,
        },
      ];
    });
  },
};
