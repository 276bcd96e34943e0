import type { BindingDraft, BindingTable, Family, RowCursor } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../../random.ts";
import type { RequestorServer } from "../requestor/relay.ts";
import type { FrameCutter } from "./frames.ts";
import { Judge } from "./judge.ts";
import type { KnownOctets } from "./known-octets.ts";
import { RECOVERY_LIMITS_DEFAULT, type RecoveryLimits } from "./limits.ts";
import type { BulkRequest, RecoveryRelay } from "./messages.ts";
import { ReplyReader4 } from "./read4.ts";
import { ReplyReader6 } from "./read6.ts";
import type { Tally } from "./tally.ts";
import type { BulkRunState, BulkServerState, StreamEventView, StreamPhase } from "./views.ts";

/**
 * Bulk runs and active streams of all relays.
 *
 * Invariants:
 *   - Every connection has one owner: a server of a run, or a stream; it has one query on it at a time.
 *   - Connections of runs are never more than `requestedConnectionsMax`; those of streams are beside them, one a server.
 *   - A base-time is kept once everything told before it is stored, and never one told during catch-up.
 *   - Every connection, wait and run has a deadline; every collection is bounded by a field of `limits`.
 *   - Nothing that arrives is an exception.
 */
export interface RecoveryState {
  readonly limits: RecoveryLimits;
  readonly random: RandomSource;
  readonly tables: { readonly 4: BindingTable; readonly 6: BindingTable };
  readonly relays: Map<string, Relay>;
  /** Active and remembered, in order of start. */
  readonly runs: Map<string, Run>;
  /** Servers of runs that wait for a connection, in order. */
  readonly queue: RunServer[];
  readonly streams: Map<string, Stream>;
  readonly links: Map<number, Link>;
  /** Connections closed lately: what still arrives on them is counted as that of its relay. */
  readonly closedLinks: Map<number, { readonly relay: Relay; readonly answered: boolean }>;
  readonly ledgers: Map<string, Ledger>;
  readonly waiting: WaitingLease[];
  /** How many of `waiting` are of one address or prefix, by family, instance, octets and length. */
  readonly restoring: Map<string, number>;
  readonly counters: Map<string, Counters>;
  readonly durable: { 4: number; 6: number };
  readonly reader4: ReplyReader4;
  readonly reader6: ReplyReader6;
  readonly judge: Judge;
  /** Numbers of circuit-ids and relay-ids, over all relays. */
  readonly octetsKnown: { last: number };
  /** Messages of each type in one read. */
  readonly types: Uint32Array;
  /** Nothing is read, as the writer is behind. */
  held: boolean;
  requestedConnectionsMax: number;
  restored: boolean;
  linkLast: number;
  runLast: number;
}

export function createRecovery(options: {
  readonly tables: { readonly 4: BindingTable; readonly 6: BindingTable };
  readonly random: RandomSource;
  readonly limits?: Partial<RecoveryLimits>;
}): RecoveryState {
  const limits = { ...RECOVERY_LIMITS_DEFAULT, ...options.limits };
  return {
    limits,
    random: options.random,
    tables: options.tables,
    relays: new Map(),
    runs: new Map(),
    queue: [],
    streams: new Map(),
    links: new Map(),
    closedLinks: new Map(),
    ledgers: new Map(),
    waiting: [],
    restoring: new Map(),
    counters: new Map(),
    durable: { 4: 0, 6: 0 },
    reader4: new ReplyReader4(),
    reader6: new ReplyReader6(limits.leasesPerMessageMax),
    judge: new Judge(options.tables, limits),
    octetsKnown: { last: 0 },
    types: new Uint32Array(256),
    held: false,
    requestedConnectionsMax: 3,
    restored: false,
    linkLast: 0,
    runLast: 0,
  };
}

/** A relay as configured, with what is known of its circuit-ids. */
export interface Relay {
  readonly configured: RecoveryRelay;
  readonly family: Family;
  readonly instance: InstanceName;
  /** With client interfaces: a lease must name one. */
  readonly strict: boolean;
  readonly places: KnownOctets<Place>;
  readonly relayIds: KnownOctets<string>;
  /** Once anything was counted. */
  counters: Counters | undefined;
}

/** Where a circuit-id or interface-id lies. */
export interface Place {
  readonly interfaceName: string | undefined;
  /** The interface that must appear first, printable; null when none must. */
  readonly waitsFor: string | null;
  /** giaddr or link-address of the interface. */
  readonly linkAddress: Uint8Array | undefined;
}

/** Who tells of leases: a server of a run, or a stream. */
export interface Teller {
  readonly relay: Relay;
  /** Canonical text. */
  readonly address: string;
  readonly tally: Tally;
  readonly origin: "bulk" | "active";
  readonly cause: string;
  readonly run: Run | null;
  /** Our clock minus the server's, as far as it matters; null: not known. */
  clockOffsetSeconds: number | null;
}

