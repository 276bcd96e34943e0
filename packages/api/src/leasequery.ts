import { z } from "zod";
import { type Family, instanceSelectorSchema, type MessageField } from "./common.ts";

/**
 * Whom to ask (Junos: `[server-address A | server-group G] [routing-instance RI] [logical-system LS]`). Nothing given:
 * every server the relays know.
 */
export const targetShape = {
  ...instanceSelectorSchema.shape,
  serverAddress: z.string().max(64).optional(),
  serverGroup: z.string().max(63).optional(),
};

/** `request dhcp relay leasequery (IPV4 | MAC | CLIENT-ID) gateway-address A …`. Texts are parsed by the backend again. */
export const leasequery4Input = z.object({
  family: z.literal(4),
  key: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("address"), address: z.string().max(64) }),
    z.object({ kind: z.literal("mac"), mac: z.string().max(64) }),
    z.object({ kind: z.literal("client-id"), clientId: z.string().max(600) }),
  ]),
  gatewayAddress: z.string().max(64),
  ...targetShape,
});

/** `request dhcpv6 relay leasequery (IPV6[/LEN] | CLIENT-ID) …`; a prefix is asked for by its first address. */
export const leasequery6Input = z.object({
  family: z.literal(6),
  key: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("address"), address: z.string().max(64) }),
    z.object({ kind: z.literal("client-id"), duid: z.string().max(600) }),
  ]),
  /** Limits the query to one link (RFC 5007 §4.1.2.1); absent: all links. */
  linkAddress: z.string().max(64).optional(),
  ...targetShape,
});

export const leasequeryStartInput = z
  .discriminatedUnion("family", [leasequery4Input, leasequery6Input])
  .refine((input) => input.serverAddress === undefined || input.serverGroup === undefined, {
    message: "server-address and server-group exclude each other: keep one of them.",
    path: ["serverGroup"],
  });
export type LeasequeryStartInput = z.infer<typeof leasequeryStartInput>;

export const runStates = ["running", "confirmed", "unconfirmed", "failed", "cancelled"] as const;
export type RunState = (typeof runStates)[number];

/**
 * One server of a run. `confirmed`: it named a lease. `unconfirmed`: it answered that there is none. `silent`: no answer
 * after all attempts. `refused`: it answered with an error status. `dropped`: it answered, and the answer broke a rule.
 */
export const runServerStates = [
  "querying",
  "confirmed",
  "unconfirmed",
  "refused",
  "dropped",
  "silent",
  "error",
  "cancelled",
] as const;
export type RunServerState = (typeof runServerStates)[number];

export interface LeasequeryRunServer {
  readonly instance: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly serverGroup: string | null;
  /** Transaction id, hex. */
  readonly xid: string;
  readonly state: RunServerState;
  readonly attempts: number;
  readonly attemptsMax: number;
  /** When the query will be sent again, milliseconds since 1970; null when it will not. */
  readonly nextAttemptAtMs: number | null;
  readonly roundTripMs: number | null;
  /** In plain words: what happened, and what to do about it. */
  readonly explanation: string;
}

export interface LeasequeryRun {
  readonly id: string;
  readonly family: Family;
  readonly keyKind: "address" | "mac" | "client-id";
  /** The key as it was understood, printable. */
  readonly key: string;
  readonly gatewayAddress: string | null;
  readonly linkAddress: string | null;
  /** The command-line form of the query: `request dhcp relay leasequery …`. */
  readonly command: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly state: RunState;
  /** One sentence for the operator. */
  readonly outcome: string;
  readonly servers: readonly LeasequeryRunServer[];
  /** Ids of the bindings the answers put into the table. */
  readonly bindingIds: readonly string[];
  /** True once every one of them, and the run itself, is in the database. */
  readonly stored: boolean;
}

export interface LeasequeryExchange {
  readonly atMs: number;
  readonly direction: "sent" | "received";
  readonly instance: string;
  /** `ADDRESS#PORT` of the other side. */
  readonly peer: string;
  /** `DHCPLEASEQUERY`, `LEASEQUERY-REPLY` … */
  readonly message: string;
  readonly xid: string;
  readonly hex: string;
  readonly fields: readonly MessageField[];
  /** Name of the counter under which the message was dropped; null when it was used. */
  readonly dropReason: string | null;
  readonly dropExplanation: string | null;
}

export interface LeasequeryRunDetail extends LeasequeryRun {
  /** In order of time. At most `exchangesPerRunMax`. */
  readonly exchanges: readonly LeasequeryExchange[];
}

export const leasequeryListInput = z.object({
  limit: z.number().int().min(1).max(200).default(50),
  /** Runs started before this one. */
  before: z.string().max(64).optional(),
});

/** What the forms offer: the relays that can query, and the servers each one knows. */
export interface LeasequeryTargets {
  readonly relays: readonly {
    readonly instance: string;
    readonly family: Family;
    /** Default for gateway-address (v4): the relay's own address; null when none is configured. */
    readonly gatewayAddress: string | null;
    readonly attempts: number;
    readonly timeoutSeconds: number;
    readonly servers: readonly { readonly address: string; readonly port: number; readonly group: string | null }[];
    /** Why this relay cannot query, with the statement that mends it; null when it can. */
    readonly unavailable: string | null;
    /** The same for bulk queries. */
    readonly bulk: {
      /** What the relay calls itself towards servers, printable; null where it is not configured. */
      readonly relayId: string | null;
      readonly unavailable: string | null;
    };
  }[];
  /** A few keys that exist in the lab, to try with; empty outside the lab. */
  readonly examples: readonly {
    readonly family: Family;
    readonly kind: string;
    readonly text: string;
    readonly gatewayAddress: string | null;
    /** Whose relay knows the interface of the answer, as the form has it: `bng-a:*`; null: no single one. */
    readonly instance: string | null;
  }[];
}
