import type { InstanceSelector } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import type { Arguments } from "../parse.ts";

export function instanceSelector(given: Arguments): InstanceSelector {
  return {
    logicalSystem: given.get(parameters.logicalSystem),
    routingInstance: given.get(parameters.routingInstance),
  };
}