export interface Run {
  readonly request: BulkRequest;
  readonly keyText: string;
  readonly startedAtMs: number;
  finishedAtMs: number | null;
  state: BulkRunState;
  outcome: string;
  readonly servers: RunServer[];
  readonly groups: Map<number, Group>;
  readonly leftOut: Group;
  groupsLeftOut: number;
  /** A bit for each row of the table that a server has told of. */
  told: Uint8Array;
  readonly sequenceAtStart: number;
  lastSequence: number;
  readonly expected: number | null;
  /** Whether what is not told is not there any more: a query for everything of the relay. */
  readonly isWhole: boolean;
  /** The walk that holds the table against what was told. */
  walk: RowCursor | null;
}

export interface Group {
  readonly relayId: Uint8Array | null;
  readonly interfaceName: string | null;
  expected: number;
  /** Told of, and held before. */
  expectedTold: number;
  recovered: number;
  stale: number;
}

export interface RunServer extends Teller {
  readonly kind: "server";
  readonly run: Run;
  readonly server: RequestorServer;
  state: BulkServerState;
  explanation: string;
  attempts: number;
  attemptsMax: number;
  nextAttemptAtMs: number | null;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  link: Link | null;
  xid: number;
  lastStatus: string | null;
  baseTimeSeconds: number | null;
  startTimeSeconds: number | null;
  readonly expected: number | null;
}

export interface Gap {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly why: string;
  readonly sinceMs: number;
  runId: string | null;
  healedAtMs: number | null;
  healedBy: string | null;
}

export interface Stream extends Teller {
  readonly kind: "stream";
  readonly key: string;
  readonly run: null;
  readonly server: RequestorServer;
  phase: StreamPhase;
  phaseSinceMs: number;
  explanation: string;
  link: Link | null;
  connectedAtMs: number | null;
  reconnectAtMs: number | null;
  reconnects: number;
  /** Connections in a row that failed. */
  failures: number;
  /** Connections in a row that ended without an answer to the active query, while there never was one. */
  refusals: number;
  /** The server has answered an active query: it has active leasequery. */
  hasAnswered: boolean;
  fallbackRunAtMs: number | null;
  fallbackRetryAtMs: number | null;
  fallbackRunId: string | null;
  /** The relay knows nothing of this server: everything first. */
  needsBulk: boolean;
  /** `query-start-time` of the active query under way. */
  catchUpFromSeconds: number | null;
  baseTimeSeconds: number | null;
  lastReceivedAtMs: number | null;
  keepalives: number;
  lastKeepaliveAtMs: number | null;
  /** Base-time last told, and when it came. */
  lastBaseTimeSeconds: number | null;
  dataMissing: number;
  catchUpComplete: number;
  lastStatus: string | null;
  readonly gaps: Gap[];
  readonly events: StreamEventView[];
}

/** `tls`: asked for. `handshake`: being agreed. `open`: a query is on it. */
export type LinkStage = "connecting" | "tls" | "handshake" | "open";

export interface Link {
  readonly id: number;
  readonly owner: RunServer | Stream;
  readonly frames: FrameCutter;
  stage: LinkStage;
  secure: boolean;
  sinceMs: number;
  lastReceivedAtMs: number;
  query: "none" | "bulk" | "active";
  xid: number;
  /** Messages that answered the query under way. */
  answered: number;
  /** Of the query under way; unix seconds, the server's clock; null before there was one. */
  firstBaseTimeSeconds: number | null;
  leases: number;
  faults: number;
  /** Cached from the first reply (RFC 6926 §7.3, RFC 5460 §5.2). */
  serverIdentifier: Uint8Array | undefined;
  paused: boolean;
}

/** The base-times of one server. */
export interface Ledger {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly server: string;
  durableSeconds: number | null;
  /** Not stored yet: valid once the table is durable up to `sequence`. Two at most: the one waited for, and the latest. */
  readonly pending: { seconds: number; sequence: number }[];
  /** Leases the server told in its last complete answer to a query for everything; null: none yet. */
  leasesLast: number | null;
}

export interface WaitingLease {
  readonly teller: Teller;
  readonly draft: BindingDraft;
  /** The interface, printable. */
  readonly interfaceText: string;
  retries: number;
  dueMs: number;
}

/** Counters of one relay (family and instance). */
export interface Counters {
  readonly family: Family;
  readonly instance: InstanceName;
  sinceMs: number;
  requested: number;
  attempted: number;
  connected: number;
  terminatedByServer: number;
  reachedMaxAttempts: number;
  closedDueToError: number;
  replyPacketRetries: number;
  replyMaxRetried: number;
  readonly drops: Map<string, number>;
  readonly notes: Map<string, number>;
  readonly received: Map<string, number>;
  readonly sent: Map<string, number>;
}
