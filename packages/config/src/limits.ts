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
  /** Addresses in the ranges of one DHCPv4 pool: a network of 8 bits. */
  poolAddressesMax: 16_777_216,
  /** Addresses in the ranges of all DHCPv4 pools of an instance. */
  instanceAddressesMax: 33_554_432,
  /** Octets of all options that a pool hands out: they go into one message. */
  poolOptionsOctetsMax: 1024,
  /** Findings reported for one text; the rest is counted. */
  findingsMax: 100,
} as const;
