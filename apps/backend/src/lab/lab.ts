import { Worker } from "node:worker_threads";
import type { LeasequeryTargets } from "@leasewire/api";
import { type ConfigTree, localServerConfigurations } from "@leasewire/config";
import { LAB_GATEWAYS, labStatements } from "@leasewire/sim";
import type { Alarms } from "../alarms.ts";
import type { Log } from "../log.ts";
import { reasonOf } from "../start-failure.ts";
import { connectThread, type Remote } from "../threads/rpc.ts";
import type { LabApi, LabEndpoint, LabWorkerData } from "./messages.ts";
import { choosePlaces, readLab } from "./places.ts";

/** Key of the fact that remembers where everything of the lab is. */
const labFact = "lab";

export interface LabParts {
  /** What this node keeps about itself. */
  readonly facts: { read(key: string): Promise<string | null>; write(key: string, value: string): Promise<void> };
  readonly log: Log;
  readonly alarms: Alarms;
}

interface Running {
  readonly worker: Worker;
  readonly remote: Remote<LabApi>;
}

export type Lab = ReturnType<typeof createLab>;

/**
 * The lab of a first start without configuration: a local server on loopback, relay agents in front of it, and simulated
 * households that lease through them. They live as long as the active configuration has that server, so that a
 * configuration of one's own ends the lab by itself.
 */
export function createLab(parts: LabParts) {
  let lab: LabWorkerData | null = null;
  let running: Running | null = null;

  return {
    /** Reads where the lab is, if there ever was one on this node. */
    async open(): Promise<void> {
      const stored = await parts.facts.read(labFact);
      lab = stored === null ? null : readLab(stored);
    },

    /** A configuration for a new lab, on ports that are free now. */
    async configuration(): Promise<string> {
      const places = await choosePlaces();
      lab = { kind: "interfaces", places };
      await parts.facts.write(labFact, JSON.stringify(places));
      return `${labStatements(places).join("\n")}\n`;
    },

    /** Lets the households live or not, as the configuration in force wants it. */
    follow(active: ConfigTree): void {
      const wanted = lab !== null && hasServer(active, serversOf(lab));
      if (wanted && running === null) running = start(lab as LabWorkerData);
      if (!wanted && running !== null) void end();
    },

    /** Names of its relay agents, each of them a logical system; empty outside the lab. */
    relays(): readonly string[] {
      return running === null || lab?.kind !== "interfaces" ? [] : LAB_GATEWAYS.map(({ name }) => name);
    },

    /** Keys to try; empty outside the lab. */
    async examples(): Promise<LeasequeryTargets["examples"]> {
      return running === null ? [] : running.remote.examples().catch(() => []);
    },

    stop: end,
  };

  function start(data: LabWorkerData): Running {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { name: "lab", workerData: data });
    const link = connectThread<LabApi, "ready">(worker, {}, () => {
      parts.log.info({ part: "lab" }, "the lab's households live");
      parts.alarms.clear("lab");
    });
    worker.on("error", (error) => {
      parts.log.warn({ part: "lab", reason: reasonOf(error) }, "the lab's households ended");
      parts.alarms.raise("lab", {
        severity: "warning",
        text: `The lab's households ended: ${reasonOf(error)}.`,
        remedy: "Restart Leasewire, or commit a configuration of your own.",
      });
    });
    worker.on("exit", () => {
      link.gone("the lab's households ended");
      if (running?.worker === worker) running = null;
    });
    return { worker, remote: link.remote };
  }

  async function end(): Promise<void> {
    const ending = running;
    running = null;
    parts.alarms.clear("lab");
    await ending?.worker.terminate();
  }
}

function serversOf(lab: LabWorkerData): (LabEndpoint | null)[] {
  if (lab.kind === "gateways") return [lab.server4, lab.server6];
  const { 4: places4, 6: places6 } = lab.places;
  return [places4, places6].map((places) => places && { address: places.address, port: places.serverPort });
}

function hasServer(active: ConfigTree, servers: readonly (LabEndpoint | null)[]): boolean {
  return localServerConfigurations(active).some(({ listenAddress, listenPort }) =>
    servers.some((one) => one !== null && one.address === listenAddress && one.port === listenPort),
  );
}
