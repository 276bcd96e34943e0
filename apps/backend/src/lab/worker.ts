// The lab's access network: households behind gateways that relay to the local server over loopback, in a thread of its own.
import { createSocket, type Socket } from "node:dgram";
import { parentPort, workerData } from "node:worker_threads";
import type { LeasequeryTargets } from "@leasewire/api";
import { seededRandom } from "@leasewire/engines";
import type { Ipv4Address } from "@leasewire/net";
import {
  createLabNetwork,
  isEveryoneBound,
  LAB_GATEWAYS,
  type LabGateway,
  type LabInput,
  labExamples,
  nextLabDeadlineMs,
  stepLabNetwork,
} from "@leasewire/sim";
import { connectThread } from "../threads/rpc.ts";
import type { LabApi, LabWorkerData } from "./messages.ts";

/** The same households at every start: a key tried yesterday is still there. */
const seed = 1;
/** Loopback, whatever the system: answers come to the port a gateway sends from (RFC 8357). */
const relay4 = "127.0.0.1";
const relay6 = "::1";
const giaddr = 0x7f00_0001 as Ipv4Address;
/** Whoever asks for examples at the very start waits so long for the first households. */
const examplesWaitMsMax = 5_000;

const { server4, server6 } = workerData as LabWorkerData;
const servers = { 4: server4, 6: server6 } as const;
const sockets = new Map<LabGateway, Record<4 | 6, Socket | null>>();
for (const gateway of LAB_GATEWAYS) {
  sockets.set(gateway, {
    4: await openSocket(4, gateway),
    6: server6 === null ? null : await openSocket(6, gateway),
  });
}
const network = createLabNetwork({
  random: seededRandom(seed),
  now: Date.now(),
  giaddr,
  families: server6 === null ? [4] : [4, 6],
});
const firstHere = Promise.withResolvers<void>();
let timer: NodeJS.Timeout | undefined;

step({ kind: "deadline" });
const first = network.lives.filter(({ present }) => present);
setTimeout(firstHere.resolve, examplesWaitMsMax);
const api: LabApi = { examples: () => firstHere.promise.then(examples) };
connectThread(parentPort!, api);
parentPort!.postMessage({ kind: "event", event: "ready" });

function step(input: LabInput): void {
  const now = Date.now();
  const { sends, events } = stepLabNetwork(network, input, now);
  for (const { family, gateway, bytes } of sends) {
    const server = servers[family];
    if (server !== null) sockets.get(gateway)![family]?.send(bytes, server.port, server.address);
  }
  if (events.length > 0 && isEveryoneBound(first)) firstHere.resolve();
  clearTimeout(timer);
  timer = setTimeout(() => step({ kind: "deadline" }), Math.max(0, nextLabDeadlineMs(network) - now));
}

function openSocket(family: 4 | 6, gateway: LabGateway): Promise<Socket> {
  const socket = createSocket({ type: family === 4 ? "udp4" : "udp6", ipv6Only: family === 6 });
  socket.on("message", (bytes) => step({ kind: "datagram", family, gateway, bytes }));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: family === 4 ? relay4 : relay6, port: 0 }, () => {
      socket.off("error", reject);
      // A server that closed its socket is nothing to fall over: clients ask again.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

function examples(): LeasequeryTargets["examples"] {
  return labExamples(network).map(({ family, kind, text, gatewayAddress }) => ({
    family,
    kind,
    text,
    // A DHCPv6 query of the lab goes to all links.
    gatewayAddress: family === 4 ? gatewayAddress : null,
  }));
}
