import { relayLevels } from "../instances.ts";
import { leafValue } from "../tree.ts";
import { defaultAt, levelName, pathText, type Rule, setAt } from "./rule.ts";

/** Says which address is used, since replies to a DHCPv4 query go to its giaddr. */
export const listenAddressUnset: Rule = {
  name: "listen-address-unset",
  demands: "A relay with leasequery names its listen-address; otherwise it is said which address is used.",
  source: "Leasewire",
  check: (tree) =>
    relayLevels(tree)
      .filter(({ node }) => node.children.has("leasequery") && !node.children.has("listen-address"))
      .map((level) => {
        const port = leafValue(level.node, "listen-port") ?? defaultAt(level, "listen-port");
        const why =
          level.family === 4
            ? "and the gateway address of each query, which servers reply to, has to be an address of this machine"
            : "and queries leave from the address that the system chooses";
        return {
          severity: "notice" as const,
          rule: "listen-address-unset",
          path: pathText(level, "leasequery"),
          message: `${levelName(level)} has no listen-address: replies are received on every address (${level.family === 4 ? "0.0.0.0" : "::"}) port ${port}, ${why}`,
          remedy: setAt(level, "listen-address", level.family === 4 ? "192.0.2.2" : "2001:db8::2"),
        };
      }),
};
