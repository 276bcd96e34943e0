import { MessageChannel, Worker } from "node:worker_threads";
import type { EngineApi, EngineEvent, EngineWorkerData } from "../engine-thread/messages.ts";
import type { PersistenceEvent, PersistenceWorkerData } from "../persistence-thread/messages.ts";
import { connectThread, type Remote } from "./rpc.ts";

export interface ThreadsParts {
  readonly databaseUrl: string;
  readonly node: string;
  readonly secret: string;
  readonly onEvent: (event: EngineEvent) => void;
  /** A thread ended by itself. It took its part of the state with it: the program must start anew. */
  readonly onGone: (name: string, reason: string) => void;
}

export interface Threads {
  readonly engine: Remote<EngineApi>;
  /** Flushes what is on its way to the database and ends the threads. */
  stop(): Promise<void>;
}

/** Starts the persistence and the engine thread, joined to each other and the engine to this thread. */
export function startThreads(parts: ThreadsParts): Threads {
  const { port1: enginePort, port2: persistencePort } = new MessageChannel();
  let stopping = false;
  let storageFailure: string | null = null;

  const persistence = start("persistence-thread", {
    databaseUrl: parts.databaseUrl,
    node: parts.node,
    enginePort,
  } satisfies PersistenceWorkerData);
  connectThread<object, PersistenceEvent>(persistence, {}, (event) => {
    if (event.kind === "failed") storageFailure = event.reason;
  });
  const engine = start("engine-thread", {
    node: parts.node,
    secret: parts.secret,
    persistencePort,
  } satisfies EngineWorkerData);
  const link = connectThread<EngineApi, EngineEvent>(engine, {}, parts.onEvent);

  return {
    engine: link.remote,
    async stop() {
      stopping = true;
      await link.remote.stop().catch(() => {});
      await engine.terminate();
      await persistence.terminate();
    },
  };

  function start(name: string, data: EngineWorkerData | PersistenceWorkerData): Worker {
    const port = "enginePort" in data ? data.enginePort : data.persistencePort;
    const worker = new Worker(new URL(`../${name}/worker.ts`, import.meta.url), {
      name,
      workerData: data,
      transferList: [port],
    });
    let fault: string | null = null;
    worker.on("error", (error) => {
      fault = error.stack ?? error.message;
    });
    worker.on("exit", (code) => {
      if (name === "engine-thread") link.gone("the engine thread ended");
      if (!stopping) parts.onGone(name, fault ?? storageFailure ?? `it ended with code ${code}`);
    });
    return worker;
  }
}
