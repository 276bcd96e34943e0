// The lab's households, in a thread of its own: DHCP clients that reach the local server over loopback.
import { parentPort, workerData } from "node:worker_threads";
import type { LeasequeryTargets } from "@leasewire/api";
import { seededRandom } from "@leasewire/engines";
import {
  createLabNetwork,
  isEveryoneBound,
  type LabDatagram,
  type LabInput,
  labExamples,
  nextLabDeadlineMs,
  stepLabNetwork,
} from "@leasewire/sim";
import { connectThread } from "../threads/rpc.ts";
import { type LabAccess, openInterfaces } from "./access.ts";
import { openGateways } from "./gateways.ts";
import type { LabApi, LabWorkerData } from "./messages.ts";

/** The same households at every start: a key tried yesterday is still there. */
const seed = 1;
/** Whoever asks for examples at the very start waits so long for the first households. */
const examplesWaitMsMax = 5_000;

const data = workerData as LabWorkerData;
const has6 = (data.kind === "interfaces" ? data.places[6] : data.server6) !== null;
const network = createLabNetwork({
  random: seededRandom(seed),
  now: Date.now(),
  families: has6 ? [4, 6] : [4],
});
let access: LabAccess | null = null;
const firstHere = Promise.withResolvers<void>();
let timer: NodeJS.Timeout | undefined;

// What arrives before anybody could have asked for it is late: answers to households of an earlier run.
const onDatagram = (datagram: LabDatagram) => {
  if (access !== null) step({ kind: "datagram", ...datagram });
};
access =
  data.kind === "interfaces" ? await openInterfaces(data.places, onDatagram) : await openGateways(data, onDatagram);
step({ kind: "deadline" });
const first = network.lives.filter(({ present }) => present);
setTimeout(firstHere.resolve, examplesWaitMsMax);
const api: LabApi = { examples: () => firstHere.promise.then(examples) };
connectThread(parentPort!, api);
parentPort!.postMessage({ kind: "event", event: "ready" });

function step(input: LabInput): void {
  const now = Date.now();
  const { sends, events } = stepLabNetwork(network, input, now);
  for (const datagram of sends) access?.send(datagram);
  if (events.length > 0 && isEveryoneBound(first)) firstHere.resolve();
  clearTimeout(timer);
  timer = setTimeout(() => step({ kind: "deadline" }), Math.max(0, nextLabDeadlineMs(network) - now));
}

function examples(): LeasequeryTargets["examples"] {
  return labExamples(network).map(({ family, kind, text, gatewayAddress, logicalSystem }) => ({
    family,
    kind,
    text,
    // A DHCPv6 query of the lab goes to all links.
    gatewayAddress: family === 4 ? gatewayAddress : null,
    // The relay of an earlier lab is all there is, and has no interfaces: it is not asked for by name.
    instance: data.kind === "gateways" || logicalSystem === null ? null : `${logicalSystem}:*`,
  }));
}
