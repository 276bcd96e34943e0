import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "@leasewire/db";
import { connectThread } from "../threads/rpc.ts";
import type { PersistenceApi, PersistenceEvent, PersistenceWorkerData } from "./messages.ts";
import { PersistenceService } from "./service.ts";

const { databaseUrl, node, enginePort } = workerData as PersistenceWorkerData;
const main = connectThread<Record<string, never>, never, PersistenceEvent>(parentPort!, {});

try {
  const startedMs = performance.now();
  const database = await openDatabase({ url: databaseUrl, dataDirectory: "." });
  await database.migrate();
  const service = new PersistenceService(database, node);
  const api: PersistenceApi = {
    writeChanges: (changes) => service.writeChanges(changes),
    settle: (batches) => service.settle(batches),
    writeRun: (run) => service.writeRun(run),
    readBindings: (family, after, limit) => service.readBindings(family, after, limit),
    lastSequence: (family) => service.lastSequence(family),
    close: async () => {
      await service.close();
      setImmediate(leave);
    },
  };
  // Calls that came while the database was being opened waited in the port.
  connectThread(enginePort, api);
  main.emit({ kind: "ready", tookMs: performance.now() - startedMs });
} catch (error) {
  main.emit({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  leave();
}

/** Without its ports nothing keeps the thread alive. */
function leave(): void {
  enginePort.close();
  parentPort!.close();
}
