import { quote, type Result, refuse } from "./result.ts";

/** Logical system and routing instance, `LS:RI`; either is `default` where none is given. */
export type InstanceName = `${string}:${string}`;

export const DEFAULT_INSTANCE: InstanceName = "default:default";

const nameLengthMax = 128;

/** Errors: `instance-syntax`, `instance-name`. An empty part is refused rather than read as `default`. */
export function parseInstance(text: string): Result<InstanceName> {
  const parts = text.trim().split(":", 3);
  if (parts.length !== 2) {
    return refuse(
      "instance-syntax",
      `${quote(text)} is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, such as default:default`,
    );
  }
  for (const part of parts) {
    if (!isInstancePart(part)) {
      return refuse(
        "instance-name",
        `${quote(text)} has the name ${quote(part)}: a name has 1 to ${nameLengthMax} letters, digits and - _ . and begins with a letter or digit`,
      );
    }
  }
  return { ok: true, value: `${parts[0]}:${parts[1]}` };
}

export function formatInstance(logicalSystem?: string, routingInstance?: string): InstanceName {
  return `${logicalSystem ?? "default"}:${routingInstance ?? "default"}`;
}

/** The two parts; `undefined` where the part is `default`. */
export function instanceParts(instance: InstanceName): { logicalSystem?: string; routingInstance?: string } {
  const colon = instance.indexOf(":");
  const logicalSystem = instance.slice(0, colon);
  const routingInstance = instance.slice(colon + 1);
  return {
    logicalSystem: logicalSystem === "default" ? undefined : logicalSystem,
    routingInstance: routingInstance === "default" ? undefined : routingInstance,
  };
}

function isInstancePart(part: string): boolean {
  return part.length <= nameLengthMax && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part);
}
