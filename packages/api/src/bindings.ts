import { z } from "zod";
import {
  type DhcpStateName,
  dhcpStateNames,
  type Family,
  familySchema,
  instanceSelectorSchema,
  type MessageField,
} from "./common.ts";

/** Most rows one page may hold. */
export const bindingsPageRowsMax = 500;

export const bindingColumns = [
  "address",
  "state",
  "hardwareAddress",
  "clientId",
  "expiresAt",
  "clientLastTransactionTime",
  "startTimeOfState",
  "lastChange",
  "interfaceName",
  "circuitId",
  "remoteId",
  "relayId",
  "linkAddress",
] as const;
export type BindingColumn = (typeof bindingColumns)[number];

/**
 * In which capacity this node knows a binding: `relay` learned it by leasequery, gleaning or from a peer; `server` granted
 * it, or took it from an import.
 */
export const bindingRoles = ["relay", "server"] as const;
export type BindingRole = (typeof bindingRoles)[number];

export const bindingFilterSchema = z.object({
  ...instanceSelectorSchema.shape,
  role: z.enum(bindingRoles).optional(),
  states: z.array(z.enum(dhcpStateNames)).optional(),
  kinds: z.array(z.enum(["address", "prefix"])).optional(),
  /** Part of an address, MAC, client identifier, circuit-id, remote-id or relay-id, as shown. */
  text: z.string().max(256).optional(),
  /** An address, or a prefix that contains the wanted addresses: `192.0.2.0/24`. */
  prefix: z.string().max(64).optional(),
  hardwareAddress: z.string().max(64).optional(),
  clientId: z.string().max(600).optional(),
  relayId: z.string().max(600).optional(),
  remoteId: z.string().max(600).optional(),
  circuitId: z.string().max(600).optional(),
  linkAddress: z.string().max(64).optional(),
  interfaceName: z.string().max(128).optional(),
  serverAddress: z.string().max(64).optional(),
  origin: z.string().max(32).optional(),
  /** Only bindings changed at or after this time, unix seconds. */
  changedSinceSeconds: z.number().int().nonnegative().optional(),
});
export type BindingFilter = z.infer<typeof bindingFilterSchema>;

export const bindingListInput = z.object({
  family: familySchema,
  filter: bindingFilterSchema.default({}),
  sort: z
    .object({ column: z.enum(bindingColumns), direction: z.enum(["asc", "desc"]) })
    .default({ column: "lastChange", direction: "desc" }),
  offset: z.number().int().min(0).max(100_000_000).default(0),
  limit: z.number().int().min(1).max(bindingsPageRowsMax).default(100),
  /** The order of an earlier answer: rows keep their places while one scrolls. Absent or forgotten: a new order is made. */
  view: z.string().max(64).optional(),
});
export type BindingListInput = z.infer<typeof bindingListInput>;

/** Unix seconds; "never" for an infinite lease; null where there is no lease. */
export type ExpiresAt = number | "never" | null;

/** One binding as the table shows it. Texts from clients are printable already. */
export interface BindingRow {
  /** `4/default:default/192.0.2.7/32`: stable for the life of the address. */
  readonly id: string;
  readonly family: Family;
  readonly instance: string;
  /** The address, or the delegated prefix with its length. */
  readonly address: string;
  readonly kind: "address" | "prefix";
  readonly state: DhcpStateName;
  readonly hardwareAddress: string | null;
  readonly clientId: string | null;
  readonly iaid: number | null;
  readonly expiresAt: ExpiresAt;
  readonly preferredUntil: ExpiresAt;
  /** Unix seconds, null where unknown. */
  readonly clientLastTransactionTime: number | null;
  readonly startTimeOfState: number | null;
  readonly interfaceName: string | null;
  readonly circuitId: string | null;
  readonly remoteId: string | null;
  readonly relayId: string | null;
  readonly linkAddress: string | null;
  readonly serverAddress: string | null;
  /** The name the client gave itself: option 12 or 81, or option 39 of DHCPv6. */
  readonly hostName: string | null;
  readonly origin: string;
  readonly role: BindingRole;
  /** Position of the last change in the change log of its family. */
  readonly sequence: number;
  /** True once the last change is in the database. */
  readonly stored: boolean;
}

export interface BindingPage {
  readonly view: string;
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly BindingRow[];
  /** Newest change the page knows of: live changes up to here are already in it. */
  readonly sequence: number;
  /** Everything up to here is in the database. */
  readonly durableSequence: number;
}

export const bindingDetailInput = z.object({ id: z.string().max(256) });

export interface BindingDetail {
  readonly row: BindingRow;
  /** Option 54, or the DUID of the server. */
  readonly serverIdentifier: string | null;
  readonly dataSource: "local" | "remote";
  /** Why the binding has no access interface, in plain words; null where it has one. */
  readonly placement: string | null;
  readonly options: readonly MessageField[];
  readonly relayData: readonly MessageField[];
  /** The same areas as hex, as they came over the wire. */
  readonly optionsHex: string;
  readonly relayDataHex: string;
  /** Newest first. */
  readonly history: readonly BindingHistoryEntry[];
}

export interface BindingHistoryEntry {
  readonly atSeconds: number;
  readonly sequence: number;
  readonly state: DhcpStateName | "REMOVED";
  readonly hardwareAddress: string | null;
  readonly clientId: string | null;
  readonly expiresAt: ExpiresAt;
  /** What brought the change: `individual leasequery`, `expiry`, `cleared by NAME` … */
  readonly cause: string;
}

export const bindingSummaryInput = z.object({
  family: familySchema,
  ...instanceSelectorSchema.shape,
  role: z.enum(bindingRoles).optional(),
});
export type BindingSummaryInput = z.infer<typeof bindingSummaryInput>;
export interface BindingSummary {
  readonly total: number;
  readonly byState: Readonly<Record<DhcpStateName, number>>;
  readonly byInstance: Readonly<Record<string, number>>;
  readonly sequence: number;
  readonly durableSequence: number;
}

/**
 * `clear dhcp[v6] (relay|server) binding`: by address, by interface, or all. A relay forgets the binding; a server ends
 * the lease (state RESET) and may give the address to somebody else.
 */
export const bindingClearInput = z.object({
  family: familySchema,
  ...instanceSelectorSchema.shape,
  role: z.enum(bindingRoles).default("relay"),
  address: z.string().max(64).optional(),
  interfaceName: z.string().max(128).optional(),
  all: z.boolean().optional(),
});
export type BindingClearInput = z.infer<typeof bindingClearInput>;
