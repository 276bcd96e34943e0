import { z } from "zod";
import { type Family, familySchema, instanceSelectorSchema } from "./common.ts";
import type { LeasequeryRunServer } from "./leasequery.ts";

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
  /** `leasequery`: only the counters of individual leasequery; absent: all counters of the relay. */
  what: z.enum(["leasequery"]).optional(),
});

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
