import type { Finding } from "../finding.ts";
import { type ConfigTree, leafValue } from "../tree.ts";
import { logicalUnits } from "./logical-units.ts";
import type { Rule } from "./rule.ts";

/** A packet from a device belongs to one logical interface. */
export const deviceShared: Rule = {
  name: "device-shared",
  demands: "No two units use the same device.",
  source: "Leasewire",
  check: (tree) => {
    const users = new Map<string, string>();
    const findings: Finding[] = [];
    for (const { device, path, unit } of unitDevices(tree)) {
      const other = users.get(device);
      if (other === undefined) {
        users.set(device, unit);
        continue;
      }
      findings.push({
        severity: "error",
        rule: "device-shared",
        path: `${path} device`,
        message: `${unit} uses the device ${device}, which ${other} uses already: a packet from a device belongs to one logical interface`,
        remedy: `delete ${path} device`,
      });
    }
    return findings;
  },
};

export interface UnitDevice {
  readonly device: string;
  /** Path of the unit. */
  readonly path: string;
  /** "ge-0/0/0.100" */
  readonly unit: string;
}

export function unitDevices(tree: ConfigTree): UnitDevice[] {
  return logicalUnits(tree).flatMap(({ node, path, name }) => {
    const device = leafValue(node, "device");
    return device === undefined ? [] : [{ device, path, unit: name }];
  });
}
