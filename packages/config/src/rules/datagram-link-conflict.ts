import type { Finding } from "../finding.ts";
import { containerAt, leafValue } from "../tree.ts";
import { logicalUnits } from "./logical-units.ts";
import type { Rule } from "./rule.ts";

/** What arrives has to belong to one interface. */
export const datagramLinkConflict: Rule = {
  name: "datagram-link-conflict",
  demands: "No two datagram links have the same local end, and a unit with a datagram link has no device.",
  source: "Leasewire",
  check: (tree) => {
    const users = new Map<string, string>();
    const findings: Finding[] = [];
    for (const { node, path, name } of logicalUnits(tree)) {
      const device = leafValue(node, "device");
      if (device !== undefined && node.children.has("datagram-link")) {
        findings.push({
          severity: "error",
          rule: "datagram-link-conflict",
          path: `${path} datagram-link`,
          message: `${name} has the device ${device} and a datagram-link: clients are reached through one of them`,
          remedy: `delete ${path} datagram-link`,
        });
      }
      for (const family of ["inet", "inet6"]) {
        const link = containerAt(node, "datagram-link", family);
        const port = leafValue(link, "local-port");
        const address = leafValue(link, "local-address");
        if (port === undefined || address === undefined) continue;
        const end = `${address} port ${port}`;
        const other = users.get(end);
        users.set(end, other ?? name);
        if (other === undefined) continue;
        findings.push({
          severity: "error",
          rule: "datagram-link-conflict",
          path: `${path} datagram-link ${family}`,
          message: `${name} has the local end ${end}, which ${other} has already: a datagram belongs to one logical interface`,
          remedy: `set ${path} datagram-link ${family} local-port ${Number(port) === 65_535 ? 20_067 : Number(port) + 1}`,
        });
      }
    }
    return findings;
  },
};
