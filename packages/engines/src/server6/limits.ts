/** Everything of the DHCPv6 server that can grow, and how far. */
export interface Server6Limits {
  /** Offers that nobody has taken up yet, all instances together. Beyond, a SOLICIT of a new client is dropped. */
  readonly offersPendingMax: number;
  /** How long an offered address or prefix is kept for the client. */
  readonly offerLifetimeMs: number;
  /** How long a declined address is left alone. */
  readonly declinedRetentionSeconds: number;
  /** IA options in one message; a message with more is dropped. */
  readonly iasPerMessageMax: number;
  /** Addresses or prefixes looked at in one IA; the others are ignored. */
  readonly leasesPerIaMax: number;
  /** Bindings looked at to find those of one client. */
  readonly rowsPerClientMax: number;
  /** Leases of one client on one server. Beyond, its further IAs get NoAddrsAvail or NoPrefixAvail. */
  readonly leasesPerClientMax: number;
  /** Longer messages are dropped: no DHCP message on a network is that long. */
  readonly requestOctetsMax: number;
  /** UDP payload of a reply. */
  readonly replyOctetsMax: number;
  /** Options of the client that are kept with the binding. */
  readonly storedOptionsOctetsMax: number;
  /** Relay agent information kept with the binding. */
  readonly storedRelayOctetsMax: number;
  /** Links whose pools are remembered. */
  readonly linksRememberedMax: number;
  /** Addresses of relays whose octets are remembered. */
  readonly sourcesRememberedMax: number;
  /**
   * Slots of a range that are kept in a bitmap: an address, or a prefix of the delegated length, is a slot. Of a larger range
   * (every address range of a whole /64) an address is drawn at random and looked up in the table instead.
   */
  readonly slotsPerRangeMax: number;
  /** Draws from such a range before it counts as full. */
  readonly drawsMax: number;
  /** Slots of a range with a bitmap that are looked at before it counts as full. */
  readonly slotVisitsMax: number;
  /** Free addresses looked at to find one that nobody held before. */
  readonly untouchedTriesMax: number;
  /** Changes of the table that one step catches up with. */
  readonly tableChangesPerStepMax: number;
  /** Offers, declined addresses and RECONFIGUREs that one step deals with when they are due. */
  readonly duePerStepMax: number;
  /** Clients being reconfigured at a time. */
  readonly reconfiguresMax: number;
}

export const SERVER6_LIMITS_DEFAULT: Server6Limits = {
  offersPendingMax: 65_536,
  // MAX_WAIT_TIME (RFC 9915 §7.6): longer nobody waits.
  offerLifetimeMs: 60_000,
  declinedRetentionSeconds: 86_400,
  iasPerMessageMax: 64,
  leasesPerIaMax: 32,
  rowsPerClientMax: 256,
  leasesPerClientMax: 64,
  requestOctetsMax: 16_384,
  replyOctetsMax: 16_384,
  storedOptionsOctetsMax: 1024,
  storedRelayOctetsMax: 8192,
  linksRememberedMax: 65_536,
  sourcesRememberedMax: 4096,
  slotsPerRangeMax: 2 ** 24,
  drawsMax: 64,
  slotVisitsMax: 1024,
  untouchedTriesMax: 8,
  tableChangesPerStepMax: 1024,
  duePerStepMax: 256,
  reconfiguresMax: 4096,
};

/** RFC 9915 §7.6. */
export const REC_TIMEOUT_MS = 2000;
export const REC_MAX_RC = 8;
export const IRT_DEFAULT_SECONDS = 86_400;
export const IRT_MINIMUM_SECONDS = 600;
