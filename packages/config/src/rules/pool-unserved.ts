import { scopesOf, serverLevels } from "../instances.ts";
import { poolNodes } from "../pools.ts";
import type { Rule } from "./rule.ts";

/** A pool belongs to an instance and is served by the server of that instance and family alone. */
export const poolUnserved: Rule = {
  name: "pool-unserved",
  demands: "Where a pool is, a local server of the same instance and family serves it.",
  source: "Leasewire",
  check: (tree) => {
    const served = new Set(serverLevels(tree).map(({ scope, family }) => `${scope.instance} ${family}`));
    return scopesOf(tree).flatMap((scope) =>
      poolNodes(scope)
        .filter(({ family }) => !served.has(`${scope.instance} ${family}`))
        .map(({ name, family, path }) => {
          const server = family === 4 ? "dhcp-local-server" : "dhcp-local-server dhcpv6";
          return {
            severity: "warning" as const,
            rule: "pool-unserved",
            path: path.join(" "),
            message: `pool ${name} is not served: ${scope.instance} has no ${server}`,
            remedy: `set ${[...scope.prefix, "system", "services", server].join(" ")}`,
          };
        }),
    );
  },
};
