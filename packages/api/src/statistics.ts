import { z } from "zod";
import { type Family, familySchema, instanceSelectorSchema } from "./common.ts";
import type { LeasequeryRunServer } from "./leasequery.ts";
import type { BulkServerState } from "./recovery.ts";
import type { StreamView } from "./streams.ts";

export const statisticsInput = z.object({ family: familySchema, ...instanceSelectorSchema.shape });

/** A counter with its meaning: `name` is fixed, `explanation` is for people. */
export interface Counter {
  readonly name: string;
  readonly value: number;
  readonly explanation: string;
}

/** `show dhcp[v6] relay statistics`: drops by reason, messages by type. Zero rows are left out, totals never. */
export interface RelayStatistics {
  readonly family: Family;
  readonly sinceMs: number;
  readonly dropsTotal: number;
  readonly drops: readonly Counter[];
  /** What was used although something about it was unusual: a lease recorded without circuit-id, a converted time. */
  readonly notes: readonly Counter[];
  readonly received: readonly Counter[];
  readonly sent: readonly Counter[];
  /** Messages passed on between clients and servers, by type and direction. */
  readonly forwarded: readonly Counter[];
}

/** Client-visible states of a relay's bindings. A client in REBINDING reaches any server, no longer only its own. */
export const relayBindingStates = [
  "INIT",
  "SELECTING",
  "REQUESTING",
  "BOUND",
  "RENEWING",
  "REBINDING",
  "RELEASE",
] as const;
export type RelayBindingState = (typeof relayBindingStates)[number];

/** `show dhcp[v6] relay binding summary`. */
export interface RelayBindingStates {
  readonly family: Family;
  readonly total: number;
  readonly byState: Readonly<Record<RelayBindingState, number>>;
  /** Bindings that a leasequery is under way for; not part of `total`. */
  readonly waitingToBeRestored: number;
}

/** `show dhcp[v6] relay statistics bulk-leasequery-connections`: the fields of the vendor's schema. */
export interface RelayBulkConnections {
  readonly family: Family;
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
  /** Those under way. */
  readonly queries: readonly {
    readonly xid: string;
    readonly runId: string;
    readonly servers: readonly {
      readonly address: string;
      readonly state: BulkServerState;
      readonly attempts: number;
    }[];
  }[];
  /** Leases that were told and not used, by reason; and those used although something about them was unusual. */
  readonly drops: readonly Counter[];
  readonly notes: readonly Counter[];
}

/** `show dhcp[v6] relay active-leasequery`. */
export interface RelayActive {
  readonly family: Family;
  readonly peers: readonly StreamView[];
}

/** `show dhcp[v6] relay statistics leasequery`: the fields of the vendor's schema. */
export interface RelayLeasequeryStatistics {
  readonly family: Family;
  readonly sinceMs: number;
  readonly inFlightQueries: number;
  readonly totalQueries: number;
  readonly totalAttempts: number;
  readonly replyPacketRetries: number;
  readonly repliesGivenUp: number;
  readonly queries: readonly {
    readonly xid: string;
    readonly runId: string;
    readonly state: string;
    readonly confirmedReplies: number;
    readonly unconfirmedReplies: number;
    readonly attempts: number;
    readonly servers: readonly Pick<LeasequeryRunServer, "serverAddress" | "xid" | "state" | "attempts">[];
  }[];
}

export const clearStatisticsInput = z.object({
  ...statisticsInput.shape,
  /** Only the counters of individual, bulk or active leasequery; absent: all counters of the relay. */
  what: z.enum(["leasequery", "bulk-leasequery-connections", "active-leasequery"]).optional(),
  /** With `active-leasequery`: only of this peer. */
  peerAddress: z.string().max(64).optional(),
});
export type ClearRelayStatisticsInput = z.infer<typeof clearStatisticsInput>;

/** `show dhcp[v6] server statistics`: messages by type, drops by reason. Zero rows are left out, totals never. */
export interface ServerStatistics {
  readonly family: Family;
  readonly sinceMs: number;
  readonly dropsTotal: number;
  readonly drops: readonly Counter[];
  /** What was answered or decided although something about it was unusual. */
  readonly notes: readonly Counter[];
  readonly received: readonly Counter[];
  readonly sent: readonly Counter[];
}

/** `show dhcp[v6] server statistics bulk-leasequery-connections`: the fields of the vendor's schema. */
export interface ServerBulkConnections {
  readonly family: Family;
  readonly sinceMs: number;
  readonly accepted: number;
  readonly notAccepted: number;
  readonly closedDueToError: number;
  readonly closedDueToMaxEmptyReplies: number;
  /** Open now. */
  readonly inFlight: number;
}

export const clearServerStatisticsInput = z.object({
  ...statisticsInput.shape,
  /** Only the counters of bulk connections, or of active leasequery; absent: all counters of the server. */
  what: z.enum(["bulk-leasequery-connections", "active-leasequery"]).optional(),
  /** With `active-leasequery`: only of this requestor. */
  peerAddress: z.string().max(64).optional(),
});
export type ClearServerStatisticsInput = z.infer<typeof clearServerStatisticsInput>;
