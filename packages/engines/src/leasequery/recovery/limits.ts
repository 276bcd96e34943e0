/** Everything of recovery that can grow, and how far. */
export interface RecoveryLimits {
  /** Bulk runs that are not finished. A further one is refused. */
  readonly runsActiveMax: number;
  /** Finished runs kept to be shown; the oldest is forgotten first. */
  readonly runsRememberedMax: number;
  /** Servers one run asks. */
  readonly serversPerRunMax: number;
  /** Groups (relay-id and interface) counted one by one in a run; what is beyond is counted together. */
  readonly groupsPerRunMax: number;
  /** Different circuit-ids or interface-ids of which is known at a time what interface they name, for each relay. */
  readonly placesMax: number;
  /** Leases whose access interface is not there yet, all runs and streams together. */
  readonly leasesWaitingMax: number;
  /** Messages of one kind that break a rule, on one connection, before it is closed. */
  readonly faultsPerConnectionMax: number;
  /** Leases of one client that one message may tell. */
  readonly leasesPerMessageMax: number;
  /** Octets of one message; a frame that announces more closes the connection. */
  readonly messageOctetsMax: number;
  /** Lease messages in one bulk answer: a server that never ends is cut off there. */
  readonly messagesPerAnswerMax: number;
  /** Gaps kept of one stream, and events of its history. */
  readonly gapsPerStreamMax: number;
  readonly eventsPerStreamMax: number;
  /** How long a connection may take to be established, TLS included. */
  readonly connectTimeoutMs: number;
  /** BULK_LQ_DATA_TIMEOUT (RFC 6926 §6.3, RFC 5460 §6.3): no octet for so long ends the connection. */
  readonly dataTimeoutMs: number;
  /** ACTIVE_LQ_RCV_TIMEOUT (RFC 7724 §5.3, RFC 7653 §6.4): the least that is waited for a sign of life. */
  readonly streamSilenceMsMin: number;
  /** Reconnecting a stream: first wait, then twice as long each time, up to the last. */
  readonly reconnectFirstMs: number;
  readonly reconnectLastMs: number;
  /** Connections in a row that end without an answer to the active query, before the server counts as one without. */
  readonly activeRefusalsMax: number;
  /** Fallback: time from one incremental bulk run to the next, and until active is tried again. */
  readonly fallbackBulkMs: number;
  readonly fallbackRetryMs: number;
  /** Times told as "seconds ago" or "seconds left" wobble by the transit: below this they count as equal. */
  readonly timeToleranceSeconds: number;
  /** Rows looked at in one step when a finished run is held against the table. */
  readonly rowsPerStepMax: number;
  readonly counterNamesMax: number;
  readonly baseTimesMax: number;
}

export const RECOVERY_LIMITS_DEFAULT: RecoveryLimits = {
  runsActiveMax: 64,
  runsRememberedMax: 200,
  serversPerRunMax: 256,
  groupsPerRunMax: 4096,
  placesMax: 16_384,
  leasesWaitingMax: 4096,
  faultsPerConnectionMax: 1000,
  leasesPerMessageMax: 2048,
  messageOctetsMax: 65_535,
  messagesPerAnswerMax: 50_000_000,
  gapsPerStreamMax: 100,
  eventsPerStreamMax: 200,
  connectTimeoutMs: 30_000,
  dataTimeoutMs: 300_000,
  streamSilenceMsMin: 120_000,
  reconnectFirstMs: 1_000,
  reconnectLastMs: 60_000,
  activeRefusalsMax: 2,
  fallbackBulkMs: 300_000,
  fallbackRetryMs: 3_600_000,
  timeToleranceSeconds: 2,
  rowsPerStepMax: 20_000,
  counterNamesMax: 128,
  baseTimesMax: 65_536,
};
