/**
 * The individual leasequery requestor (RFC 4388, RFC 5007; relay side of the vendor's feature): asks servers for one
 * client or address and decides what becomes of the answers. No I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs; one file for each input; `reply4.ts` and `reply6.ts` judge answers;
 * `record.ts` decides between an answer and what is stored.
 */
export { nextDeadlineMs } from "./deadline.ts";
export { optionRequest6, parameterRequestList4 } from "./encode-question.ts";
export * from "./limits.ts";
export type * from "./messages.ts";
export type { KeyKind } from "./question.ts";
export { type DropReason, dropReasons, explainReason, type NoteName, noteNames } from "./reasons.ts";
export { interfaceOf, type RequestorRelay, type RequestorServer, relayKey } from "./relay.ts";
export { exchangesOf, type RunServerView, type RunView, viewRun } from "./run-view.ts";
export { retransmissionIntervalMs } from "./schedule.ts";
export {
  type BindingReader,
  createRequestor,
  type Exchange,
  type RequestorState,
  type Run,
  type RunState,
  type ServerState,
} from "./state.ts";
export {
  allCounters,
  type CounterView,
  type InstanceSelector,
  type LeasequeryStatisticsView,
  leasequeryStatistics,
  type RelayStatisticsView,
  relayStatistics,
} from "./statistics.ts";
export { step } from "./step.ts";
