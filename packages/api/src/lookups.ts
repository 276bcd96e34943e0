import { z } from "zod";
import type { BindingRow } from "./bindings.ts";
import { familySchema, instanceSelectorSchema } from "./common.ts";
import { targetShape } from "./leasequery.ts";

/** Lines of one look-up. */
export const lookupLinesMax = 10_000;
/** Lines for which servers are asked in one call: who has more asks again with the next ones. */
export const lookupAskedLinesMax = 100;
export const lookupLineLengthMax = 1024;

const linesShape = (max: number) => ({
  /** One key a line: an address, a prefix, a MAC address or a client identifier, in any notation. */
  lines: z
    .array(z.string().max(lookupLineLengthMax, `A line has at most ${lookupLineLengthMax} characters.`))
    .min(1, "There is nothing to look up: write one address, MAC address or client identifier a line.")
    .max(max, `At most ${max} lines are looked up at a time.`),
  /** Only bindings of this family; absent: both. */
  family: familySchema.optional(),
  ...instanceSelectorSchema.shape,
});

/** From the binding table alone. */
export const lookupRunInput = z.object(linesShape(lookupLinesMax));
export type LookupRunInput = z.infer<typeof lookupRunInput>;

/** From the table, and for lines it has no active binding of from the servers, by individual leasequery. */
export const lookupAskInput = z.object({
  ...linesShape(lookupAskedLinesMax),
  ...targetShape,
  /** giaddr of the DHCPv4 queries; absent: the relay's own. */
  gatewayAddress: z.string().max(64).optional(),
});
export type LookupAskInput = z.infer<typeof lookupAskInput>;

export const lookupKinds = ["address", "prefix", "mac", "client-id"] as const;
export type LookupKind = (typeof lookupKinds)[number];

export type LookupBinding = Pick<
  BindingRow,
  | "id"
  | "family"
  | "instance"
  | "role"
  | "address"
  | "kind"
  | "state"
  | "hardwareAddress"
  | "clientId"
  | "hostName"
  | "expiresAt"
  | "clientLastTransactionTime"
  | "interfaceName"
  | "circuitId"
  | "remoteId"
  | "relayId"
  | "serverAddress"
>;

/** `unreadable`: the line is no key; `message` says what was expected. `none`: nobody knows it. */
export const lookupResults = ["found", "none", "unreadable", "failed"] as const;
export type LookupResult = (typeof lookupResults)[number];

/** The answer to one line. */
export interface LookupAnswer {
  /** Printable. */
  readonly text: string;
  readonly result: LookupResult;
  /** What the line was read as; null when it is unreadable. */
  readonly kind: LookupKind | null;
  /** The key in its one notation; null when it is unreadable. */
  readonly key: string | null;
  /** The binding that answers best: active before ended, then the latest transaction. */
  readonly binding: LookupBinding | null;
  /** Further bindings of this key. */
  readonly further: number;
  readonly source: "table" | "leasequery" | null;
  /** One sentence for the operator. */
  readonly message: string;
}

export interface LookupAnswers {
  /** In the order of the lines; empty lines have none. */
  readonly answers: readonly LookupAnswer[];
}
