import type { BindingWriter } from "./binding-writer.ts";

export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Our own connection to the database, beside Prisma's: for the migrator, for the bindings, whose number Prisma's model
 * API is too slow for, and for the history. Everything it throws is a `DatabaseUnavailable`.
 */
export interface Sql {
  readonly provider: "sqlite" | "postgresql";
  readonly place: string;
  /** Rows of one statement with `?` parameters. Large numbers come as bigint or text: read them with `Number`. */
  rows(statement: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Runs `work` while no other process migrates. Its statements may be scripts without parameters. */
  exclusively<T>(work: (script: ScriptRunner) => Promise<T>): Promise<T>;
  readonly writer: BindingWriter;
  close(): Promise<void>;
}

/** Statements inside the migrator's lock. `transaction` takes them all or none. */
export interface ScriptRunner {
  rows(statement: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  transaction(work: () => Promise<void>): Promise<void>;
  script(text: string): Promise<void>;
}
