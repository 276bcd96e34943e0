import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { Worker } from "node:worker_threads";
import type { LeasequeryTargets } from "@leasewire/api";
import { type ConfigTree, localServerConfigurations } from "@leasewire/config";
import { type LabEndpoint, labServerStatements } from "@leasewire/sim";
import type { Alarms } from "../alarms.ts";
import type { Log } from "../log.ts";
import { reasonOf } from "../start-failure.ts";
import { connectThread, type Remote } from "../threads/rpc.ts";
import type { LabApi, LabWorkerData } from "./messages.ts";

/** Tried first; where one is taken, any free port takes its place. */
const portsPreferred = { server4: 10_067, relay4: 10_068, relay6: 10_546, server6: 10_547 } as const;
const address4 = "127.0.0.1";
const address6 = "::1";
/** A port that is free for datagrams may be taken for connections: so often another one is tried. */
const portTriesMax = 20;
/** Key of the fact that remembers where the lab's server listens. */
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
 * The lab of a first start without configuration: a local server on loopback, a relay that queries it, and simulated
 * households that lease from it. They live as long as the active configuration has that server, so that a configuration
 * of one's own ends the lab by itself.
 */
export function createLab(parts: LabParts) {
  let servers: LabWorkerData | null = null;
  let running: Running | null = null;

  return {
    /** Reads where the lab's server listens, if there ever was a lab on this node. */
    async open(): Promise<void> {
      const stored = await parts.facts.read(labFact);
      servers = stored === null ? null : (JSON.parse(stored) as LabWorkerData);
    },

    /** A configuration for a new lab, on ports that are free now. */
    async configuration(): Promise<string> {
      const server4 = { address: address4, port: await freeServerPort(address4, portsPreferred.server4) };
      const relay4 = await freePort(address4, portsPreferred.relay4);
      const has6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === address6));
      const server6 = has6 ? { address: address6, port: await freeServerPort(address6, portsPreferred.server6) } : null;
      const relay6 = has6 ? await freePort(address6, portsPreferred.relay6) : 0;
      servers = { server4, server6 };
      await parts.facts.write(labFact, JSON.stringify(servers));
      return labStatements(servers, relay4, relay6);
    },

    /** Lets the households live or not, as the configuration in force wants it. */
    follow(active: ConfigTree): void {
      const wanted = servers !== null && hasServer(active, servers);
      if (wanted && running === null) running = start(servers as LabWorkerData);
      if (!wanted && running !== null) void end();
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
      parts.log.info({ part: "lab", ...data }, "the lab's households live");
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

/** The server in one logical system, the relay that queries it in another one. */
function labStatements({ server4, server6 }: LabWorkerData, relay4: number, relay6: number): string {
  const relay = "set logical-systems bng-a forwarding-options dhcp-relay";
  const statements = [
    ...labServerStatements(server4, server6),
    `${relay} overrides always-write-option-82`,
    `${relay} relay-option-82 circuit-id`,
    `${relay} server-group core ${server4.address} port ${server4.port}`,
    `${relay} active-server-group core`,
    `${relay} leasequery`,
    `${relay} listen-address ${address4}`,
    `${relay} listen-port ${relay4}`,
  ];
  if (server6 !== null) {
    statements.push(
      `${relay} dhcpv6 relay-agent-interface-id`,
      `${relay} dhcpv6 server-group core ${server6.address} port ${server6.port}`,
      `${relay} dhcpv6 active-server-group core`,
      `${relay} dhcpv6 leasequery`,
      `${relay} dhcpv6 listen-address ${address6}`,
      `${relay} dhcpv6 listen-port ${relay6}`,
    );
  }
  return `${statements.join("\n")}\n`;
}

function hasServer(active: ConfigTree, { server4, server6 }: LabWorkerData): boolean {
  const isAt = (address: string | undefined, port: number, at: LabEndpoint | null) =>
    at !== null && address === at.address && port === at.port;
  return localServerConfigurations(active).some(
    ({ listenAddress, listenPort }) =>
      isAt(listenAddress, listenPort, server4) || isAt(listenAddress, listenPort, server6),
  );
}

/** Free for datagrams and for connections. */
async function freeServerPort(address: string, preferred: number): Promise<number> {
  let port = await freePort(address, preferred);
  for (let tries = 1; tries < portTriesMax && !(await takesConnections(address, port)); tries += 1) {
    port = await freePort(address, 0);
  }
  return port;
}

function takesConnections(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function freePort(address: string, preferred: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const socket = createSocket({ type: address === address6 ? "udp6" : "udp4", ipv6Only: address === address6 });
      socket.once("error", reject);
      socket.bind({ address, port, exclusive: true }, () => {
        const { port: got } = socket.address();
        socket.close(() => resolve(got));
      });
    });
  return attempt(preferred).catch(() => attempt(0));
}
