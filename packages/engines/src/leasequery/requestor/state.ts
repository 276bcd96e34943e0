import type { BindingInput, Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../../random.ts";
import { REQUESTOR_LIMITS_DEFAULT, type RequestorLimits } from "./limits.ts";
import type { KeyKind, Question } from "./question.ts";
import type { DropReason } from "./reasons.ts";
import type { RequestorRelay } from "./relay.ts";

/** What the engine reads of the binding tables. It never writes there: changes are handed out. */
export interface BindingReader {
  /** The binding of exactly this address or prefix. */
  binding(family: Family, instance: InstanceName, address: Uint8Array, prefixLength: number): BindingInput | undefined;
  /** All bindings of a client of an instance, by DHCPv6 DUID or DHCPv4 client identifier. */
  bindingsOfClient(family: Family, instance: InstanceName, clientId: Uint8Array): Iterable<BindingInput>;
}

/**
 * The individual requestors of all relays: everything that is asked, and what became of it.
 *
 * Invariants:
 *   - `queries` holds exactly the pending queries of `runs`, by transaction id; no two share one (they are unique over
 *     all relays and both families).
 *   - Every pending query has a deadline, so every run ends.
 *   - Every collection is bounded by a field of `limits`, whatever arrives.
 *   - A lease is recorded only from an answer to an outstanding query of the server it was sent to.
 */
export interface RequestorState {
  readonly limits: RequestorLimits;
  readonly random: RandomSource;
  readonly bindings: BindingReader;
  readonly relays: Map<string, RequestorRelay>;
  /** Active and remembered, in order of start. */
  readonly runs: Map<string, Run>;
  readonly queries: Map<number, Query>;
  /** Ended queries by transaction id, oldest first. */
  readonly pastQueries: Map<number, PastQuery>;
  readonly waiting: WaitingReply[];
  readonly counters: Map<string, RelayCounters>;
}

export function createRequestor(options: {
  readonly random: RandomSource;
  readonly bindings: BindingReader;
  readonly limits?: Partial<RequestorLimits>;
}): RequestorState {
  return {
    limits: { ...REQUESTOR_LIMITS_DEFAULT, ...options.limits },
    random: options.random,
    bindings: options.bindings,
    relays: new Map(),
    runs: new Map(),
    queries: new Map(),
    pastQueries: new Map(),
    waiting: [],
    counters: new Map(),
  };
}

export type RunState = "running" | "confirmed" | "unconfirmed" | "failed" | "cancelled";

export type ServerState =
  | "querying"
  | "confirmed"
  | "unconfirmed"
  | "refused"
  | "dropped"
  | "silent"
  | "error"
  | "cancelled";

/** How a query ended. `followed`: the answer only said what else to ask. */
export type QueryState = "pending" | "waiting" | "followed" | Exclude<ServerState, "querying">;

export interface Run {
  readonly id: string;
  readonly family: Family;
  readonly keyKind: KeyKind;
  readonly key: string;
  readonly gatewayAddress: string | null;
  readonly linkAddress: string | null;
  readonly command: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  finishedAtMs: number | null;
  state: RunState;
  outcome: string;
  readonly servers: RunServer[];
  /** Identities of the bindings that answers recorded. */
  readonly bindingIds: Set<string>;
  readonly exchanges: Exchange[];
  exchangeBytes: number;
  exchangesLeftOut: number;
  confirmedAtMs: number | null;
  confirmedBy: string | null;
  /** Answers that say "not leased": applied only once no server of the run confirms the lease. */
  readonly endings: Ending[];
}

export interface RunServer {
  readonly run: Run;
  readonly relay: RequestorRelay;
  readonly address: string;
  readonly port: number;
  readonly group: string | null;
  /** The first one is the operator's question, the others follow from its answer. */
  readonly queries: Query[];
  confirmedReplies: number;
  unconfirmedReplies: number;
}

export interface Query {
  readonly xid: number;
  readonly server: RunServer;
  readonly question: Question;
  /** For a query that follows from an answer: what it is about, such as `link 2001:db8::`. */
  readonly label: string | null;
  readonly message: Uint8Array;
  state: QueryState;
  attempts: number;
  readonly attemptsMax: number;
  intervalMs: number;
  /** When it is sent again or given up; null once it is not pending. */
  deadlineMs: number | null;
  sentAtMs: number;
  roundTripMs: number | null;
  explanation: string;
  /** The last answer to it that broke a rule. */
  dropped: { readonly reason: DropReason; readonly text: string } | null;
  /** What the operating system said when it was last sent; null when it took it. */
  sendError: string | null;
}

export interface PastQuery {
  readonly instance: InstanceName;
  readonly family: Family;
  readonly server: string;
  readonly answered: boolean;
  readonly runId: string;
  readonly endedAtMs: number;
}

/** A lease that names an access interface which is not configured (yet). */
export interface WaitingReply {
  readonly query: Query;
  readonly leases: readonly BindingInput[];
  /** What the server said about the interface, printable. */
  readonly circuit: string;
  retries: number;
  dueMs: number;
}

export interface Ending {
  readonly query: Query;
  readonly binding: BindingInput;
}

export interface Exchange {
  readonly atMs: number;
  readonly direction: "sent" | "received";
  readonly instance: InstanceName;
  /** `ADDRESS#PORT`. */
  readonly peer: string;
  readonly message: string;
  readonly xid: string;
  readonly bytes: Uint8Array;
  readonly dropReason: string | null;
  readonly dropExplanation: string | null;
}

/** Counters of one relay (family and instance). */
export interface RelayCounters {
  readonly family: Family;
  readonly instance: InstanceName;
  sinceMs: number;
  leasequerySinceMs: number;
  totalQueries: number;
  totalAttempts: number;
  replyPacketRetries: number;
  repliesGivenUp: number;
  readonly drops: Map<string, number>;
  readonly notes: Map<string, number>;
  readonly received: Map<string, number>;
  readonly sent: Map<string, number>;
}
