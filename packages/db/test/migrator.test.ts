import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../src/index.ts";
import { binding4, onBothDatabases, put } from "./databases.ts";

const prisma = fileURLToPath(new URL("../../../prisma", import.meta.url));
const first = "20261124000000_init";
const migrations = readdirSync(join(prisma, "sqlite", "migrations"), { withFileTypes: true }).filter((one) =>
  one.isDirectory(),
).length;

onBothDatabases(({ provider, directory, fresh }) => {
  const open = (url: string, prismaDirectory?: string) =>
    openDatabase({ url, dataDirectory: directory, prismaDirectory });

  /** A copy of the committed migrations with one more. */
  function withMigration(name: string, text: string): string {
    const copy = mkdtempSync(join(directory, "prisma-"));
    cpSync(join(prisma, provider, "migrations"), join(copy, provider, "migrations"), { recursive: true });
    mkdirSync(join(copy, provider, "migrations", name));
    writeFileSync(join(copy, provider, "migrations", name, "migration.sql"), text);
    return copy;
  }

  async function rowsOf(url: string) {
    const database = await open(url);
    const rows = (await database.client.$queryRawUnsafe(
      'SELECT * FROM "_prisma_migrations" ORDER BY "migration_name"',
    )) as {
      migration_name: string;
      checksum: string;
      finished_at: unknown;
      applied_steps_count: number | bigint;
    }[];
    await database.close();
    return rows;
  }

  test("an empty database gets all of them, written down as Prisma does; a second time nothing happens", async () => {
    const url = fresh();
    const database = await open(url);
    expect((await database.migrate()).applied[0]).toBe(first);
    expect((await database.migrate()).applied).toEqual([]);
    await database.bindings.writeChanges("n", [put(1, binding4(1))]);
    await database.close();

    const again = await open(url);
    expect((await again.migrate()).applied).toEqual([]);
    expect(await again.bindings.count("n", 4)).toBe(1);
    await again.close();

    const [row] = await rowsOf(url);
    const file = readFileSync(join(prisma, provider, "migrations", first, "migration.sql"));
    expect(row).toMatchObject({ migration_name: first, checksum: createHash("sha256").update(file).digest("hex") });
    expect(row?.finished_at).toBeInstanceOf(Date);
    expect(Math.abs(Number(row?.finished_at) - Date.now())).toBeLessThan(60_000);
    expect(Number(row?.applied_steps_count)).toBe(1);
  });

  test("a present database gets what it lacks and keeps what it holds", async () => {
    const url = fresh();
    const before = await open(url);
    await before.migrate();
    await before.bindings.writeChanges("n", [put(1, binding4(1))]);
    await before.close();
    const later = withMigration(
      "20991231000000_more",
      'CREATE TABLE "More" ("id" INTEGER); INSERT INTO "More" VALUES (1);',
    );
    const after = await open(url, later);
    expect((await after.migrate()).applied).toEqual(["20991231000000_more"]);
    expect(await after.bindings.count("n", 4)).toBe(1);
    await after.close();

    // And the program from before refuses what a newer one has changed.
    const older = await open(url);
    await expect(older.migrate()).rejects.toMatchObject({
      code: "database-newer",
      message: expect.stringMatching(
        /was used by a newer Leasewire \(migration 20991231000000_more\): run that version/,
      ),
    });
    await older.close();
  });

  test("a migration that fails leaves nothing of itself behind and is tried again", async () => {
    const url = fresh();
    const broken = withMigration(
      "20991231000000_broken",
      'CREATE TABLE "Half" ("id" INTEGER); INSERT INTO "Nowhere" VALUES (1);',
    );
    const database = await open(url, broken);
    await expect(database.migrate()).rejects.toMatchObject({
      code: "migration-failed",
      message: expect.stringContaining("refused the migration 20991231000000_broken and is as it was before"),
    });
    await expect(database.client.$queryRawUnsafe('SELECT * FROM "Half"')).rejects.toThrow();
    await database.close();
    const mended = await open(url);
    await mended.migrate();
    await mended.bindings.writeChanges("n", [put(1, binding4(1))]);
    await mended.close();
  });

  test("a migration that another program began and never ended is refused", async () => {
    const url = fresh();
    const database = await open(url);
    await database.migrate();
    await database.client.$executeRawUnsafe(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name") VALUES ('x', 'y', '${first}_b')`,
    );
    await expect(database.migrate()).rejects.toMatchObject({ code: "migration-failed" });
    await database.client.$executeRawUnsafe(
      `UPDATE "_prisma_migrations" SET "rolled_back_at" = CURRENT_TIMESTAMP WHERE "id" = 'x'`,
    );
    expect((await database.migrate()).applied).toEqual([]);
    await database.close();
  });

  describe("two at once", () => {
    test("in one process", async () => {
      const url = fresh();
      const both = await Promise.all([open(url), open(url)]);
      // SQLite blocks its thread while it waits for the other, so here one goes after the other.
      const reports =
        provider === "sqlite"
          ? [await both[0].migrate(), await both[1].migrate()]
          : await Promise.all(both.map((database) => database.migrate()));
      expect(reports.map(({ applied }) => applied.length).sort()).toEqual([0, migrations]);
      for (const database of both) await database.close();
      expect(await rowsOf(url)).toHaveLength(migrations);
    });

    test("in four processes", async () => {
      const url = fresh();
      const program = fileURLToPath(new URL("migrate-once.ts", import.meta.url));
      const outputs = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const child = spawn(process.execPath, [program, url, directory], { stdio: ["ignore", "pipe", "inherit"] });
          let output = "";
          child.stdout.on("data", (text) => {
            output += String(text);
          });
          const code = await new Promise((resolve) => child.on("close", resolve));
          return `${code} ${output.trim()}`;
        }),
      );
      expect(outputs.sort()).toEqual(["0 0", "0 0", "0 0", `0 ${migrations}`]);
      expect(await rowsOf(url)).toHaveLength(migrations);
    }, 60_000);
  });
});
