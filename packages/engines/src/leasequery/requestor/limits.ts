/** Everything of the requestor that can grow, and how far. */
export interface RequestorLimits {
  /** Runs that are not finished yet. A further one is refused. */
  readonly runsActiveMax: number;
  /** Finished runs kept to be shown; the oldest is forgotten first. */
  readonly runsRememberedMax: number;
  /** Queries waiting for an answer, all runs together. */
  readonly queriesInFlightMax: number;
  /** Servers one run asks. */
  readonly serversPerRunMax: number;
  /** Links of an OPTION_LQ_CLIENT_LINK answer that are asked one by one, for each server of a run. */
  readonly linksPerRunMax: number;
  /** Further addresses of an associated-ip answer that are asked one by one, for each server of a run. */
  readonly associatedAddressesPerRunMax: number;
  /** Bindings one answer may bring. */
  readonly bindingsPerReplyMax: number;
  /** Messages kept for the display of one run, and their octets. */
  readonly exchangesPerRunMax: number;
  readonly exchangeBytesPerRunMax: number;
  /** Answered or given-up transaction ids remembered, so that a late or doubled answer is told from a stray one. */
  readonly pastQueriesMax: number;
  readonly pastQueryLifetimeMs: number;
  /** Answers that wait for their access interface. */
  readonly repliesWaitingMax: number;
  /** After one server confirmed the lease, how long the other servers of the run may still answer. */
  readonly otherServersGraceMs: number;
  /** Times told as "seconds ago" or "seconds left" wobble by the transit time: below this they count as equal. */
  readonly timeToleranceSeconds: number;
  /** Distinct names of counters, for each relay. */
  readonly counterNamesMax: number;
}

export const REQUESTOR_LIMITS_DEFAULT: RequestorLimits = {
  runsActiveMax: 64,
  runsRememberedMax: 200,
  queriesInFlightMax: 2048,
  serversPerRunMax: 256,
  linksPerRunMax: 32,
  associatedAddressesPerRunMax: 32,
  bindingsPerReplyMax: 256,
  exchangesPerRunMax: 400,
  exchangeBytesPerRunMax: 262_144,
  pastQueriesMax: 8192,
  pastQueryLifetimeMs: 300_000,
  repliesWaitingMax: 256,
  otherServersGraceMs: 2000,
  timeToleranceSeconds: 2,
  counterNamesMax: 128,
};
