import { parentPort, workerData } from "node:worker_threads";
import { ChangeJournal } from "@leasewire/db";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import { connectThread } from "../threads/rpc.ts";
import type { JournalApi, JournalDeskApi, JournalEvent, JournalWorkerData } from "./messages.ts";
import { JournalService } from "./service.ts";

const { file, node, enginePort, persistencePort } = workerData as JournalWorkerData;

try {
  const journal = new ChangeJournal(file);
  const persistence = connectThread<PersistenceApi>(persistencePort, {});
  const service = new JournalService({ journal, node, store: persistence.remote });
  const api: JournalApi = {
    writeChanges: (changes) => service.writeChanges(changes),
    writeRun: (run) => service.writeRun(run),
    readBindings: (family, after, limit) => service.readBindings(family, after, limit),
    lastSequence: (family) => service.lastSequence(family),
    close: async () => {
      await service.close();
      setImmediate(leave);
    },
  };
  const desk: JournalDeskApi = { settled: () => service.settled() };
  connectThread(enginePort, api);
  connectThread(parentPort!, desk);
} catch (error) {
  const event: JournalEvent = { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  connectThread<object, never, JournalEvent>(parentPort!, {}).emit(event);
  process.exitCode = 1;
  leave();
}

/** Without its ports nothing keeps the thread alive. */
function leave(): void {
  enginePort.close();
  persistencePort.close();
  parentPort!.close();
}
