import { groupInterfaces } from "../effective/client-groups.ts";
import { logicalInterfacesOf } from "../effective/logical-interfaces.ts";
import type { Finding } from "../finding.ts";
import { type Level, relayLevels } from "../instances.ts";
import { levelName, pathText, type Rule } from "./rule.ts";

/** Servers choose the subnet by the address of the client's interface; a datagram link has no device to take it from. */
export const gatewayAddressMissing: Rule = {
  name: "gateway-address-missing",
  demands: "A client interface with a datagram-link has an address of the family.",
  source: "RFC 2131 §4.1, RFC 9915 §19.1.1",
  check: (tree) => relayLevels(tree).flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  const four = level.family === 4;
  const known = new Map(logicalInterfacesOf(level.scope).map((one) => [one.name, one]));
  return groupInterfaces(level.node, [...known.keys()]).flatMap(({ name, group }) => {
    const one = known.get(name);
    const link = four ? one?.datagramLink4 : one?.datagramLink6;
    const addresses = four ? one?.addresses4 : one?.addresses6;
    if (link === undefined || addresses === undefined || addresses.length > 0) return [];
    const [physical, unit] = name.split(/\.(?=[0-9]+$)/);
    const unitPath = [...level.scope.chassisPrefix, "interfaces", physical, "unit", unit].join(" ");
    return [
      {
        severity: "error" as const,
        rule: "gateway-address-missing",
        path: pathText(level, "group", group, "interface", name),
        message: `${levelName(level)} client interface ${name} has a datagram-link and no address: servers could not tell the subnet of its clients`,
        remedy: `set ${unitPath} family ${four ? "inet address 192.0.2.1/24" : "inet6 address 2001:db8::1/64"}`,
      },
    ];
  });
}
