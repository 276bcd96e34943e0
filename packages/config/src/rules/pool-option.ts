import { scopesOf } from "../instances.ts";
import { readOptions } from "../pool-options.ts";
import { poolNodes } from "../pools.ts";
import { containerAt } from "../tree.ts";
import { poolError } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** What cannot be sent is refused here, so that no client waits for it. */
export const poolOption: Rule = {
  name: "pool-option",
  demands:
    "Options of a pool have one value, are named once, are not the server's own, and fit: 255 octets each in DHCPv4.",
  source: "RFC 2132 §2, RFC 9915 §21",
  check: (tree) =>
    scopesOf(tree)
      .flatMap(poolNodes)
      .flatMap(({ name, node, family, path }) =>
        readOptions(containerAt(node, "dhcp-attributes"), family).problems.map(({ statement, message }) => {
          const at = [...path, "dhcp-attributes", statement];
          return poolError("pool-option", at, `${statement} of pool ${name} ${message}`, `delete ${at.join(" ")}`);
        }),
      ),
};
