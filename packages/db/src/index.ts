/** The database: SQLite or PostgreSQL behind the same repositories. */
export { AuditRepository, type NewAuditEntry, type StoredAuditEntry } from "./audit.ts";
export type { StoredBinding, StoredChange } from "./binding-writer.ts";
export { BindingRepository, type StoredBindingPage } from "./bindings.ts";
export { type ChangeBatch, ChangeBatchReader, ChangeBatchWriter, changeBatch } from "./change-batch.ts";
export { ChangeJournal, type Journalled, journalFile } from "./change-journal.ts";
export { CandidateRepository, CommitRepository, type StoredCandidate, type StoredCommit } from "./configuration.ts";
export { type AddressKey, type HistoryEntry, HistoryRepository, type Holding } from "./history.ts";
export { MetaRepository } from "./meta.ts";
export type { MigrationReport } from "./migrator.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./open.ts";
export { RecoveryRepository, type StoredBaseTime, type StoredStreamEvent, type StreamKey } from "./recovery.ts";
export { type RunFields, RunRepository } from "./runs.ts";
export { type StoredTemplate, TemplateRepository } from "./templates.ts";
export { type DatabaseFault, DatabaseUnavailable, databaseUnavailable } from "./unavailable.ts";
