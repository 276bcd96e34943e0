/** Every bound on configuration text and trees. What exceeds one is refused with a finding that names it. */
export const LIMITS = {
  /** UTF-8 octets of one text, and of the whole configuration printed as set statements. */
  textBytesMax: 1_048_576,
  /** Statements in one text, and set statements a whole configuration prints as. */
  statementsMax: 50_000,
  /** Characters of one line. */
  lineLengthMax: 4096,
  /** Words of one statement. */
  wordsMax: 256,
  /** Nested blocks of curly-brace text. */
  depthMax: 40,
  /** Characters of a name: interface, group, server group, instance, pool. */
  nameLengthMax: 63,
  /** Characters of a description or another free text. */
  valueLengthMax: 900,
  /** Findings reported for one text; the rest is counted. */
  findingsMax: 100,
} as const;
