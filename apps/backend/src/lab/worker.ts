// The lab's DHCP server: simulated subscribers behind real sockets on loopback, in a thread of its own.
import { createSocket } from "node:dgram";
import { parentPort, workerData } from "node:worker_threads";
import { createLabServer, type LabExample } from "@leasewire/sim";
import { connectThread } from "../threads/rpc.ts";
import type { LabApi, LabWorkerData } from "./messages.ts";

/** The same subscribers at every start: a key tried yesterday is still there. */
const seed = 1;
const stepPeriodMs = 1000;

const { server4, server6 } = workerData as LabWorkerData;
const server = createLabServer({ seed, now: Date.now() });

await answerOn("udp4", server4, (bytes, source) => server.respond4(bytes, source, Date.now()));
if (server6 !== null) await answerOn("udp6", server6, (bytes, source) => server.respond6(bytes, source, Date.now()));
setInterval(() => server.step(Date.now()), stepPeriodMs);
const api: LabApi = { examples: () => server.examples().filter(isForIndividualQueries).map(asTarget) };
connectThread(parentPort!, api);
parentPort!.postMessage({ kind: "event", event: "ready" });

/** Answers go to the port the query came from: a relay of the lab does not have the well-known port. */
function answerOn(
  type: "udp4" | "udp6",
  at: { readonly address: string; readonly port: number },
  respond: (bytes: Uint8Array, source: string) => ReturnType<typeof server.respond4>,
): Promise<void> {
  const socket = createSocket({ type, ipv6Only: type === "udp6" });
  socket.on("message", (bytes, { address, port }) => {
    const response = respond(bytes, address);
    if (response.kind !== "drop") socket.send(response.bytes, port, address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: at.address, port: at.port, exclusive: true }, () => {
      socket.off("error", reject);
      // A relay that closed its socket is nothing to fall over.
      socket.on("error", () => {});
      resolve();
    });
  });
}

function isForIndividualQueries({ kind }: LabExample): boolean {
  return kind !== "remote-id";
}

function asTarget({ family, kind, text, gatewayAddress }: LabExample) {
  // A delegated prefix is asked for in the field for addresses. A DHCPv6 query of the lab goes to all links.
  return {
    family,
    kind: kind === "prefix" ? "address" : kind,
    text,
    gatewayAddress: family === 4 ? gatewayAddress : null,
  };
}
