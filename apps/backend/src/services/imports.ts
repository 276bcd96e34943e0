import type { Services } from "@leasewire/api";
import { refusal, value } from "./answer.ts";

/** Imports of this node. None can be started yet, so none is known. */
export function createImports(): Services["imports"] {
  const unknown = async () => refusal("NOT_FOUND", "There is no import with this id.", "id");
  return { list: async () => value([]), get: unknown, cancel: unknown };
}
