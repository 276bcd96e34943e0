import { relayLevels, serverLevels } from "../instances.ts";
import { containerAt, entriesOf, leafValue } from "../tree.ts";
import { defaultAt, deleteAt, levelName, pathText, type Rule } from "./rule.ts";

/** An engine that peers with itself would receive its own changes for ever. */
export const peerAddressOwn: Rule = {
  name: "peer-address-own",
  demands: "peer-address is not the engine's own listen-address and port.",
  source: "Leasewire",
  check: (tree) =>
    [...relayLevels(tree), ...serverLevels(tree)].flatMap((level) => {
      const own = leafValue(level.node, "listen-address");
      const peer = own && entriesOf(containerAt(level.node, "active-leasequery"), "peer-address").get(own);
      if (own === undefined || !peer) return [];
      const peerPort = leafValue(peer, "port") ?? defaultAt(level, "active-leasequery", "peer-address", "port");
      if (peerPort !== (leafValue(level.node, "listen-port") ?? defaultAt(level, "listen-port"))) return [];
      return [
        {
          severity: "error" as const,
          rule: "peer-address-own",
          path: pathText(level, "active-leasequery", "peer-address", own),
          message: `${levelName(level)} active-leasequery peer-address ${own} is its own listen-address: a peer is another relay agent or server`,
          remedy: deleteAt(level, "active-leasequery", "peer-address", own),
        },
      ];
    }),
};
