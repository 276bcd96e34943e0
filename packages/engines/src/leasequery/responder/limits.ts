/** Everything that can grow in the answering side, and how far. */
export interface ResponderLimits {
  /** Whole queries that wait on one connection while others are answered; the rest stays unread. */
  readonly queriesWaitingMax: number;
  /** Queries answered at a time on one connection where the configuration says nothing. */
  readonly queriesParallelMax: number;
  /** Connections of all families and instances where the configuration says nothing. */
  readonly connectionsMax: number;
  /** Requestors the storm guard knows of; the one not heard of for longest makes room. */
  readonly requestorsMax: number;
}

export const RESPONDER_LIMITS_DEFAULT: ResponderLimits = {
  queriesWaitingMax: 64,
  queriesParallelMax: 4,
  connectionsMax: 100,
  requestorsMax: 10_000,
};

/** What `fill` needs at least: any frame fits, and some beside it. */
export const FILL_BYTES_MIN = 131_072;

/** A server without `allow-bulk-leasequery` has no timeout of its own. */
export const TIMEOUT_SECONDS_DEFAULT = 120;

/** ACTIVE_LQ_IDLE_TIMEOUT (RFC 7724 §5.3, RFC 7653 §6.4): no requestor waits longer for a sign of life. */
export const KEEPALIVE_SECONDS_MAX = 60;
