import type { AuditEntry, BindingHistoryEntry, LeasequeryRun, LeasequeryRunDetail } from "@leasewire/api";
import type { NewAuditEntry } from "./audit.ts";

/** What the database remembers and the engine thread does not: history of bindings, old runs, the audit log. */
export interface Records {
  /** Newest first, of the address or prefix with this binding id. */
  bindingHistory(bindingId: string, limit: number): Promise<readonly BindingHistoryEntry[]>;
  run(id: string): Promise<LeasequeryRunDetail | null>;
  /** Newest first; started before the run `before`. */
  runs(limit: number, before: string | undefined): Promise<readonly LeasequeryRun[]>;
  addAudit(entry: NewAuditEntry, atMs: number): Promise<void>;
  audit(limit: number, before: string | undefined): Promise<readonly AuditEntry[]>;
  /** Resolves when the database answers, rejects when it does not. */
  ping(): Promise<void>;
}
