/**
 * Recovery: bulk runs and active streams of relays (RFC 6926, RFC 5460, RFC 7724, RFC 7653; relay side of the vendor's
 * feature). No I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs. A connection cuts its octets into messages where they lie (`frames.ts`); `read4.ts`
 * and `read6.ts` find the parts of a lease in them, `tell.ts` decides whether it is this relay's, `judge.ts` between it and
 * what is stored; `waiting.ts` keeps those whose access interface is not there yet. `runs.ts` and `streams.ts` are the two owners of connections.
 */
export { nextRecoveryDeadlineMs } from "./deadline.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export {
  explainRecoveryReason,
  type RecoveryDropReason,
  type RecoveryNoteName,
  recoveryDropReasons,
  recoveryNoteNames,
} from "./reasons.ts";
export { createRecovery, type RecoveryState, type Run as BulkRunRecord, type Stream as StreamRecord } from "./state.ts";
export { allRecoveryCounters, baseTimes, bulkConnectionStatistics } from "./statistics.ts";
export { stepRecovery } from "./step.ts";
export { viewBulkRun, viewStream } from "./view.ts";
export * from "./views.ts";
