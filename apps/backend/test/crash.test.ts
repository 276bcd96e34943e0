import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChangeJournal, type Database, journalFile, openDatabase } from "@leasewire/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @boundaries-ignore one PostgreSQL server for the tests of all packages
import { type PostgresServer, startPostgres } from "../../../e2e/support/postgres.ts";
import { JournalService } from "../src/journal-thread/service.ts";
import { PersistenceService } from "../src/persistence-thread/service.ts";
import { crashAddresses, crashChange } from "./crash-change.ts";

const rounds = 10;
const writer = fileURLToPath(new URL("crash-writer.ts", import.meta.url));

describe.each(["sqlite", "postgresql"] as const)("killed at a random moment: %s", (provider) => {
  const directory = mkdtempSync(join(tmpdir(), "leasewire-crash-"));
  let server: PostgresServer | null = null;
  let url = `file:${join(directory, "x.sqlite")}`;

  beforeAll(async () => {
    if (provider === "sqlite") return;
    server = await startPostgres({ fsync: true });
    url = server.createDatabase();
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  test("nothing acknowledged is missing, and nothing is there by half", async () => {
    let acknowledgedInAll = 0;
    for (let round = 0; round < rounds; round += 1) {
      const acknowledged = await writeAndKill(url, 20 + Math.random() * 250);
      const stored = await look(url);
      expect(stored.lastSequence).toBeGreaterThanOrEqual(acknowledged);
      expect(stored.history).toBe(stored.lastSequence);
      expect(stored.bindings).toEqual(expectedBindings(stored.lastSequence));
      acknowledgedInAll = Math.max(acknowledgedInAll, acknowledged);
    }
    expect(acknowledgedInAll).toBeGreaterThan(rounds);
  }, 240_000);
});

/** Lets the writer run for a while after its first acknowledgement; answers the last sequence it was told is durable. */
function writeAndKill(url: string, runMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, url, "n"], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let complaints = "";
    let armed = false;
    child.stdout.on("data", (text) => {
      output += String(text);
      if (armed || !/\n\d+\n/.test(output)) return;
      armed = true;
      setTimeout(() => child.kill("SIGKILL"), runMs);
    });
    child.stderr.on("data", (text) => {
      complaints += String(text);
    });
    child.on("close", (_code, signal) => {
      if (signal !== "SIGKILL") return reject(new Error(`the writer ended by itself: ${complaints}`));
      // Only whole lines: the last one may be cut.
      const lines = output.split("\n").slice(1, -1);
      resolve(Math.max(...lines.map(Number)));
    });
  });
}

/** What a program finds that starts after the crash. */
async function look(url: string) {
  const database = await openDatabase({ url, dataDirectory: "." });
  try {
    await takeOver(url, database);
    const bindings: Record<string, number> = {};
    for (let after: number | null = null; ; ) {
      const page = await database.bindings.page("n", 4, after, 300);
      for (const { binding, sequence } of page.bindings) {
        expect(binding).toMatchObject(crashChange(sequence).binding);
        bindings[binding.address.join(".")] = sequence;
      }
      if (page.next === null) break;
      after = page.next;
    }
    const history = await database.client.bindingHistory.count({ where: { node: "n", family: 4 } });
    return { bindings, history, lastSequence: await database.meta.lastSequence("n", 4) };
  } finally {
    await database.close();
  }
}

/** What is in the journal goes to the tables, as when the program starts. */
async function takeOver(url: string, database: Database): Promise<void> {
  const file = journalFile(url, ".");
  if (file === null) return;
  const journal = new ChangeJournal(file);
  const store = new PersistenceService(database, "n");
  await new JournalService({ journal, node: "n", store }).settled();
  expect(journal.read("n")).toEqual([]);
  journal.close();
}

function expectedBindings(lastSequence: number): Record<string, number> {
  const bindings: Record<string, number> = {};
  for (let sequence = Math.max(1, lastSequence - crashAddresses + 1); sequence <= lastSequence; sequence += 1) {
    const { kind, binding } = crashChange(sequence);
    if (kind === "put") bindings[binding.address.join(".")] = sequence;
  }
  return bindings;
}
