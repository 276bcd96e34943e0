import { endianness } from "node:os";
import type { ChangeBatch } from "./change-batch.ts";
import { databaseLocation } from "./location.ts";
import { openSqlite, type SqliteConnection, type Statement, sqlitePragmas } from "./sqlite.ts";
import { DatabaseUnavailable, databaseUnavailable } from "./unavailable.ts";

/** Changes that are promised and not in the tables yet. */
export interface Journalled {
  readonly id: number;
  readonly batch: ChangeBatch;
}

/**
 * Where changes are durable before they are in the tables of SQLite: a file of its own beside the database, to which
 * batches are appended as they are. Whoever promised something waits for this only: a batch is a few pages in a row, while
 * the tables have a page of their own for nearly every change.
 *
 * Invariants:
 *   - What `append` returned for is on the disk.
 *   - A batch stays until `forget`, which is called once it is in the tables. Taken into them twice it changes nothing.
 *   - Rows of a node are read back in the order in which they were appended.
 */
export class ChangeJournal {
  readonly file: string;
  readonly #place: string;
  #open: Open | null = null;

  /** Opens it now, and makes it where it is not there. Throws `DatabaseUnavailable`. */
  constructor(file: string) {
    this.file = file;
    this.#place = `SQLite ${file}`;
    this.#guarded(() => this.#connected());
  }

  /** Of all nodes that use this file, only this one's. Answers the id of the last batch. */
  append(node: string, batches: readonly ChangeBatch[]): number {
    return this.#guarded(() => {
      const { connection, insert } = this.#connected();
      let id = 0;
      connection.exec("BEGIN IMMEDIATE");
      for (const { bytes, texts, count, first, last } of batches) {
        const { lastInsertRowid } = insert.run(
          node,
          count,
          first[4],
          last[4],
          first[6],
          last[6],
          JSON.stringify(texts),
          bytes,
        );
        id = Number(lastInsertRowid);
      }
      connection.exec("COMMIT");
      return id;
    });
  }

  /** Everything up to that id is in the tables. */
  forget(node: string, upTo: number): void {
    this.#guarded(() => this.#connected().forget.run(node, upTo));
  }

  /** What was not forgotten, oldest first. */
  read(node: string): Journalled[] {
    return this.#guarded(() =>
      this.#connected()
        .read.all(node)
        .map((row) => ({
          id: Number(row.id),
          batch: {
            // A copy: it must be aligned, and the driver's own may be part of something larger.
            bytes: Uint8Array.from(row.bytes as Uint8Array),
            texts: JSON.parse(String(row.texts)) as string[],
            count: Number(row.count),
            first: { 4: Number(row.first4), 6: Number(row.first6) },
            last: { 4: Number(row.last4), 6: Number(row.last6) },
          },
        })),
    );
  }

  close(): void {
    const connection = this.#open?.connection;
    this.#open = null;
    connection?.close();
  }

  #connected(): Open {
    if (this.#open === null) {
      const connection = openSqlite(this.file);
      try {
        this.#open = prepared(connection, this.#place);
      } catch (error) {
        connection.close();
        throw error;
      }
    }
    return this.#open;
  }

  /** After any failure the connection is dropped, its open transaction with it, and the next call opens a new one. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      try {
        this.close();
      } catch {
        // The first error is the one to tell.
      }
      throw databaseUnavailable(error, this.#place);
    }
  }
}

/** The journal's file for a database; null where there is none: PostgreSQL writes a journal of its own. */
export function journalFile(databaseUrl: string, dataDirectory: string): string | null {
  const location = databaseLocation(databaseUrl, dataDirectory);
  return location.provider === "sqlite" ? `${location.file}.journal` : null;
}

interface Open {
  readonly connection: SqliteConnection;
  readonly insert: Statement;
  readonly forget: Statement;
  readonly read: Statement;
}

/** Batches are in the byte order of the machine, and so are the files. */
const form = endianness() === "LE" ? 1 : 2;

function prepared(connection: SqliteConnection, place: string): Open {
  connection.exec(sqlitePragmas);
  const [version] = connection.prepare("PRAGMA user_version").all();
  const found = Number(version!.user_version);
  if (found !== 0 && found !== form) {
    throw new DatabaseUnavailable(
      "database-newer",
      `${place} holds changes in form ${found}, this program reads form ${form}: start the program and the kind of machine that wrote it once, and stop it; then it is empty and may be removed.`,
    );
  }
  // AUTOINCREMENT: an id that was forgotten never comes again.
  connection.exec(`
    CREATE TABLE IF NOT EXISTS "Journal" (
      "id" INTEGER PRIMARY KEY AUTOINCREMENT,
      "node" TEXT NOT NULL,
      "count" INTEGER NOT NULL,
      "first4" BIGINT NOT NULL,
      "last4" BIGINT NOT NULL,
      "first6" BIGINT NOT NULL,
      "last6" BIGINT NOT NULL,
      "texts" TEXT NOT NULL,
      "bytes" BLOB NOT NULL
    );
    PRAGMA user_version = ${form};
  `);
  return {
    connection,
    insert: connection.prepare(
      `INSERT INTO "Journal" ("node", "count", "first4", "last4", "first6", "last6", "texts", "bytes")
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    forget: connection.prepare('DELETE FROM "Journal" WHERE "node" = ? AND "id" <= ?'),
    read: connection.prepare('SELECT * FROM "Journal" WHERE "node" = ? ORDER BY "id"'),
  };
}
