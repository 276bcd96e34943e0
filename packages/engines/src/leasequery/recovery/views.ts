import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { BulkCause, BulkKey } from "./messages.ts";

export type BulkRunState =
  /** No connection is free: it waits for its turn. */
  | "queued"
  | "running"
  | "paused"
  /** Every server has told everything. */
  | "complete"
  /** Some have. */
  | "partial"
  | "failed"
  | "cancelled";

export type BulkServerState =
  /** No connection is free. */
  | "queued"
  | "connecting"
  | "receiving"
  | "paused"
  /** Its next attempt is due at `nextAttemptAtMs`. */
  | "waiting"
  | "complete"
  /** It refuses the query: asking again would bring the same. */
  | "refused"
  | "failed"
  | "cancelled";

/** One server of a run, copied out. */
export interface BulkServer {
  readonly instance: InstanceName;
  readonly address: string;
  readonly port: number;
  readonly group: string | null;
  readonly state: BulkServerState;
  /** In plain words. */
  readonly explanation: string;
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly nextAttemptAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Leases told, in all attempts. */
  readonly received: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  /** Leases of other relays and addresses nobody holds, which this relay does not keep. */
  readonly notKept: number;
  readonly refused: readonly { readonly reason: string; readonly count: number; readonly explanation: string }[];
  /** Leases that wait for their interface. */
  readonly waiting: number;
  /** Leases a second over the last seconds; 0 when it does not receive. */
  readonly ratePerSecond: number;
  /** When it will be through; null where no total is known. */
  readonly etaMs: number | null;
  readonly expected: number | null;
  /** As the server wrote it: name and text. */
  readonly lastStatus: string | null;
  /** Unix seconds, the server's clock. */
  readonly baseTimeSeconds: number | null;
  /** Only what changed since was asked for; unix seconds, the server's clock. */
  readonly startTimeSeconds: number | null;
  /** Our clock minus the server's. */
  readonly clockOffsetSeconds: number | null;
}

/** A bulk run, copied out: plain data, it does not change when the run does. */
export interface BulkRun {
  readonly id: string;
  readonly family: Family;
  readonly keyKind: BulkKey["kind"];
  /** Printable; empty for all configured addresses. */
  readonly key: string;
  readonly linkAddress: string | null;
  readonly queryStartTimeSeconds: number | null;
  readonly queryEndTimeSeconds: number | null;
  readonly incremental: boolean;
  readonly command: string;
  readonly startedBy: string;
  readonly cause: BulkCause;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly state: BulkRunState;
  /** In plain words. */
  readonly outcome: string;
  /** Bindings the table held at the start, or the run compared with; null where that says nothing about this query. */
  readonly expected: number | null;
  readonly received: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  readonly refused: number;
  readonly servers: readonly BulkServer[];
  readonly groups: readonly BulkGroup[];
  /** Groups beyond the limit, counted together in the group without names. */
  readonly groupsLeftOut: number;
  /** Everything below is decided: the run is stored once the table is durable up to here. */
  readonly lastSequence: number;
}

/** What a run brought for one relay-id and access interface. */
export interface BulkGroup {
  /** Hex; null: leases without one. */
  readonly relayId: string | null;
  readonly interfaceName: string | null;
  /** The table held them ACTIVE before. */
  readonly expected: number;
  /** Told ACTIVE by a server of the run. */
  readonly recovered: number;
  /** Expected and not told so far; after a complete run they are `stale` instead. */
  readonly missing: number;
  /** In the table, ACTIVE, and not told by any server of the completed run; null where the run cannot know. */
  readonly stale: number | null;
}

export type StreamPhase = "Idle" | "Connecting" | "Connected" | "Bulk" | "Catch-up" | "Active" | "Fallback";

export interface StreamGap {
  /** Unix seconds, the server's clock. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly why: string;
  readonly sinceMs: number;
  /** Id of the run that fills it; null before. */
  readonly runId: string | null;
  readonly healedAtMs: number | null;
  readonly healedBy: string | null;
}

export interface StreamEventView {
  readonly atMs: number;
  readonly kind: "phase" | "gap" | "healed" | "reconnect" | "fallback" | "error";
  /** Where the stream stands after it. */
  readonly phase: StreamPhase;
  readonly text: string;
}

/** The standing connection of a relay to one server, copied out. */
export interface StreamView {
  /** `FAMILY|INSTANCE|SERVER`. */
  readonly key: string;
  readonly family: Family;
  readonly instance: InstanceName;
  readonly server: string;
  readonly port: number;
  readonly phase: StreamPhase;
  /** In plain words. */
  readonly explanation: string;
  readonly secure: boolean;
  readonly phaseSinceMs: number;
  readonly connectedAtMs: number | null;
  readonly reconnectAtMs: number | null;
  readonly reconnects: number;
  readonly received: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  readonly notKept: number;
  readonly refused: readonly { readonly reason: string; readonly count: number; readonly explanation: string }[];
  readonly ratePerSecond: number;
  readonly keepalives: number;
  readonly lastReceivedAtMs: number | null;
  readonly lastKeepaliveAtMs: number | null;
  /** How far behind the server what was last told is, its clock corrected; null outside the stream. */
  readonly lagSeconds: number | null;
  readonly clockOffsetSeconds: number | null;
  /** Highest told outside catch-up; unix seconds, the server's clock. */
  readonly baseTimeSeconds: number | null;
  /** Of it what is stored: a restart catches up from here. */
  readonly durableBaseTimeSeconds: number | null;
  readonly catchUpFromSeconds: number | null;
  readonly dataMissing: number;
  readonly catchUpComplete: number;
  readonly lastStatus: string | null;
  readonly gaps: readonly StreamGap[];
  readonly events: readonly StreamEventView[];
}

/** `show dhcp[v6] relay statistics bulk-leasequery-connections` (fields of Junos). */
export interface BulkConnectionStatistics {
  readonly sinceMs: number;
  readonly requested: number;
  readonly attempted: number;
  readonly connected: number;
  readonly terminatedByServer: number;
  readonly reachedMaxAttempts: number;
  readonly closedDueToError: number;
  /** Connected now. */
  readonly inFlight: number;
  readonly replyPacketRetries: number;
  readonly replyMaxRetried: number;
  readonly queries: readonly {
    readonly xid: string;
    readonly runId: string;
    readonly servers: readonly {
      readonly address: string;
      readonly state: BulkServerState;
      readonly attempts: number;
    }[];
  }[];
  /** By reason, with the explanation. */
  readonly drops: readonly { readonly name: string; readonly value: number; readonly explanation: string }[];
  readonly notes: readonly { readonly name: string; readonly value: number; readonly explanation: string }[];
}
