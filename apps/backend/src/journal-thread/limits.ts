/** Everything of the journal thread that can grow, and how far. */
export const journalLimits = {
  /** Changes taken to the tables in one transaction. The more, the fewer pages each costs, and the longer others wait. */
  changesPerSettleMax: 16_384,
  /** Between the beginnings of two such transactions, unless more than `changesPerSettleMax` wait or somebody asks. */
  settlePeriodMs: 500,
  /** Changes that are not in the tables yet; while there are more, replies wait. */
  unsettledMax: 131_072,
  /** Between tries while the tables refuse. */
  retryMsMin: 250,
  retryMsMax: 10_000,
} as const;

export type JournalLimits = { readonly [Name in keyof typeof journalLimits]: number };
