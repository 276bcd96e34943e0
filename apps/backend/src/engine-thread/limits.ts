/** Everything of the engine thread that can grow, and how far. */
export const engineThreadLimits = {
  /** Bindings asked of the database in one page while restoring. */
  restorePageRows: 2000,
  /** Changes of one family in one write to the database. */
  changesPerWriteMax: 1024,
  /** Rows passed between two packets while the place is looked for where changes are missing in the database. */
  catchUpSeekRowsMax: 65_536,
  /** Writes that are sent to the database and not answered. */
  changeWritesUnderWayMax: 2,
  /** Replies of a family that wait for the database before they may leave. */
  promisesWaitingMax: 65_536,
  /** How often the addresses of the machine's interfaces are looked at. */
  localAddressesPeriodMs: 5000,
  /** Finished runs that wait for the database; the oldest is given up first. */
  runsUnwrittenMax: 1000,
  /** Between tries while the database refuses. */
  storageRetryMsMin: 250,
  storageRetryMsMax: 10_000,
  /** A database that hangs holds the end of the program up no longer than this. */
  flushMsMax: 10_000,
  /** Orders of the binding list that are remembered, and for how long after their last use. */
  viewsMax: 32,
  viewLifetimeMs: 300_000,
  /** Lists that may be worked out at a time; further ones are refused. */
  listsConcurrentMax: 64,
  /** Bindings that expire or are swept between two packets. */
  expiryRowsPerSlice: 512,
  expiryPeriodMs: 1000,
  /** Bindings cleared between two packets. */
  clearRowsPerSlice: 256,
  /** Leases looked at between two packets while all clients are reconfigured; each may cost two HMACs. */
  reconfigureRowsPerSlice: 64,
  /** Imports at a time; a further one is refused. */
  importsMax: 4,
  /** Rows of a file put between two packets. */
  importRowsPerSlice: 128,
  /** An import waits while more changes than this wait for the database: well below what the change log holds. */
  importBehindMax: 16_384,
  /** Rows of the table looked at for one piece of an export. */
  exportRowsPerSlice: 512,
  /** Routes that wait for the process that takes them. */
  routesWaitingMax: 65_536,
  /** Between the end of that process and the next one. */
  routesRestartMs: 1000,
  /** It may take this long to finish when the program ends. */
  routesCloseMsMax: 2000,
  /**
   * While more changes than this wait for the database, nothing is read from servers. Memory does not grow by them: what
   * has left the change log is written from the table. Large enough that a relay has a million bindings back at once.
   */
  recoveryBehindMax: 1_500_000,
  /** Bindings are not removed while more changes than this wait: a removal that has left the change log would be lost. */
  removalsBehindMax: 65_536,
  /** Runs that the engine has forgotten and of which is still known when they were told, before that is cleaned up. */
  runsForgottenSlack: 256,
  /** Between writes of base-times. */
  baseTimePeriodMs: 1000,
  /** Lines of a look-up that are answered between two packets. */
  lookupLinesPerSlice: 256,
  /** Bindings of a relay forgotten between two packets. */
  forgetRowsPerSlice: 1024,
  /** Events of one run are at least this far apart. */
  runEventPeriodMs: 50,
} as const;

/** Gives packets, timers and other calls their turn. */
export function yieldToPackets(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
