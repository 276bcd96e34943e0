import type { AuditEntry } from "@leasewire/api";

export type NewAuditEntry = Omit<AuditEntry, "id" | "atMs">;

/** Writes down what somebody did or was refused. Never fails: what cannot be stored goes to the log. */
export type WriteAudit = (entry: NewAuditEntry) => void;
