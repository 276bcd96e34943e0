/**
 * The DHCPv6 relay agent (RFC 9915 §19): passes messages of clients and of other relay agents on to servers and answers back, and
 * learns bindings from what it passes on. No I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs, `receive.ts` the one over message types, `on-*.ts` one each; `head.ts` makes what goes in
 * front of a message, `exchanges.ts` remembers whose answer is awaited, `learn.ts` makes an answer changes of the table;
 * `follow-table.ts` learns what else happens to the table, `routes.ts` what follows from it.
 */
export { nextRelayDeadlineMs6 } from "./deadline.ts";
export { RELAY6_LIMITS_DEFAULT, type Relay6Limits } from "./limits.ts";
export type { Relay6Input, RelayArrival6 } from "./messages.ts";
export {
  explainRelayReason6,
  type RelayDropReason6,
  type RelayNoteName6,
  relayDropReasons6,
  relayNoteNames6,
} from "./reasons.ts";
export { createRelay6, type Relay6Options, type Relay6State } from "./state.ts";
export { clearRelayStatistics6, relayBindingStates6, relayStatistics6 } from "./statistics.ts";
export { stepRelay6 } from "./step.ts";
