import { nearest } from "../text/nearest.ts";
import { unitDevices } from "./device-shared.ts";
import type { Rule } from "./rule.ts";

/** A warning, because a device may come later: a VLAN, a tunnel. */
export const deviceUnknown: Rule = {
  name: "device-unknown",
  demands: "The device of a unit exists on this machine.",
  source: "Leasewire",
  check: (tree, { devices }) =>
    devices === undefined
      ? []
      : unitDevices(tree)
          .filter(({ device }) => !devices.includes(device))
          .map(({ device, path, unit }) => {
            const near = nearest(device, devices);
            return {
              severity: "warning" as const,
              rule: "device-unknown",
              path: `${path} device`,
              message: `${unit} uses the device ${device}, which this machine does not have: the interface stays down until it appears`,
              ...(near === undefined ? {} : { remedy: `set ${path} device ${near}` }),
            };
          }),
};
