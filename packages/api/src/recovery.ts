import { z } from "zod";
import { type Family, familySchema } from "./common.ts";
import { targetShape } from "./leasequery.ts";

/** Servers one run may ask; what is beyond is refused, not left out. */
export const runServersMax = 256;
/** Longest time between two repetitions of a template: a week. */
export const templateMinutesMax = 10_080;
/** Rows of `recovery.groups` and of a comparison. */
export const recoveryGroupsShownMax = 1000;

/** Unix seconds, as far as options 154 and 155 reach. */
const unixSeconds = z.number().int().min(0).max(0xffff_ffff);
const identifierText = z.string().min(1, "Say which one: an identifier is missing.").max(600);
const addressText = z.string().min(1, "Say which one: an address is missing.").max(64);

/**
 * What a bulk query of DHCPv4 asks for (RFC 6926 §7.2). `relay-id` without an identifier means the relay's own. An
 * address is no key of it: whoever wants one asks with an individual leasequery.
 */
export const bulkKey4Schema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("relay-id"), relayId: identifierText.optional() }),
  z.object({ kind: z.literal("remote-id"), remoteId: identifierText }),
  z.object({ kind: z.literal("client-id"), clientId: identifierText }),
  z.object({ kind: z.literal("mac"), mac: addressText }),
  z.object({ kind: z.literal("all-configured") }),
]);

/** What a bulk query of DHCPv6 asks for (RFC 5460 §5.3.1). `relay-id` without a DUID means the relay's own. */
export const bulkKey6Schema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("relay-id"), relayId: identifierText.optional() }),
  /** Option 37 whole: `3561:ascii:NAME`, `3561:0x0a0b`, or all octets in hex (`parseRemoteId6`). */
  z.object({ kind: z.literal("remote-id"), remoteId: identifierText }),
  z.object({ kind: z.literal("client-id"), duid: identifierText }),
  /** An address, or a prefix. */
  z.object({ kind: z.literal("address"), address: addressText }),
  z.object({ kind: z.literal("link-address"), linkAddress: addressText }),
]);

export const bulkKeyKinds = [
  "relay-id",
  "remote-id",
  "client-id",
  "mac",
  "address",
  "link-address",
  "all-configured",
] as const;
export type BulkKeyKind = (typeof bulkKeyKinds)[number];

const qualifierShape = {
  ...targetShape,
  /** Only what changed at or after this time (`query-start-time`). */
  queryStartTimeSeconds: unixSeconds.optional(),
  /** Only what changed at or before this time (`query-end-time`). */
  queryEndTimeSeconds: unixSeconds.optional(),
  /** Only what changed since the newest base-time of each server that is stored; all where there is none. */
  incremental: z.boolean().optional(),
};

/** `request dhcp[v6] relay bulk-leasequery …`. Texts are parsed by the backend again. */
export const bulkStartInput = z
  .discriminatedUnion("family", [
    z.object({ family: z.literal(4), key: bulkKey4Schema, ...qualifierShape }),
    z.object({
      family: z.literal(6),
      key: bulkKey6Schema,
      ...qualifierShape,
      /** Only leases on this link, beside any key (RFC 5460 §5.3.1). */
      linkAddress: z.string().max(64).optional(),
    }),
  ])
  .refine((input) => input.serverAddress === undefined || input.serverGroup === undefined, {
    message: "server-address and server-group exclude each other: keep one of them.",
    path: ["serverGroup"],
  })
  .refine((input) => input.incremental !== true || input.queryStartTimeSeconds === undefined, {
    message: "incremental chooses the start time of each server itself: keep it or query-start-time.",
    path: ["queryStartTimeSeconds"],
  })
  .refine(
    ({ queryStartTimeSeconds: start, queryEndTimeSeconds: end }) =>
      start === undefined || end === undefined || start <= end,
    {
      message: "query-end-time lies before query-start-time: nothing can have changed then.",
      path: ["queryEndTimeSeconds"],
    },
  );
export type BulkStartInput = z.infer<typeof bulkStartInput>;

/**
 * How a run stands. `queued`: no connection is free. `complete`: every server told everything. `partial`: some did.
 * `failed`: none did. `cancelled`: somebody ended it; what was recovered until then stays.
 */
export const bulkRunStates = ["queued", "running", "paused", "complete", "partial", "failed", "cancelled"] as const;
export type BulkRunState = (typeof bulkRunStates)[number];

/** Why a run was started. `active`: first transfer of a stream. `gap`: what a stream missed. */
export const bulkRunCauses = ["operator", "automatic", "active", "gap", "repetition"] as const;
export type BulkRunCause = (typeof bulkRunCauses)[number];

/**
 * How one server of a run stands. `queued`: no connection is free. `waiting`: an attempt failed, the next one is due at
 * `nextAttemptAtMs`. `refused`: it refuses the query, asking again would bring the same. `failed`: all attempts are used
 * up.
 */
export const bulkServerStates = [
  "queued",
  "connecting",
  "receiving",
  "paused",
  "waiting",
  "complete",
  "refused",
  "failed",
  "cancelled",
] as const;
export type BulkServerState = (typeof bulkServerStates)[number];

export interface RefusedLeases {
  readonly reason: string;
  readonly count: number;
  readonly explanation: string;
}

