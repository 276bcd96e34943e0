import { serverLevels } from "../instances.ts";
import { containerAt, hasFlag } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";
import { tlsExample } from "./tls-incomplete.ts";

/** Plain TCP has to be asked for in so many words. */
export const activeTlsRequired: Rule = {
  name: "active-tls-required",
  demands: "allow-active-leasequery has tls at the same level, or insecure.",
  source: "RFC 7724 §8.1, RFC 7653 §9.1",
  check: (tree) =>
    serverLevels(tree).flatMap((level) => {
      const active = containerAt(level.node, "allow-active-leasequery");
      if (active === undefined || hasFlag(active, "insecure") || level.node.children.has("tls")) return [];
      const insecure = setAt(level, "allow-active-leasequery", "insecure");
      return [
        {
          severity: "error" as const,
          rule: "active-tls-required",
          path: pathText(level, "allow-active-leasequery"),
          message: `${levelName(level)} allow-active-leasequery answers over TLS only, and has no certificates; where plain TCP is safe enter "${insecure}", otherwise`,
          remedy: setAt(level, "tls", tlsExample),
        },
      ];
    }),
};
