import { relayLevels } from "../instances.ts";
import { containerAt, entriesOf } from "../tree.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** DHCPv4 goes over IPv4, DHCPv6 over IPv6. */
export const serverAddressFamily: Rule = {
  name: "server-address-family",
  demands: "Addresses of a server-group are IPv4 for a DHCPv4 relay and IPv6 under dhcpv6.",
  source: "Leasewire",
  check: (tree) =>
    relayLevels(tree).flatMap((level) =>
      [...entriesOf(containerAt(level.node, "server-group"), "<name>")].flatMap(([group, node]) =>
        [...entriesOf(node, "<address>").keys()]
          .filter((address) => address.includes(":") !== (level.family === 6))
          .map((address) => ({
            severity: "error" as const,
            rule: "server-address-family",
            path: pathText(level, "server-group", group, address),
            message: `${levelName(level)} server-group ${group} takes IPv${level.family} addresses; ${address} is an IPv${level.family === 4 ? 6 : 4} address`,
            remedy: deleteAt(level, "server-group", group, address),
          })),
      ),
    ),
};
