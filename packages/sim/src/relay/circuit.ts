/** Where a client is attached, as its relay tells. */
export interface AccessCircuit {
  /** Option 82 sub-option 1, DHCPv6 Interface-ID. */
  readonly circuitId?: Uint8Array | undefined;
  /** Option 82 sub-option 2; in DHCPv6 the data of the Remote-ID option: enterprise number and what follows it. */
  readonly remoteId?: Uint8Array | undefined;
}
