import { createHmac, getRandomValues } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import { connectThread } from "../threads/rpc.ts";
import { withoutHaste } from "./durable-news.ts";
import type { EngineEvent, EngineWorkerData } from "./messages.ts";
import { EngineService } from "./service.ts";

const { node, secret, persistencePort } = workerData as EngineWorkerData;
if (parentPort === null) throw new Error("The engine thread is started by the main thread only.");

const persistence = connectThread<PersistenceApi>(persistencePort, {});
const service = new EngineService({
  node,
  persistence: persistence.remote,
  // connectThread needs the service and the service the link: events only come later.
  emit: withoutHaste((event) => main.emit(event)),
  random: { uint32: drawnFrom(new Uint32Array(1024)) },
  reconfigureSecret: createHmac("sha256", secret).update("DHCPv6 reconfigure keys").digest(),
  onFault: (error) => console.error(`engine thread: ${error.stack ?? error.message}`),
});
const main = connectThread<object, never, EngineEvent>(parentPort, service);
await service.start();

/** Numbers the system draws, many at a time: asking for one costs as much as a look-up in the table. */
function drawnFrom(drawn: Uint32Array<ArrayBuffer>): () => number {
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      getRandomValues(drawn);
      used = 0;
    }
    const number = drawn[used] as number;
    // Nobody else shall find it here.
    drawn[used] = 0;
    used += 1;
    return number;
  };
}
