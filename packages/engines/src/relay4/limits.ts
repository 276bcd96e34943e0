/** Everything of the DHCPv4 relay agent that can grow, and how far. */
export interface Relay4Limits {
  /** Exchanges between clients and servers under way, all instances together. Beyond, the oldest is forgotten. */
  readonly exchangesPendingMax: number;
  /** How long an exchange waits for its next message. */
  readonly exchangeLifetimeMs: number;
  /** Longer messages are dropped: no DHCP message on a network is that long. At most 65535. */
  readonly messageOctetsMax: number;
  /** UDP payload up to which option 82 is added: what an Ethernet frame carries unfragmented (RFC 3046 §2.1). */
  readonly forwardedOctetsMax: number;
  /** A client identifier that is longer is forwarded, and not kept. */
  readonly clientIdentifierOctetsMax: number;
  /** Options of the client that are kept with the binding. */
  readonly storedOptionsOctetsMax: number;
  /** Addresses whose bindings are being restored, for each instance. Beyond, packets for them are not held back. */
  readonly restoringMax: number;
  /** Bindings looked at to find whether a client has one. */
  readonly rowsPerClientMax: number;
  /** How far ahead of our clock a stored transaction may lie and still win over the exchange just seen. */
  readonly clockSkewSecondsMax: number;
  /** Access interfaces whose clients are counted. */
  readonly countedInterfacesMax: number;
  /** Changes of the table that one step catches up with, for routes and for client limits. */
  readonly tableChangesPerStepMax: number;
  /** Exchanges that one step ends for want of an answer. */
  readonly duePerStepMax: number;
}

export const RELAY4_LIMITS_DEFAULT: Relay4Limits = {
  exchangesPendingMax: 65_536,
  exchangeLifetimeMs: 60_000,
  messageOctetsMax: 4096,
  forwardedOctetsMax: 1472,
  clientIdentifierOctetsMax: 255,
  storedOptionsOctetsMax: 1024,
  restoringMax: 1_000_000,
  rowsPerClientMax: 64,
  clockSkewSecondsMax: 60,
  countedInterfacesMax: 65_535,
  tableChangesPerStepMax: 1024,
  duePerStepMax: 256,
};
