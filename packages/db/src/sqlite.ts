import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import {
  type BindingWriter,
  bindingColumns,
  bindingKeyColumns,
  historyColumns,
  quoted,
  stateRemoved,
  storableText,
} from "./binding-writer.ts";
import { type ChangeBatch, ChangeBatchReader } from "./change-batch.ts";
import type { ScriptRunner, Sql, SqlRow, SqlValue } from "./sql.ts";
import { databaseUnavailable } from "./unavailable.ts";

/** How long a statement waits for another connection's transaction before it is refused as busy. */
const busyTimeoutMs = 5_000;
/** Two programs that start at once migrate one after the other. */
const migrationWaitMs = 60_000;

/**
 * Set by hand on every connection, Prisma's too. FULL: a lease is promised once its transaction has returned, so it must
 * be on the disk then, also when the machine loses power.
 */
export const sqlitePragmas = `
  PRAGMA busy_timeout = ${busyTimeoutMs};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * Pages of the connection that writes bindings, in KiB, as far as they are used: keys are spread over all of the tables, and
 * a page that is not here is read from the file each time.
 */
const cacheKib = 65_536;

/** What we use of better-sqlite3, which has no types of its own. */
export interface Statement {
  run(...parameters: readonly SqlValue[]): { readonly lastInsertRowid: number | bigint };
  all(...parameters: readonly SqlValue[]): SqlRow[];
  readonly reader: boolean;
}
export interface SqliteConnection {
  prepare(statement: string): Statement;
  exec(script: string): unknown;
  close(): unknown;
}
type SqliteConstructor = new (file: string, options?: { readonly timeout?: number }) => SqliteConnection;
const Sqlite = createRequire(import.meta.url)("better-sqlite3") as SqliteConstructor;

/** A connection with none of our settings yet. */
export function openSqlite(file: string): SqliteConnection {
  return new Sqlite(file);
}

export class SqliteSql implements Sql {
  readonly provider = "sqlite";
  readonly place: string;
  readonly writer: BindingWriter;
  readonly #file: string;
  #open: { readonly connection: SqliteConnection; readonly writes: Writes } | null = null;

  constructor(file: string, place: string) {
    this.#file = file;
    this.place = place;
    this.writer = { write: async (node, batches) => this.#guarded(() => this.#write(node, batches)) };
    // Finds out now what is wrong: no such directory, not a database, not writable.
    this.#guarded(() => {
      mkdirSync(dirname(file), { recursive: true });
      const { connection } = this.#connected();
      connection.prepare("SELECT count(*) FROM sqlite_schema").all();
      connection.exec("BEGIN IMMEDIATE; ROLLBACK");
    });
  }

  async rows(statement: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return this.#guarded(() => rowsOf(this.#connected().connection, statement, parameters));
  }

  async exclusively<T>(work: (script: ScriptRunner) => Promise<T>): Promise<T> {
    // On a connection of its own: nothing else may run between its BEGIN and its COMMIT.
    const connection = this.#guarded(() => new Sqlite(this.#file, { timeout: migrationWaitMs }));
    try {
      // Foreign keys are off while tables are made anew under their old names.
      connection.exec(`${sqlitePragmas} PRAGMA busy_timeout = ${migrationWaitMs}; PRAGMA foreign_keys = OFF`);
      connection.exec("BEGIN IMMEDIATE");
      const result = await work({
        rows: async (statement, parameters = []) => rowsOf(connection, statement, parameters),
        script: async (text) => void connection.exec(text),
        transaction: async (statements) => {
          connection.exec("SAVEPOINT migration");
          try {
            await statements();
            connection.exec("RELEASE migration");
          } catch (error) {
            connection.exec("ROLLBACK TO migration; RELEASE migration");
            throw error;
          }
        },
      });
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      throw databaseUnavailable(error, this.place);
    } finally {
      connection.close();
    }
  }

  async close(): Promise<void> {
    this.#disconnect();
  }

  #write(node: string, batches: readonly ChangeBatch[]): void {
    const { connection, writes } = this.#connected();
    connection.exec("BEGIN IMMEDIATE");
    for (const batch of batches) {
      const change = new ChangeBatchReader(batch);
      while (change.next()) writes.write(node, change);
      for (const family of [4, 6] as const) {
        if (batch.last[family] > 0) writes.position(node, family, batch.last[family]);
      }
    }
    connection.exec("COMMIT");
  }

  #connected() {
    if (this.#open === null) {
      const connection = new Sqlite(this.#file);
      try {
        connection.exec(`${sqlitePragmas} PRAGMA cache_size = -${cacheKib};`);
      } catch (error) {
        connection.close();
        throw error;
      }
      let writes: Writes | null = null;
      // The tables are there only after the first migration.
      this.#open = {
        connection,
        get writes() {
          writes ??= new Writes(connection);
          return writes;
        },
      };
    }
    return this.#open;
  }

  #disconnect(): void {
    const connection = this.#open?.connection;
    this.#open = null;
    connection?.close();
  }

  /** After any failure the connection is dropped, its open transaction with it, and the next call opens a new one. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      try {
        this.#disconnect();
      } catch {
        // The first error is the one to tell.
      }
      throw databaseUnavailable(error, this.place);
    }
  }
}

/** The prepared statements of the hot path. */
class Writes {
  readonly #put: Statement;
  readonly #remove: Statement;
  readonly #history: Statement;
  readonly #position: Statement;

  constructor(connection: SqliteConnection) {
    const places = (columns: readonly string[]) => columns.map(() => "?").join(", ");
    const updates = bindingColumns
      .filter((column) => !(bindingKeyColumns as readonly string[]).includes(column))
      .map((column) => `"${column}" = excluded."${column}"`);
    this.#put = connection.prepare(
      `INSERT INTO "Binding" (${quoted(bindingColumns)}) VALUES (${places(bindingColumns)})
       ON CONFLICT (${quoted(bindingKeyColumns)}) DO UPDATE SET ${updates.join(", ")}
       WHERE excluded."sequence" > "Binding"."sequence"`,
    );
    this.#remove = connection.prepare(
      `DELETE FROM "Binding" WHERE ${bindingKeyColumns.map((column) => `"${column}" = ?`).join(" AND ")} AND "sequence" < ?`,
    );
    this.#history = connection.prepare(
      `INSERT INTO "BindingHistory" (${quoted(historyColumns)}) VALUES (${places(historyColumns)}) ON CONFLICT DO NOTHING`,
    );
    this.#position = connection.prepare(
      `INSERT INTO "ChangeLogPosition" ("node", "family", "lastSequence") VALUES (?, ?, ?)
       ON CONFLICT ("node", "family") DO UPDATE SET "lastSequence" = max("lastSequence", excluded."lastSequence")`,
    );
  }

  write(node: string, change: ChangeBatchReader): void {
    const { family, prefixLength, instance, sequence, atSeconds, hardwareType, iaid, expiresAtSeconds } = change;
    const { address, hardwareAddress, clientId } = change;
    if (change.removal) {
      this.#remove.run(node, family, address, prefixLength, instance, sequence);
    } else {
      this.#put.run(
        node,
        family,
        address,
        prefixLength,
        instance,
        sequence,
        atSeconds,
        change.state,
        change.kind,
        hardwareType,
        hardwareAddress,
        clientId,
        iaid,
        change.startTimeOfStateSeconds,
        change.clientLastTransactionTimeSeconds,
        expiresAtSeconds,
        change.preferredUntilSeconds,
        change.dataSource,
        change.origin,
        change.detail,
      );
    }
    this.#history.run(
      node,
      family,
      address,
      prefixLength,
      instance,
      atSeconds,
      sequence,
      change.removal ? stateRemoved : change.state,
      hardwareType,
      hardwareAddress,
      clientId,
      iaid,
      change.circuitId,
      change.remoteId,
      expiresAtSeconds,
      storableText(change.cause),
    );
  }

  position(node: string, family: number, sequence: number): void {
    this.#position.run(node, family, sequence);
  }
}

function rowsOf(connection: SqliteConnection, statement: string, parameters: readonly SqlValue[]): SqlRow[] {
  const prepared = connection.prepare(statement);
  if (prepared.reader) return prepared.all(...parameters);
  prepared.run(...parameters);
  return [];
}
