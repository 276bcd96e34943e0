import { relayLevels, serverLevels } from "../instances.ts";
import { containerAt, entriesOf, hasFlag } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/** Topology is discovered with somebody. */
export const peerAddressRequired: Rule = {
  name: "peer-address-required",
  demands: "active-leasequery with topology-discover has at least one peer-address.",
  source: "Junos schema",
  check: (tree) =>
    [...relayLevels(tree), ...serverLevels(tree)]
      .filter((level) => {
        const active = containerAt(level.node, "active-leasequery");
        return hasFlag(active, "topology-discover") && entriesOf(active, "peer-address").size === 0;
      })
      .map((level) => ({
        severity: "error" as const,
        rule: "peer-address-required",
        path: pathText(level, "active-leasequery", "topology-discover"),
        message: `${levelName(level)} active-leasequery topology-discover requires at least one peer-address: there is nobody to discover the topology with`,
        remedy: setAt(level, "active-leasequery", "peer-address", level.family === 4 ? "192.0.2.2" : "2001:db8::2"),
      })),
};
