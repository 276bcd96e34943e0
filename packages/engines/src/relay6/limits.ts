/** Everything of the DHCPv6 relay agent that can grow, and how far. */
export interface Relay6Limits {
  /** Exchanges of clients that wait for an answer, all instances together. Beyond, the oldest is forgotten: its answer is passed on, not learnt from. */
  readonly exchangesPendingMax: number;
  /** Exchanges of one client that are awaited at a time. Beyond, its oldest is forgotten. */
  readonly exchangesPerClientMax: number;
  /** How long the answer to a message is awaited. A repetition of the message begins it anew. */
  readonly exchangeLifetimeMs: number;
  /** Longer messages are dropped: no DHCP message on a network is that long. */
  readonly messageOctetsMax: number;
  /** Longer messages with what the relay agent adds are dropped: UDP over IPv6 carries 65,527 octets. */
  readonly forwardOctetsMax: number;
  /** IA options looked at in one message; the others are passed on unread. */
  readonly iasPerMessageMax: number;
  /** Addresses or prefixes looked at in one IA; the others are passed on unread. */
  readonly leasesPerIaMax: number;
  /** Options of the client that are kept with the binding. */
  readonly storedOptionsOctetsMax: number;
  /** Relay agent information kept with the binding. */
  readonly storedRelayOctetsMax: number;
  /** Source addresses whose octets are remembered. */
  readonly sourcesRememberedMax: number;
  /** Bindings under restore, all instances together. Beyond, client packets of the others are passed on. */
  readonly restoringMax: number;
  /** Of them, how many a prefix in a client's message is compared with. */
  readonly restoringComparedMax: number;
  /** Rows of the table looked at to find those of one client. */
  readonly rowsPerClientMax: number;
  /** Changes of the table that a step with a packet catches up with. */
  readonly tableChangesPerStepMax: number;
  /** Changes of the table that a step of a deadline catches up with: packets wait for it. */
  readonly tableChangesPerDeadlineMax: number;
  /** Exchanges and declined addresses that one step deals with when they are due. */
  readonly duePerStepMax: number;
  /** Routes of delegated prefixes, all instances together. Beyond, a prefix gets none. */
  readonly routesMax: number;
  /** How far ahead of our clock a stored transaction may lie and still win over the REPLY just seen. */
  readonly clockSkewSecondsMax: number;
  /** How long a declined address is kept as ABANDONED. */
  readonly declinedRetentionSeconds: number;
}

export const RELAY6_LIMITS_DEFAULT: Relay6Limits = {
  exchangesPendingMax: 65_536,
  exchangesPerClientMax: 4,
  exchangeLifetimeMs: 30_000,
  messageOctetsMax: 16_384,
  forwardOctetsMax: 32_768,
  iasPerMessageMax: 64,
  leasesPerIaMax: 32,
  storedOptionsOctetsMax: 1024,
  storedRelayOctetsMax: 8192,
  sourcesRememberedMax: 65_536,
  restoringMax: 65_536,
  restoringComparedMax: 256,
  rowsPerClientMax: 256,
  tableChangesPerStepMax: 256,
  tableChangesPerDeadlineMax: 1024,
  duePerStepMax: 1024,
  routesMax: 1_000_000,
  clockSkewSecondsMax: 60,
  declinedRetentionSeconds: 86_400,
};

/** UDP ports of clients, and of servers and relay agents (RFC 9915 §7.2). */
export const CLIENT_PORT = 546;
export const RELAY_PORT = 547;
