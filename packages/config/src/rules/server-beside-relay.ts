import { relayLevels, serverLevels } from "../instances.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** Both keep the bindings of their instance: what the one learned would stand against what the other granted. */
export const serverBesideRelay: Rule = {
  name: "server-beside-relay",
  demands: "An instance has either a relay agent or a local server of a family.",
  source: "Leasewire",
  check: (tree) => {
    const relays = new Map(relayLevels(tree).map((level) => [`${level.scope.instance} ${level.family}`, level]));
    return serverLevels(tree).flatMap((level) => {
      const relay = relays.get(`${level.scope.instance} ${level.family}`);
      if (relay === undefined) return [];
      return [
        {
          severity: "error" as const,
          rule: "server-beside-relay",
          path: pathText(level),
          message: `${levelName(level)} and ${levelName(relay)} are in the same instance ${level.scope.instance}, and their bindings would collide: put one of them into a routing instance or logical system, or`,
          remedy: `delete ${pathText(relay)}`,
        },
      ];
    });
  },
};
