/**
 * The DHCPv6 server (RFC 9915): gives out addresses and prefixes, through relays and to clients attached directly. No I/O, no
 * clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs; `receive.ts` validates messages and holds the switch over their types, `on-*.ts` one
 * each; `select-lease.ts` decides what a client gets, `grant.ts` makes it a change of the table; `follow-table.ts` learns what
 * else happens to the table.
 */
export { nextServerDeadlineMs6 } from "./deadline.ts";
export { SERVER6_LIMITS_DEFAULT, type Server6Limits } from "./limits.ts";
export type {
  ReconfigureAnswer,
  ReconfigureRefusal,
  ReconfigureRequest,
  Server6Input,
  Server6Output,
} from "./messages.ts";
export { type DropReason6, dropReasons6, explainReason6, type NoteName6, noteNames6 } from "./reasons.ts";
export { createServer6, type HmacMd5, type Server6Options, type Server6State } from "./state.ts";
export { clearServerStatistics6, poolStatistics6, serverStatistics6 } from "./statistics.ts";
export { step6 } from "./step.ts";
