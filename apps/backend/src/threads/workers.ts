import { MessageChannel, MessagePort, Worker } from "node:worker_threads";
import { journalFile } from "@leasewire/db";
import type { EngineApi, EngineEvent, EngineWorkerData } from "../engine-thread/messages.ts";
import type { JournalDeskApi, JournalEvent, JournalWorkerData } from "../journal-thread/messages.ts";
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
  /** Resolves once every change that is durable now can be read in the database. */
  stored(): Promise<void>;
  /** Flushes what is on its way to the database and ends the threads. */
  stop(): Promise<void>;
}

/** A database that does not get on holds the end of the program up no longer than this. */
const storedMsMax = 10_000;

/**
 * Starts the persistence and the engine thread, joined to each other and the engine to this thread. Before SQLite stands
 * the journal thread.
 */
export function startThreads(parts: ThreadsParts): Threads {
  const { port1: enginePort, port2: persistencePort } = new MessageChannel();
  const file = journalFile(parts.databaseUrl, ".");
  const journalPorts = file === null ? null : new MessageChannel();
  let stopping = false;
  let storageFailure: string | null = null;

  const persistence = start("persistence-thread", {
    databaseUrl: parts.databaseUrl,
    node: parts.node,
    enginePort: journalPorts?.port2 ?? enginePort,
  } satisfies PersistenceWorkerData);
  connectThread<object, PersistenceEvent>(persistence, {}, (event) => {
    if (event.kind === "failed") storageFailure = event.reason;
  });
  const journal =
    file === null || journalPorts === null
      ? null
      : start("journal-thread", {
          file,
          node: parts.node,
          enginePort,
          persistencePort: journalPorts.port1,
        } satisfies JournalWorkerData);
  const desk =
    journal === null
      ? null
      : connectThread<JournalDeskApi, JournalEvent>(journal, {}, (event) => {
          storageFailure = event.reason;
        });
  const engine = start("engine-thread", {
    node: parts.node,
    secret: parts.secret,
    persistencePort,
  } satisfies EngineWorkerData);
  const link = connectThread<EngineApi, EngineEvent>(engine, {}, parts.onEvent);

  return {
    engine: link.remote,
    stored: async () => desk?.remote.settled(),
    async stop() {
      stopping = true;
      await link.remote.stop().catch(() => {});
      await engine.terminate();
      // What does not get there now is taken from the journal at the next start.
      if (desk !== null) await atMost(storedMsMax, desk.remote.settled());
      await journal?.terminate();
      await persistence.terminate();
    },
  };

  function start(name: string, data: EngineWorkerData | PersistenceWorkerData | JournalWorkerData): Worker {
    const ports = Object.values(data).filter((value) => value instanceof MessagePort);
    const worker = new Worker(new URL(`../${name}/worker.ts`, import.meta.url), {
      name,
      workerData: data,
      transferList: ports,
    });
    let fault: string | null = null;
    worker.on("error", (error) => {
      fault = error.stack ?? error.message;
    });
    worker.on("exit", (code) => {
      if (name === "journal-thread") desk?.gone("the journal thread ended");
      if (name === "engine-thread") link.gone("the engine thread ended");
      if (!stopping) parts.onGone(name, fault ?? storageFailure ?? `it ended with code ${code}`);
    });
    return worker;
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise: impatience, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => {}), impatience]);
  clearTimeout(timer);
}