export interface BulkRunServer {
  readonly instance: string;
  readonly address: string;
  readonly port: number;
  readonly group: string | null;
  readonly state: BulkServerState;
  /** In plain words: what happened, and what to do about it. */
  readonly explanation: string;
  /** Connections tried so far, and at most. */
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly nextAttemptAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Leases told, in all attempts. */
  readonly received: number;
  /** Of them: new or changed in the table, known there already, and older than what is known. */
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  /** Leases of other relays and addresses nobody holds, which this relay does not keep. */
  readonly notKept: number;
  readonly refused: readonly RefusedLeases[];
  /** Leases that wait for their interface. */
  readonly waiting: number;
  /** Leases a second over the last seconds; 0 when it does not receive. */
  readonly ratePerSecond: number;
  /** When it will be through; null where no total is known. */
  readonly etaMs: number | null;
  readonly expected: number | null;
  /** As the server wrote it: name and text, printable; null when it sent none. */
  readonly lastStatus: string | null;
  /** Unix seconds by the server's clock. */
  readonly baseTimeSeconds: number | null;
  /** Only what changed since was asked for; unix seconds by the server's clock. */
  readonly startTimeSeconds: number | null;
  /** Our clock less the server's. */
  readonly clockOffsetSeconds: number | null;
}

export interface BulkRun {
  readonly id: string;
  readonly family: Family;
  readonly keyKind: BulkKeyKind;
  /** The key as it was understood, printable; empty for all configured addresses. */
  readonly key: string;
  /** DHCPv6: only leases on this link. */
  readonly linkAddress: string | null;
  readonly queryStartTimeSeconds: number | null;
  readonly queryEndTimeSeconds: number | null;
  readonly incremental: boolean;
  /** The command-line form of the query: `request dhcp relay bulk-leasequery …`. */
  readonly command: string;
  readonly startedBy: string;
  readonly cause: BulkRunCause;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly state: BulkRunState;
  /** One sentence for the operator. */
  readonly outcome: string;
  /** Bindings the table held at the start, or the run compared with; null where that says nothing about this query. */
  readonly expected: number | null;
  /** Sums over the servers. */
  readonly received: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly older: number;
  readonly refused: number;
  readonly servers: readonly BulkRunServer[];
  /** True once everything it brought, and the run itself, is in the database. */
  readonly stored: boolean;
}

export const bulkRunId = z.object({ id: z.string().min(1).max(64) });

export const bulkListInput = z.object({
  limit: z.number().int().min(1).max(200).default(50),
  /** Runs started before this one. */
  before: z.string().max(64).optional(),
  family: familySchema.optional(),
  states: z.array(z.enum(bulkRunStates)).max(bulkRunStates.length).optional(),
});

/** What a run brought for one relay-id and access interface. */
export interface RecoveryGroup {
  /** Hex; null: leases without one. */
  readonly relayId: string | null;
  /** null: leases that could not be placed. */
  readonly interfaceName: string | null;
  /** The table held them ACTIVE before, or the run compared with brought them. */
  readonly expected: number;
  /** Told ACTIVE by a server of the run. */
  readonly recovered: number;
  /** Expected and not told so far; after a complete run they are `stale` instead. */
  readonly missing: number;
  /** In the table, ACTIVE, and not told by any server of the completed run; null where the run cannot know. */
  readonly stale: number | null;
}

export interface RecoveryGroups {
  readonly runId: string;
  /** Most missing and stale first, then largest; at most `recoveryGroupsShownMax`. */
  readonly groups: readonly RecoveryGroup[];
  /** All that there are. */
  readonly total: number;
  /** Over all groups, shown or not. */
  readonly sum: Pick<RecoveryGroup, "expected" | "recovered" | "missing" | "stale">;
}

export const recoveryCompareInput = z
  .object({ first: z.string().min(1).max(64), second: z.string().min(1).max(64) })
  .refine(({ first, second }) => first !== second, { message: "Choose two different runs.", path: ["second"] });

export interface RecoveryComparison {
  readonly first: BulkRun;
  readonly second: BulkRun;
  /** Largest difference first, at most `recoveryGroupsShownMax`. */
  readonly groups: readonly {
    readonly relayId: string | null;
    readonly interfaceName: string | null;
    /** Bindings recovered by each run; null where the run told nothing of this group. */
    readonly first: number | null;
    readonly second: number | null;
  }[];
  readonly total: number;
}

const templateName = z
  .string()
  .trim()
  .regex(/^[^\p{C}]{1,80}$/u, "A template is named with 1 to 80 characters on one line.");

/** A bulk query kept under a name, started by hand or again and again. */
export const templateSaveInput = z.object({
  /** Absent: a new one. */
  id: z.string().max(64).optional(),
  name: templateName,
  input: bulkStartInput,
  /** null: only by hand. */
  everyMinutes: z
    .number()
    .int()
    .min(1, "A template is repeated every minute at most.")
    .max(templateMinutesMax, `A template is repeated at least every ${templateMinutesMax} minutes, or not at all.`)
    .nullable()
    .default(null),
});
export type TemplateSaveInput = z.output<typeof templateSaveInput>;

export const templateId = z.object({ id: z.string().min(1).max(64) });

export interface QueryTemplate {
  readonly id: string;
  readonly name: string;
  readonly input: BulkStartInput;
  readonly everyMinutes: number | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** Newest run of this template; null before the first. */
  readonly lastRunId: string | null;
  readonly lastRunAtMs: number | null;
  /** When it is started next by itself; null when it is not. */
  readonly nextRunAtMs: number | null;
  /** Why the last repetition did not start, in plain words; null when it did. */
  readonly lastRefusal: string | null;
}
