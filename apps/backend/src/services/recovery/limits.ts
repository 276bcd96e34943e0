/** Everything about recovery on the main thread that can grow, and how far. */
export const recoveryServiceLimits = {
  /** Finished runs that wait for the database; the oldest is given up first. */
  runsUnwrittenMax: 1000,
  /** Events of streams that wait for the database; the oldest are given up first. */
  eventsUnwrittenMax: 10_000,
  /** Events written at a time. */
  eventsPerWriteMax: 500,
  /** Runs of which is remembered that they are stored, beyond those the engine has. */
  storedRememberedMax: 2000,
  /** How long the history of streams is kept. */
  eventsRetentionMs: 8 * 86_400_000,
  eventsForgetPeriodMs: 3_600_000,
  /** Between tries while the database refuses. */
  retryMs: 2000,
  templatesMax: 200,
  /** Leasequeries of one look-up that are under way at a time. */
  lookupQueriesParallelMax: 8,
  /** How long a look-up waits for the servers; then its queries are cancelled. */
  lookupAskMsMax: 60_000,
  lookupPollMs: 50,
} as const;
