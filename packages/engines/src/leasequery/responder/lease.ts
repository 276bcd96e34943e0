import { BINDING_ORIGINS, BindingState, EXPIRES_NEVER, type RowView } from "@leasewire/bindings";

/** Whether the lease still holds: the table may not have moved an overdue one to EXPIRED yet. */
export function isLeased({ state, expiresAtSeconds }: RowView, nowSeconds: number): boolean {
  return state === BindingState.ACTIVE && (expiresAtSeconds === 0 || expiresAtSeconds > nowSeconds);
}

/** The state as it is told: an overdue lease has expired, though the table has not moved it yet. */
export function stateTold(view: RowView, nowSeconds: number): number {
  return view.state === BindingState.ACTIVE && !isLeased(view, nowSeconds) ? BindingState.EXPIRED : view.state;
}

/** When the state that is told began; 0 = not known. */
export function startOfStateTold(view: RowView, nowSeconds: number): number {
  return view.state === BindingState.ACTIVE && !isLeased(view, nowSeconds)
    ? view.expiresAtSeconds
    : view.startTimeOfStateSeconds;
}

/** What remains until a moment: infinite stays infinite (it is not counted down), a moment that has passed is 0. */
export function remainingSeconds(momentSeconds: number, nowSeconds: number): number {
  if (momentSeconds === EXPIRES_NEVER) return EXPIRES_NEVER;
  return momentSeconds > nowSeconds ? momentSeconds - nowSeconds : 0;
}

/** Bit n: bindings of origin n (see `BINDING_ORIGINS`) are told. */
export function originsTold(origins: "own" | "all" | undefined): number {
  return origins === "own"
    ? (1 << BINDING_ORIGINS.indexOf("server")) | (1 << BINDING_ORIGINS.indexOf("import"))
    : (1 << BINDING_ORIGINS.length) - 1;
}

/** Changes the bindings of which a query asks for: by their client or of their state (RFC 6926 §8.2), both ends included. */
export interface TimeWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export function isInWindow(view: RowView, window: TimeWindow, nowSeconds: number): boolean {
  const { startSeconds, endSeconds } = window;
  const transaction = view.clientLastTransactionTimeSeconds;
  if (transaction !== 0 && transaction >= startSeconds && transaction <= endSeconds) return true;
  const state = startOfStateTold(view, nowSeconds);
  return state !== 0 && state >= startSeconds && state <= endSeconds;
}
