import { serverLevels } from "../instances.ts";
import { poolNodes } from "../pools.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** It would answer leasequeries about what was imported, and give nothing out. */
export const serverPoolsMissing: Rule = {
  name: "server-pools-missing",
  demands: "A local server has a pool of its family in the same instance.",
  source: "Leasewire",
  check: (tree) =>
    serverLevels(tree).flatMap((level) => {
      const { scope, family } = level;
      if (poolNodes(scope).some((pool) => pool.family === family)) return [];
      const pool = [...scope.prefix, "access", "address-assignment", "pool", "customers", "family"].join(" ");
      return [
        {
          severity: "warning" as const,
          rule: "server-pools-missing",
          path: pathText(level),
          message: `${levelName(level)} of ${scope.instance} has no pool: it gives nothing out`,
          remedy: family === 4 ? `set ${pool} inet network 192.0.2.0/24` : `set ${pool} inet6 prefix 2001:db8::/64`,
        },
      ];
    }),
};
