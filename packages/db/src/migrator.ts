import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScriptRunner, Sql } from "./sql.ts";
import { DatabaseUnavailable, databaseUnavailable } from "./unavailable.ts";

export interface MigrationReport {
  /** Names of the migrations that were applied now, in order. */
  readonly applied: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

interface Applied {
  readonly migration_name: string;
  readonly finished_at: unknown;
  readonly rolled_back_at: unknown;
}

/**
 * Applies the migrations that the database lacks, each in a transaction of its own, and writes down what it did where
 * Prisma's command line does: either can go on where the other stopped. The lock is Prisma's too, so that two programs
 * that start at once do not both migrate.
 *
 * @param directory `prisma/<provider>/migrations`
 */
export async function migrate(sql: Sql, directory: string): Promise<MigrationReport> {
  const migrations = await readMigrations(directory);
  return sql.exclusively(async (run) => {
    await run.script(migrationsTable[sql.provider]);
    const rows = (await run.rows(
      'SELECT "migration_name", "finished_at", "rolled_back_at" FROM "_prisma_migrations"',
    )) as unknown as readonly Applied[];
    const standing = rows.filter((row) => row.rolled_back_at === null);
    refuseUnfinished(standing, sql.place);
    refuseNewer(standing, migrations, sql.place);

    const done = new Set(standing.map((row) => row.migration_name));
    const pending = migrations.filter(({ name }) => !done.has(name));
    for (const migration of pending) await apply(run, migration, sql);
    return { applied: pending.map(({ name }) => name) };
  });
}

async function apply(run: ScriptRunner, { name, text, checksum }: Migration, sql: Sql): Promise<void> {
  try {
    await run.transaction(async () => {
      await run.script(text);
      await run.rows(
        `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
         VALUES (?, ?, ?, ${now[sql.provider]}, 1)`,
        [randomUUID(), checksum, name],
      );
    });
  } catch (error) {
    const reason = databaseUnavailable(error, sql.place);
    if (reason.code !== "failed") throw reason;
    throw new DatabaseUnavailable(
      "migration-failed",
      `${sql.place} refused the migration ${name} and is as it was before: ${reason.message} Restore the tables it speaks of, or start with an empty database.`,
    );
  }
}

function refuseUnfinished(rows: readonly Applied[], place: string): void {
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished === undefined) return;
  throw new DatabaseUnavailable(
    "migration-failed",
    `In ${place} the migration ${unfinished.migration_name} was begun by another program and never ended: restore the database from a backup, or mend it and tell so with "npx prisma migrate resolve".`,
  );
}

function refuseNewer(rows: readonly Applied[], migrations: readonly Migration[], place: string): void {
  const known = new Set(migrations.map(({ name }) => name));
  const newer = rows.find((row) => !known.has(row.migration_name));
  if (newer === undefined) return;
  throw new DatabaseUnavailable(
    "database-newer",
    `${place} was used by a newer Leasewire (migration ${newer.migration_name}): run that version, or restore a backup from before the update.`,
  );
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(directory, name, "migration.sql"));
      return { name, text: bytes.toString(), checksum: createHash("sha256").update(bytes).digest("hex") };
    }),
  );
}

/** SQLite dates are milliseconds since 1970, as Prisma writes them. */
const now = { sqlite: "CAST(unixepoch('subsec') * 1000 AS INTEGER)", postgresql: "now()" };

/** As Prisma creates it. */
const migrationsTable = {
  sqlite: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "checksum" TEXT NOT NULL,
    "finished_at" DATETIME,
    "migration_name" TEXT NOT NULL,
    "logs" TEXT,
    "rolled_back_at" DATETIME,
    "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
  )`,
  postgresql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`,
};
