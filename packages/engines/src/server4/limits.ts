/** Everything of the DHCPv4 server that can grow, and how far. */
export interface Server4Limits {
  /** Offers that nobody has taken up yet, all instances together. Beyond, a DISCOVER of a new client is dropped. */
  readonly offersPendingMax: number;
  /** How long an offered address is kept for the client. */
  readonly offerLifetimeMs: number;
  /** Addresses being probed at a time. Beyond, an address is offered without a probe. */
  readonly probesPendingMax: number;
  /** Addresses tried for one DISCOVER when probes find them in use. */
  readonly probesPerDiscoverMax: number;
  /** How long after the end of its time the result of a probe may still come; then the address counts as not in use. */
  readonly probeGraceMs: number;
  /** How long an address that was found in use is left alone, unless its pool runs dry. */
  readonly abandonedRetentionSeconds: number;
  /** A client that asks for a shorter lease gets this, or the pool's lease time where that is shorter. */
  readonly leaseSecondsMin: number;
  /** Longer messages are dropped: no DHCP message on a network is that long. */
  readonly requestOctetsMax: number;
  readonly clientIdentifierOctetsMax: number;
  /** UDP payload of a reply: what an Ethernet frame carries unfragmented. */
  readonly replyOctetsMax: number;
  /** Options of the client that are kept with the binding. */
  readonly storedOptionsOctetsMax: number;
  /** Bindings looked at to find those of one client on one link. */
  readonly rowsPerClientMax: number;
  /** Links whose pools are remembered. */
  readonly linksRememberedMax: number;
  /** Addresses in the ranges of all pools of an instance. What lies beyond is not given out. */
  readonly poolAddressesMax: number;
  /** Changes of the table by others that one step catches up with. */
  readonly tableChangesPerStepMax: number;
  /** Offers, probes and abandoned addresses that one step ends. */
  readonly duePerStepMax: number;
}

export const SERVER4_LIMITS_DEFAULT: Server4Limits = {
  offersPendingMax: 65_536,
  offerLifetimeMs: 60_000,
  probesPendingMax: 4096,
  probesPerDiscoverMax: 4,
  probeGraceMs: 1000,
  abandonedRetentionSeconds: 86_400,
  leaseSecondsMin: 30,
  requestOctetsMax: 4096,
  clientIdentifierOctetsMax: 255,
  replyOctetsMax: 1472,
  storedOptionsOctetsMax: 1024,
  rowsPerClientMax: 64,
  linksRememberedMax: 65_536,
  poolAddressesMax: 2 ** 25,
  tableChangesPerStepMax: 1024,
  duePerStepMax: 256,
};
