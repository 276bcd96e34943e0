import { relayLevels, serverLevels } from "../instances.ts";
import { containerAt, entriesOf } from "../tree.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** A peer is reached over the family whose bindings it sends. */
export const peerAddressFamily: Rule = {
  name: "peer-address-family",
  demands: "peer-address is an IPv4 address for DHCPv4 and an IPv6 address under dhcpv6.",
  source: "Junos schema",
  check: (tree) =>
    [...relayLevels(tree), ...serverLevels(tree)].flatMap((level) =>
      [...entriesOf(containerAt(level.node, "active-leasequery"), "peer-address").keys()]
        .filter((address) => address.includes(":") !== (level.family === 6))
        .map((address) => ({
          severity: "error" as const,
          rule: "peer-address-family",
          path: pathText(level, "active-leasequery", "peer-address", address),
          message: `${levelName(level)} active-leasequery peer-address takes an IPv${level.family} address; ${address} is an IPv${level.family === 4 ? 6 : 4} address`,
          remedy: deleteAt(level, "active-leasequery", "peer-address", address),
        })),
    ),
};
