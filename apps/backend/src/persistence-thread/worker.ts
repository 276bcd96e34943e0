import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "@leasewire/db";
import { connectThread } from "../threads/rpc.ts";
import type { PersistenceEvent, PersistenceWorkerData } from "./messages.ts";
import { PersistenceService } from "./service.ts";

const { databaseUrl, node, enginePort } = workerData as PersistenceWorkerData;
const main = connectThread<Record<string, never>, never, PersistenceEvent>(parentPort!, {});

try {
  const startedMs = performance.now();
  const database = await openDatabase({ url: databaseUrl, dataDirectory: "." });
  await database.migrate();
  const service = new PersistenceService(database, node);
  // Calls that came while the database was being opened waited in the port.
  connectThread(enginePort, service);
  main.emit({ kind: "ready", tookMs: performance.now() - startedMs });
} catch (error) {
  main.emit({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  enginePort.close();
  parentPort!.close();
  process.exitCode = 1;
}
