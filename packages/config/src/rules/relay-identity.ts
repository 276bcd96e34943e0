import type { Finding } from "../finding.ts";
import { type Level, relayLevels } from "../instances.ts";
import { leafValue } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

/**
 * Servers store the relay identifier with each binding and answer by it. One relay agent has one identity in both families, and no
 * two instances share one.
 */
export const relayIdentity: Rule = {
  name: "relay-identity",
  demands: "relay-id and dhcpv6 duid of an instance are the same octets, and differ from those of other instances.",
  source: "RFC 6925 §5.1, Leasewire",
  check: (tree) => {
    const known = relayLevels(tree).flatMap((level) => {
      const identifier = leafValue(level.node, level.family === 4 ? "relay-id" : "duid");
      return identifier === undefined ? [] : [{ level, identifier }];
    });
    return known.flatMap((one, at) => {
      const before = known.slice(0, at);
      const twin = before.find(({ level }) => level.scope.instance === one.level.scope.instance);
      const stranger = before.find(
        ({ level, identifier }) => identifier === one.identifier && level.scope.instance !== one.level.scope.instance,
      );
      return [
        ...(twin !== undefined && twin.identifier !== one.identifier ? [differs(one.level, twin.identifier)] : []),
        ...(stranger === undefined ? [] : [shared(one.level, stranger.level)]),
      ];
    });
  },
};

function differs(level: Level, relayId: string): Finding {
  return {
    severity: "warning",
    rule: "relay-identity",
    path: pathText(level, "duid"),
    message: `${levelName(level)} of ${level.scope.instance} has another duid than the relay-id of dhcp-relay: servers take them for two relay agents`,
    remedy: setAt(level, "duid", relayId),
  };
}

function shared(level: Level, other: Level): Finding {
  const word = level.family === 4 ? "relay-id" : "duid";
  return {
    severity: "warning",
    rule: "relay-identity",
    path: pathText(level, word),
    message: `${levelName(level)} of ${level.scope.instance} has the same ${word} as ${levelName(other)} of ${other.scope.instance}: servers take them for one relay agent`,
    remedy: `delete ${pathText(level, word)}`,
  };
}
