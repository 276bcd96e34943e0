import { groupInterfaces } from "../effective/client-groups.ts";
import { logicalInterfacesOf } from "../effective/logical-interfaces.ts";
import type { Finding } from "../finding.ts";
import { type Level, relayLevels } from "../instances.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** The name of a logical interface says nothing about where its packets are. */
export const accessInterfaceUnreachable: Rule = {
  name: "access-interface-unreachable",
  demands: "A client interface of a relay agent has a device, or a datagram-link of the family.",
  source: "Leasewire",
  check: (tree) => relayLevels(tree).flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  const known = new Map(logicalInterfacesOf(level.scope).map((one) => [one.name, one]));
  const unreachable = groupInterfaces(level.node, [...known.keys()]).filter(({ name }) => {
    const one = known.get(name);
    const link = level.family === 4 ? one?.datagramLink4 : one?.datagramLink6;
    return one?.disabled !== true && one?.device === undefined && link === undefined;
  });
  const [first] = unreachable;
  if (first === undefined) return [];
  const others = unreachable.length - 1;
  const [physical, unit] = first.name.split(/\.(?=[0-9]+$)/);
  return [
    {
      severity: "warning",
      rule: "access-interface-unreachable",
      path: pathText(level, "group", first.group, "interface", first.name),
      message: `${levelName(level)} client interface ${first.name}${others === 0 ? "" : ` and ${others} more`} has no network device: its clients are not heard`,
      remedy: `set ${[...level.scope.chassisPrefix, "interfaces", physical, "unit", unit, "device"].join(" ")} eth1`,
    },
  ];
}
