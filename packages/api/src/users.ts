import { z } from "zod";
import { type Role, roleSchema } from "./common.ts";

export const passwordLengthMin = 10;
const password = z
  .string()
  .min(passwordLengthMin, `A password has at least ${passwordLengthMin} characters.`)
  .max(128, "A password has at most 128 characters.");
const email = z.email("This is not an e-mail address: write it like noc@example.net.").max(254);

/** The one-time link printed at first start creates the first administrator with this. */
export const setupInput = z.object({ token: z.string().max(128), email, name: z.string().min(1).max(100), password });
export const userCreateInput = z.object({ email, name: z.string().min(1).max(100), password, role: roleSchema });
export const userUpdateInput = z.object({
  id: z.string().max(64),
  role: roleSchema.optional(),
  disabled: z.boolean().optional(),
  password: password.optional(),
});
export const tokenCreateInput = z.object({
  name: z.string().min(1).max(64),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});

export interface UserView {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAtMs: number;
}

export interface TokenView {
  readonly id: string;
  readonly name: string;
  /** First characters, to recognise it. */
  readonly start: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

export const auditListInput = z.object({
  limit: z.number().int().min(1).max(500).default(100),
  before: z.string().max(64).optional(),
});

export interface AuditEntry {
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  readonly via: string;
  /** `leasequery.start`, `configuration.commit`, `sign-in` … */
  readonly action: string;
  readonly subject: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly detail: string;
}

export interface SystemInfo {
  readonly version: string;
  readonly node: string;
  readonly database: "sqlite" | "postgresql";
  /** True while the built-in lab configuration is active. */
  readonly lab: boolean;
  readonly startedAtMs: number;
  readonly alarms: readonly {
    readonly severity: "warning" | "critical";
    readonly text: string;
    readonly remedy: string;
  }[];
}
