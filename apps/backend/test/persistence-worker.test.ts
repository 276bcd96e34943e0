import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { ChangeBatchReader, changeBatch, openDatabase } from "@leasewire/db";
import { afterAll, expect, test } from "vitest";
import type { PersistenceApi, PersistenceEvent, PersistenceWorkerData } from "../src/persistence-thread/messages.ts";
import { connectThread } from "../src/threads/rpc.ts";
import { crashChange } from "./crash-change.ts";

const directory = mkdtempSync(join(tmpdir(), "leasewire-worker-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function startWorker(databaseUrl: string) {
  const { port1, port2 } = new MessageChannel();
  const workerData: PersistenceWorkerData = { databaseUrl, node: "n", enginePort: port1 };
  const worker = new Worker(new URL("../src/persistence-thread/worker.ts", import.meta.url), {
    workerData,
    transferList: [port1],
  });
  const event = new Promise<PersistenceEvent>((resolve) =>
    connectThread<object, PersistenceEvent>(worker, {}, resolve),
  );
  const exit = new Promise<number>((resolve) => worker.once("exit", resolve));
  return { worker, event, exit, engine: connectThread<PersistenceApi>(port2, {}).remote };
}

test("stores, answers pages, refuses in words while another holds the database, goes on by itself, closes", async () => {
  const url = `file:${join(directory, "x.sqlite")}`;
  const { engine, event, exit } = startWorker(url);
  // Called before the database is open: it waits.
  expect(await engine.writeChanges(changeBatch([crashChange(1), crashChange(2)]))).toEqual({
    durableSequence: { 4: 2, 6: 0 },
  });
  expect(await event).toMatchObject({ kind: "ready" });
  const page = await engine.readBindings(4, null, 1);
  expect(page).toMatchObject({ next: 1, bindings: { count: 1 } });
  const stored = new ChangeBatchReader(page.bindings);
  expect(stored.next() && stored.stored()).toMatchObject({
    sequence: 1,
    changedAtSeconds: crashChange(1).atSeconds,
    binding: crashChange(1).binding,
  });

  const other = await openDatabase({ url, dataDirectory: directory });
  await other.client.$executeRawUnsafe("BEGIN IMMEDIATE");
  await expect(engine.writeChanges(changeBatch([crashChange(3)]))).rejects.toThrow(
    `SQLite ${join(directory, "x.sqlite")} is held by another process: stop the other process; Leasewire tries again.`,
  );
  await other.client.$executeRawUnsafe("COMMIT");
  expect(await engine.writeChanges(changeBatch([crashChange(3)]))).toEqual({ durableSequence: { 4: 3, 6: 0 } });
  await other.close();
  await engine.close();
  expect(await exit).toBe(0);
}, 60_000);

test("a database that cannot be opened: one line to the main thread, and the worker ends with 1", async () => {
  const file = join(directory, "notes.txt");
  writeFileSync(file, "not a database".repeat(500));
  const { engine, event, exit } = startWorker(`file:${file}`);
  const call = engine.lastSequence(4).catch((error: Error) => error.message);
  expect(await event).toEqual({
    kind: "failed",
    reason: `SQLite ${file} is a file of another kind, not a database: name another file in DATABASE_URL, or move this one away.`,
  });
  expect(await exit).toBe(1);
  expect(await call).toBe("the port was closed");
}, 60_000);
