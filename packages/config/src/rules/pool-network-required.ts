import { scopesOf } from "../instances.ts";
import { poolNodes } from "../pools.ts";
import { poolError } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** Which link a pool serves, and how long its mask is, follows from its network. */
export const poolNetworkRequired: Rule = {
  name: "pool-network-required",
  demands: "A pool has a network (inet) or a prefix (inet6).",
  source: "Junos documentation",
  check: (tree) =>
    scopesOf(tree)
      .flatMap(poolNodes)
      .flatMap(({ name, family, node, path }) => {
        const word = family === 4 ? "network" : "prefix";
        if (node.children.has(word)) return [];
        const example = family === 4 ? "192.0.2.0/24" : "2001:db8::/64";
        const message = `pool ${name} has no ${word}: it gives nothing out, and no server knows which link it serves`;
        return [poolError("pool-network-required", path, message, `set ${path.join(" ")} ${word} ${example}`)];
      }),
};
