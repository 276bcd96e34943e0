import type { LabPlaces } from "./places.ts";
import { relayStatements } from "./relay-configuration.ts";
import { serverStatements } from "./server-configuration.ts";

const service = "set system processes dhcp-service";
/**
 * Both ends of every connection are on this node: four streams, beside them bulk runs. An answer about a client of the other
 * gateway names an interface that this one will never have.
 */
const limits = [
  `${service} accept-max-tcp-connections 20`,
  `${service} request-max-tcp-connections 10`,
  `${service} max-leasequery-reply-packet-retries 1`,
  `${service} leasequery-reply-packet-retry-timer 1`,
];

/** `set` statements of the lab: the server in the logical system `core`, a relay agent in that of each gateway. */
export function labStatements(places: LabPlaces): string[] {
  return [...limits, ...serverStatements(places), ...relayStatements(places)];
}
