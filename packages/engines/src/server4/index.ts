/**
 * The DHCPv4 local server (RFC 2131): leases addresses out of pools, through relays and to clients on its own links. No
 * I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs; one file for each message of a client; `select-address.ts` chooses,
 * `grant.ts` leases, `reply.ts` writes what is sent.
 */
export { nextServerDeadlineMs4 } from "./deadline.ts";
export * from "./limits.ts";
export type { Server4Input } from "./messages.ts";
export { type DropReason4, dropReasons4, explainReason4, type NoteName4, noteNames4 } from "./reasons.ts";
export { createServer4, type Server4State } from "./state.ts";
export { clearServerStatistics4, poolStatistics4, serverStatistics4 } from "./statistics.ts";
export { step4 } from "./step.ts";
