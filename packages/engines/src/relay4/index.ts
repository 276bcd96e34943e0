/**
 * The DHCPv4 relay agent (RFC 1542 §4, RFC 2131, RFC 3046): passes messages between clients and servers and learns
 * bindings from them. No I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs; `on-request.ts` and `on-reply.ts` pass messages on, `learn.ts` makes
 * bindings of them, `follow-table.ts` keeps routes and counts in step with the table.
 */
export { circuitIndex4 } from "./configuration.ts";
export { nextRelayDeadlineMs4 } from "./deadline.ts";
export * from "./limits.ts";
export {
  explainRelayReason4,
  type RelayDropReason4,
  type RelayNoteName4,
  relayDropReasons4,
  relayNoteNames4,
} from "./reasons.ts";
export { createRelay4, type Relay4State } from "./state.ts";
export { clearRelayStatistics4, relayBindingStates4, relayStatistics4 } from "./statistics.ts";
export { stepRelay4 } from "./step.ts";
