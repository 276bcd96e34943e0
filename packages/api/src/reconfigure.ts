import { z } from "zod";
import { instanceSelectorSchema } from "./common.ts";

/** What a client is told to send (RFC 9915 §21.19). */
export const reconfigureAsks = ["renew", "rebind", "information-request"] as const;
export type ReconfigureAsk = (typeof reconfigureAsks)[number];

/** Whom DHCPv6 local servers tell to come back. */
export const reconfigureInput = z.object({
  ...instanceSelectorSchema.shape,
  target: z.discriminatedUnion("kind", [
    /** Every client with a lease. */
    z.object({ kind: z.literal("all") }),
    /** The client that holds this address or delegated prefix: `2001:db8::7`, `2001:db8:100::/56`. */
    z.object({
      kind: z.literal("lease"),
      prefix: z.string().min(1, "Say which lease: its address or prefix.").max(64),
    }),
    /** The client with this DUID, in hex. */
    z.object({ kind: z.literal("client"), duid: z.string().min(1, "Say which client: its DUID.").max(600) }),
  ]),
  ask: z.enum(reconfigureAsks).default("renew"),
});
export type ReconfigureInput = z.output<typeof reconfigureInput>;

/** Of clients, counted once for each server that they have leases of. */
export interface ReconfigureOutcome {
  /** RECONFIGURE was sent, and is repeated until the client does what it says or the tries are used up. */
  readonly started: number;
  readonly refused: number;
  /** What `refused` is made of, the most frequent reason first. */
  readonly refusals: readonly { readonly reason: string; readonly message: string; readonly clients: number }[];
}
