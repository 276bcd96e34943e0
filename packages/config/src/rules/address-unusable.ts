import { relayLevels, serverLevels } from "../instances.ts";
import { containerAt, entriesOf } from "../tree.ts";
import { deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** Nothing can be sent to these. */
export const addressUnusable: Rule = {
  name: "address-unusable",
  demands: "Servers and peers have an address that packets can be sent to.",
  source: "Leasewire",
  check: (tree) => [
    ...relayLevels(tree).flatMap((level) =>
      [...entriesOf(containerAt(level.node, "server-group"), "<name>")].flatMap(([group, node]) =>
        [...entriesOf(node, "<address>").keys()].filter(isUnusable).map((address) => ({
          severity: "error" as const,
          rule: "address-unusable",
          path: pathText(level, "server-group", group, address),
          message: `${levelName(level)} server-group ${group} has the server ${address}: no server can have this address`,
          remedy: deleteAt(level, "server-group", group, address),
        })),
      ),
    ),
    ...[...relayLevels(tree), ...serverLevels(tree)].flatMap((level) =>
      [...entriesOf(containerAt(level.node, "active-leasequery"), "peer-address").keys()]
        .filter((address) => isUnusable(address) || isMulticast(address))
        .map((address) => ({
          severity: "error" as const,
          rule: "address-unusable",
          path: pathText(level, "active-leasequery", "peer-address", address),
          message: `${levelName(level)} active-leasequery has the peer-address ${address}: no peer can have this address`,
          remedy: deleteAt(level, "active-leasequery", "peer-address", address),
        })),
    ),
  ],
};

/** Canonical texts. Queries may go to a multicast group of servers, so multicast is allowed for servers. */
function isUnusable(address: string): boolean {
  return address === "0.0.0.0" || address === "255.255.255.255" || address === "::";
}

function isMulticast(address: string): boolean {
  return address.includes(":") ? address.startsWith("ff") : Number(address.split(".")[0]) >= 224;
}
