import { z } from "zod";
import { type Family, familySchema, instanceSelectorSchema } from "./common.ts";

/** Longest quarantine by hand: a week. */
export const quarantineSecondsMax = 604_800;

const requestorShape = {
  family: familySchema,
  ...instanceSelectorSchema.shape,
  /** Source address of the queries. */
  address: z.string().min(1, "Say which requestor: its address.").max(64),
};

export const guardQuarantineInput = z.object({
  ...requestorShape,
  /** Absent: as long as the configuration of the server says. */
  seconds: z
    .number()
    .int()
    .min(1)
    .max(quarantineSecondsMax, `A quarantine lasts at most ${quarantineSecondsMax} seconds.`)
    .optional(),
  reason: z.string().max(200, "A reason has at most 200 characters.").optional(),
});
export type GuardQuarantineInput = z.infer<typeof guardQuarantineInput>;

export const guardReleaseInput = z.object(requestorShape);
export type GuardReleaseInput = z.infer<typeof guardReleaseInput>;

/** What the storm guard of one local server allows. */
export interface GuardLimits {
  readonly family: Family;
  readonly instance: string;
  readonly queriesPerSecondMax: number;
  readonly unknownRatioMaxPercent: number;
  readonly unknownWindowSeconds: number;
  readonly unknownQueriesMin: number;
  readonly quarantineSeconds: number;
}

/** A requestor that sends individual leasequeries, or that is quarantined. */
export interface GuardRequestor {
  /** `4/default:default/192.0.2.9`. */
  readonly id: string;
  readonly family: Family;
  readonly instance: string;
  readonly address: string;
  readonly queriesPerSecond: number;
  /** Since the requestor was first seen. */
  readonly queries: number;
  readonly dropped: number;
  /** Of the window that is judged: queries, and those that were answered with "unknown" or "unassigned". */
  readonly windowQueries: number;
  readonly windowUnknown: number;
  readonly firstQueryAtMs: number | null;
  readonly lastQueryAtMs: number | null;
  /** null: it is answered. */
  readonly quarantine: {
    readonly sinceMs: number;
    /** When it ends by itself. */
    readonly untilMs: number;
    readonly reason: string;
    /** Who put it there: the e-mail address of a person, or null for the guard itself. */
    readonly by: string | null;
  } | null;
}

export interface GuardView {
  readonly limits: readonly GuardLimits[];
  /** Quarantined ones first, then by rate; at most `guardRequestorsShownMax`. */
  readonly requestors: readonly GuardRequestor[];
  /** All that are known. */
  readonly total: number;
}

export const guardRequestorsShownMax = 500;
