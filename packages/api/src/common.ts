import { z } from "zod";

/** Address family of a binding, a query or a counter: DHCPv4 or DHCPv6. */
export const familySchema = z.union([z.literal(4), z.literal(6)]);
export type Family = z.infer<typeof familySchema>;

/** What a person or a token may do; each role includes the ones before it. */
export const roles = ["viewer", "operator", "administrator"] as const;
export type Role = (typeof roles)[number];
export const roleSchema = z.enum(roles);

/** States of option 156 (RFC 6926 §6.2.7), by name. */
export const dhcpStateNames = [
  "AVAILABLE",
  "ACTIVE",
  "EXPIRED",
  "RELEASED",
  "ABANDONED",
  "RESET",
  "REMOTE",
  "TRANSITIONING",
] as const;
export type DhcpStateName = (typeof dhcpStateNames)[number];

/**
 * Limits a command to a logical system, a routing instance, or both (Junos `logical-system`, `routing-instance`).
 * Neither given: every instance.
 */
export const instanceSelectorSchema = z.object({
  logicalSystem: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,63}$/, "A logical system is named with 1 to 63 letters, digits, '-' or '_'.")
    .optional(),
  routingInstance: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,63}$/, "A routing instance is named with 1 to 63 letters, digits, '-', '_' or '.'.")
    .optional(),
});
export type InstanceSelector = z.infer<typeof instanceSelectorSchema>;

/**
 * One field of a decoded message, in the order of the bytes. `value` is safe to show: text from clients is already
 * made printable. Offsets and lengths are octets from the start of the message.
 */
export interface MessageField {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
  readonly length: number;
  readonly note?: string;
  readonly children?: readonly MessageField[];
}

/** Who asks: what authentication found out about the caller. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly via: "session" | "token";
}

/** A refusal that reaches a person: what was refused, where, and how to mend it. */
export interface Refusal {
  readonly code: "BAD_REQUEST" | "NOT_FOUND" | "CONFLICT" | "FORBIDDEN" | "UNAVAILABLE";
  readonly message: string;
  readonly field?: string;
}
