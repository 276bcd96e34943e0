import { z } from "zod";
import { type Family, familySchema, instanceSelectorSchema } from "./common.ts";
import type { RefusedLeases } from "./recovery.ts";

/** Events of one stream in one answer. */
export const streamEventsShownMax = 2000;

/**
 * Where the connection of a relay for active leasequery stands. `Idle`: closed, and tried again at `reconnectAtMs`.
 * `Connected`: open, nothing is told yet. `Bulk`: the first transfer. `Catch-up`: what was missed while the connection
 * was down. `Active`: changes arrive as they happen. `Fallback`: the server has no active leasequery and is asked by bulk.
 */
export const streamPhases = ["Idle", "Connecting", "Connected", "Bulk", "Catch-up", "Active", "Fallback"] as const;
export type StreamPhase = (typeof streamPhases)[number];

/** A time of which the relay may not know all changes. */
export interface StreamGap {
  /** Unix seconds by the server's clock. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly why: string;
  readonly sinceMs: number;
  /** Run that fills it; null before. */
  readonly runId: string | null;
  /** null: it is open. */
  readonly healedAtMs: number | null;
  readonly healedBy: string | null;
}

/** `show dhcp[v6] relay active-leasequery`: the standing connection of a relay to one server. */
export interface StreamView {
  /** `FAMILY|INSTANCE|SERVER`. */
  readonly id: string;
  readonly family: Family;
  readonly instance: string;
  readonly server: string;
  readonly port: number;
  readonly phase: StreamPhase;
  /** In plain words: what happens now, and what to do about it. */
  readonly explanation: string;
  readonly secure: boolean;
  readonly phaseSinceMs: number;
  /** null while it is not connected. */
  readonly connectedAtMs: number | null;
  readonly reconnectAtMs: number | null;
  readonly reconnects: number;
  readonly timeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly received: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  readonly notKept: number;
  readonly refused: readonly RefusedLeases[];
  readonly ratePerSecond: number;
  readonly keepalives: number;
  readonly lastReceivedAtMs: number | null;
  readonly lastKeepaliveAtMs: number | null;
  /** How far behind the server what was last told is, its clock corrected; null outside the stream. */
  readonly lagSeconds: number | null;
  readonly clockOffsetSeconds: number | null;
  /** Highest told outside catch-up; unix seconds by the server's clock. */
  readonly baseTimeSeconds: number | null;
  /** Of it what is stored: a restart catches up from here. */
  readonly durableBaseTimeSeconds: number | null;
  readonly catchUpFromSeconds: number | null;
  readonly dataMissing: number;
  readonly catchUpComplete: number;
  readonly lastStatus: string | null;
  readonly gaps: readonly StreamGap[];
}

export const streamListInput = z.object({ family: familySchema.optional(), ...instanceSelectorSchema.shape });
export type StreamListInput = z.infer<typeof streamListInput>;

/** `request dhcp[v6] relay active-leasequery restart peer ADDR`: closes the connection and opens it anew. */
export const streamRestartInput = z.object({
  family: familySchema,
  ...instanceSelectorSchema.shape,
  peerAddress: z.string().min(1, "Say which peer: its address.").max(64),
  /** A whole transfer first, whatever is known already; absent: catch up from where it stopped. */
  resync: z.boolean().optional(),
});
export type StreamRestartInput = z.infer<typeof streamRestartInput>;

export const streamEventKinds = ["phase", "gap", "healed", "reconnect", "fallback", "error"] as const;
export type StreamEventKind = (typeof streamEventKinds)[number];

export interface StreamEvent {
  readonly atMs: number;
  readonly kind: StreamEventKind;
  /** Where the stream stands after it; null where that was not written down. */
  readonly phase: StreamPhase | null;
  /** In plain words. */
  readonly text: string;
}

export const streamHistoryInput = z.object({
  /** Id of a stream, as `streams.list` gives it. */
  id: z.string().min(1).max(256),
  span: z.enum(["hour", "day"]).default("hour"),
});

export interface StreamHistory {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Phase at `fromMs`; null where it is not known. */
  readonly phaseBefore: StreamPhase | null;
  /** Oldest first; the newest `streamEventsShownMax`. */
  readonly events: readonly StreamEvent[];
  readonly gaps: readonly StreamGap[];
}
