import type { InstanceSelector } from "@leasewire/api";
import { type InstanceName, instanceParts } from "@leasewire/net";

/** The instances a command's tail means; a part that is not given matches all. */
export function instancesMatching(names: readonly InstanceName[], selector: InstanceSelector): InstanceName[] {
  return names.filter((name) => {
    const colon = name.indexOf(":");
    return (
      (selector.logicalSystem === undefined || selector.logicalSystem === name.slice(0, colon)) &&
      (selector.routingInstance === undefined || selector.routingInstance === name.slice(colon + 1))
    );
  });
}

/** Words before the statements of an instance: `logical-systems a routing-instances b `, empty for the default one. */
export function instancePath(instance: InstanceName): string {
  const { logicalSystem, routingInstance } = instanceParts(instance);
  return [
    logicalSystem === undefined ? "" : `logical-systems ${logicalSystem} `,
    routingInstance === undefined ? "" : `routing-instances ${routingInstance} `,
  ].join("");
}
