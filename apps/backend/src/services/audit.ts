import type { AuditEntry, Principal } from "@leasewire/api";

export type NewAuditEntry = Omit<AuditEntry, "id" | "atMs">;

/** Writes down what somebody did or was refused. Never fails: what cannot be stored goes to the log. */
export type WriteAudit = (entry: NewAuditEntry) => void;

/** The same for what a person or token asked for: it was done, or refused. */
export type WriteAuditOf = (who: Principal, action: string, subject: string, done: boolean, detail: string) => void;

export function auditOf(write: WriteAudit): WriteAuditOf {
  return (who, action, subject, done, detail) =>
    write({ actor: who.email, via: who.via, action, subject, outcome: done ? "done" : "refused", detail });
}
