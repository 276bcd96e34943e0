/** Everything a lease file can make grow, and how far. */
export const leaseFileLimits = {
  /** One line of a CSV file. */
  lineOctetsMax: 65_536,
  /** One `lease`, `ia-na`, … of a dhcpd file, from its first word to its closing brace. */
  statementOctetsMax: 65_536,
  columnsMax: 128,
  /** Octets of one value once decoded. */
  valueOctetsMax: 16_384,
  /** All variable values of one binding together: the table takes no more than 30,000 (`recordBytesMax`). */
  recordOctetsMax: 24_000,
  /** Option 61 and DUIDs (RFC 9915 §11.1 allows 130; older ones may be longer). */
  clientIdOctetsMax: 255,
  /** chaddr has room for 16 octets (RFC 2131 §2). */
  hardwareAddressOctetsMax: 16,
  /** RELAY-FORWs inside one another (RFC 9915 §7.6, HOP_COUNT_LIMIT). */
  relaysMax: 32,
  /** Characters of a refused row that are repeated to the person. */
  refusedTextLengthMax: 120,
} as const;
