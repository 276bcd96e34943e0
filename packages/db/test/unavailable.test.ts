import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @boundaries-ignore one PostgreSQL server for the tests of all packages
import { type PostgresServer, startPostgres } from "../../../e2e/support/postgres.ts";
import { type DatabaseUnavailable, databaseUnavailable, openDatabase } from "../src/index.ts";
import { binding4, put } from "./databases.ts";

/** What opening, or else migrating, says; one line, and no stack in it. */
async function refusal(url: string, dataDirectory: string): Promise<DatabaseUnavailable> {
  try {
    const database = await openDatabase({ url, dataDirectory });
    await database.close();
  } catch (error) {
    expect(error).toMatchObject({ name: "DatabaseUnavailable" });
    expect((error as Error).message).not.toMatch(/\n|\bat .*:\d+:\d+/);
    return error as DatabaseUnavailable;
  }
  throw new Error("it was opened");
}

describe("SQLite", () => {
  const directory = mkdtempSync(join(tmpdir(), "leasewire-db-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("a file of another kind", async () => {
    const file = join(directory, "notes.txt");
    writeFileSync(file, "Not a database, but long enough to look at.\n".repeat(100));
    expect(await refusal(`file:${file}`, directory)).toMatchObject({
      code: "not-a-database",
      message: `SQLite ${file} is a file of another kind, not a database: name another file in DATABASE_URL, or move this one away.`,
    });
  });

  test("a directory in place of the file, a file in place of the directory", async () => {
    const file = join(directory, "plain");
    writeFileSync(file, "");
    expect(await refusal(`file:${directory}`, directory)).toMatchObject({ code: "permission-denied" });
    expect(await refusal(`file:${join(file, "x.sqlite")}`, directory)).toMatchObject({ code: "permission-denied" });
  });

  test("a directory and a file that the account may not write", async () => {
    const locked = mkdtempSync(join(directory, "locked-"));
    const file = join(locked, "there.sqlite");
    const database = await openDatabase({ url: `file:${file}`, dataDirectory: locked });
    await database.migrate();
    await database.close();
    // Root may write everything, so another account tries.
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    chmodSync(directory, 0o755);
    chmodSync(file, 0o444);
    chmodSync(locked, 0o555);
    const program = fileURLToPath(new URL("open-once.ts", import.meta.url));
    const tried = (url: string) =>
      execFileSync(process.execPath, [program, url, locked], { ...identity, cwd: "/" })
        .toString()
        .trim();
    expect(tried(`file:${join(locked, "new.sqlite")}`)).toMatch(
      /^permission-denied SQLite .*new\.sqlite cannot be opened: /,
    );
    expect(tried(`file:${join(locked, "new", "x.sqlite")}`)).toMatch(/^permission-denied /);
    expect(tried(`file:${file}`)).toMatch(/^(read-only|permission-denied) SQLite .*there\.sqlite /);
    chmodSync(locked, 0o755);
  }, 120_000);

  test.runIf(canMount(directory))("a full disk: refused, then taken again when there is room", async () => {
    const disk = join(directory, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    try {
      const database = await openDatabase({ url: `file:${join(disk, "x.sqlite")}`, dataDirectory: disk });
      await database.migrate();
      const options = new Uint8Array(10_000);
      let stored = 0;
      const write = () => database.bindings.writeChanges("n", [put(stored + 1, binding4(stored, { options }))]);
      let refused: unknown = null;
      while (refused === null && stored < 2_000) {
        await write().then(
          () => (stored += 1),
          (error) => (refused = error),
        );
      }
      expect(refused).toMatchObject({
        code: "disk-full",
        message: `SQLite ${join(disk, "x.sqlite")} cannot grow, the disk is full: make room.`,
      });
      expect(await database.bindings.count("n", 4)).toBe(stored);
      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      await write();
      expect(await database.bindings.count("n", 4)).toBe(stored + 1);
      await database.close();
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });
});

describe("PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  const at = (port: number, password: string, name = "postgres") =>
    `postgresql://${server.user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;

  test("nobody listens, a wrong password, no such database: each one line without the password", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const refusals = [
      await refusal(at(port, server.password), "."),
      await refusal(at(server.port, "wrong secret"), "."),
      await refusal(at(server.port, server.password, "nowhere"), "."),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(["unreachable", "refused-credentials", "database-missing"]);
    expect(refusals[0]?.message).toBe(
      `PostgreSQL 127.0.0.1:${port}/postgres cannot be reached: check that the server runs and takes connections from here.`,
    );
    for (const { message } of refusals) expect(message).not.toMatch(/secret|p@ss|p%40ss/);
  });

  test("stopped while we run: refused, and taken again by itself when it is back", async () => {
    const database = await openDatabase({ url: server.createDatabase(), dataDirectory: "." });
    await database.migrate();
    await database.bindings.writeChanges("n", [put(1, binding4(1))]);
    await server.stop();
    await expect(database.bindings.writeChanges("n", [put(2, binding4(2))])).rejects.toMatchObject({
      name: "DatabaseUnavailable",
      code: "unreachable",
    });
    await expect(database.ping()).rejects.toMatchObject({ code: "unreachable" });
    await server.start();
    await database.bindings.writeChanges("n", [put(2, binding4(2))]);
    expect(await database.bindings.count("n", 4)).toBe(2);
    expect(await database.commits.list("n", 1)).toEqual([]);
    await database.close();
  });
});

test("a URL of another kind", async () => {
  for (const url of ["mysql://root:secret@localhost/x", "file:", "file:x?mode=ro", "x"]) {
    const { code, message } = await refusal(url, ".");
    expect([url, code]).toEqual([url, "url-invalid"]);
    expect(message).not.toContain("secret");
  }
});

test("what a driver says is found inside what Prisma and node wrap around it, and made one line", () => {
  const told = (error: unknown) => databaseUnavailable(error, "SQLite x");
  const wrapped = {
    code: "P2010",
    meta: { driverAdapterError: { cause: { originalCode: "53100", originalMessage: "" } } },
  };
  expect(told(wrapped).code).toBe("disk-full");
  expect(told(new AggregateError([Object.assign(new Error(), { code: "ECONNREFUSED" })])).code).toBe("unreachable");
  expect(told(new Error("one\ntwo\u0007")).message).toBe("SQLite x failed: one two? (no code).");
  expect(told(null).message).toBe("SQLite x failed: null (no code).");
});

function canMount(directory: string): boolean {
  const probe = mkdtempSync(join(directory, "probe-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
