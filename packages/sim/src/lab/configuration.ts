import type { LabPlaces } from "./places.ts";
import { relayStatements } from "./relay-configuration.ts";
import { serverStatements } from "./server-configuration.ts";

/** `set` statements of the lab: the server in the logical system `core`, a relay agent in that of each gateway. */
export function labStatements(places: LabPlaces): string[] {
  return [...serverStatements(places), ...relayStatements(places)];
}
