/** The answering side of leasequery: what a server says of its bindings. */
export { ActiveAnswer } from "./active.ts";
export type { Answer } from "./answer.ts";
export type { Connection, ConnectionArrival, ConnectionStage } from "./connection.ts";
export * from "./connections.ts";
export * from "./from-configuration.ts";
export * from "./guard.ts";
export { FILL_BYTES_MIN, RESPONDER_LIMITS_DEFAULT, type ResponderLimits } from "./limits.ts";
export { QuickAnswers4 } from "./quick4.ts";
export { QuickAnswers6 } from "./quick6.ts";
export { type ConnectionReason, REASONS as CONNECTION_REASONS } from "./reasons.ts";
export { isRequestorAllowed } from "./requestors.ts";
export * from "./respond4.ts";
export * from "./respond6.ts";
export * from "./scopes.ts";
export * from "./views.ts";
