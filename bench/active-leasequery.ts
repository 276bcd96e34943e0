/**
 * How fast changes reach requestors with active leasequery:
 * `node bench/active-leasequery.ts [--rate 10000] [--requestors 8] [--seconds 10] [--family 4|6]`.
 *
 * A server process with 100,000 bindings renews `rate` of them a second, in batches of a hundredth of a second as a
 * database commits them: the change is put, the batch becomes durable at once, and each change carries its number in its
 * remote-id (v6: in the DUID). The requestors are connections of one other process. Checked: every change of every
 * binding arrives at every requestor, but for those that a later change of the same binding overtook; here no binding
 * changes twice. Printed: changes a second that arrived, and how long after the commit, by the clock both share.
 */
import { type ChildProcess, fork } from "node:child_process";
import { connect } from "node:net";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type BindingInput, BindingTable } from "@leasewire/bindings";
import { LeasequeryConnections, type ResponderScopes4, type ResponderScopes6 } from "@leasewire/engines";
import { type Ipv4Address, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import { serveLeasequery } from "@leasewire/transport";
import { activeLeasequery4, activeLeasequery6, FrameReader, frame } from "@leasewire/wire";

const INSTANCE = "default:default";
const { values: args } = parseArgs({
  options: {
    rate: { type: "string", default: "10000" },
    requestors: { type: "string", default: "8" },
    seconds: { type: "string", default: "10" },
    family: { type: "string" },
    role: { type: "string" },
  },
});
const rate = Number(args.rate);
const requestors = Number(args.requestors);
const seconds = Number(args.seconds);
const changes = rate * seconds;
const batchMs = 10;

/**
 * Option 82 with a circuit-id of 82 octets; peer-address and RELAY-FORW with an Interface-ID of 86 octets. The text names no
 * interface.
 */
const relayAgentInformation = {
  4: Uint8Array.of(1, 82, ...new Array<number>(82).fill(0x78)),
  6: Uint8Array.of(
    ...new Array<number>(16).fill(0),
    12,
    ...new Array<number>(33).fill(0),
    0,
    18,
    0,
    86,
    ...new Array<number>(86).fill(0x78),
  ),
} as const;

if (args.role === "server") await serve(args.family === "6" ? 6 : 4);
else if (args.role === "requestor") request(args.family === "6" ? 6 : 4);
else {
  console.log(
    `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
  );
  for (const family of args.family === undefined ? [4, 6] : [Number(args.family)]) await measure(family as 4 | 6);
}

/** Milliseconds that both processes count alike. */
function clock(): number {
  return performance.timeOrigin + performance.now();
}

function lease(family: 4 | 6, n: number, expiresAtSeconds: number): BindingInput {
  const number = [n >>> 24, n >>> 16, n >>> 8, n].map((octet) => octet & 255);
  const now = Math.floor(Date.now() / 1000);
  return {
    instance: INSTANCE,
    address:
      family === 4
        ? Uint8Array.of(10, ...number.slice(1))
        : Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(8).fill(0), ...number),
    prefixLength: family === 4 ? 32 : 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(2, 0, ...number),
    clientId: family === 4 ? Uint8Array.of(1, 2, 0, ...number) : Uint8Array.of(0, 3, 0, 1, 2, 0, ...number),
    startTimeOfStateSeconds: now,
    clientLastTransactionTimeSeconds: now,
    expiresAtSeconds,
    relayAgentInformation: relayAgentInformation[family],
    dataSource: 0,
    origin: "server",
  };
}

async function serve(family: 4 | 6): Promise<void> {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  const table = tables[family];
  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < changes; n += 1) table.put(lease(family, n, now + 86_400), "import", now);
  let durable = table.sequence;
  const active = { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" } as const;
  const bulk = {
    connectionsMax: 10,
    emptyRepliesMax: 5,
    timeoutSeconds: 120,
    restrictedRequestor: false,
    queriesParallelMax: 4,
  };
  const scopes4: ResponderScopes4 = {
    instance: INSTANCE,
    serverIdentifier: ipv4FromBytes(Uint8Array.of(127, 0, 0, 1)),
    managed: [{ address: 0x0a00_0000 as Ipv4Address, length: 8 }],
    bulk,
    active,
  };
  const link = ipv6FromBytes(Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(12).fill(0)));
  const scopes6: ResponderScopes6 = {
    instance: INSTANCE,
    serverDuid: Uint8Array.of(0, 3, 0, 1, 2, 2, 2, 2, 2, 2),
    links: [{ linkAddress: link, prefixes: [{ address: link, length: 32 }] }],
    bulk,
    active,
  };
  const engine = new LeasequeryConnections({ tables, durable: () => durable });
  engine.configure({ servers4: [scopes4], servers6: [scopes6] }, Date.now());
  const opened = await serveLeasequery(
    { family, instance: INSTANCE, address: family === 4 ? "127.0.0.1" : "::1", port: 0 },
    engine,
    {
      onFault: (error) => {
        throw error;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  process.on("message", () => {
    const began = clock();
    const committed: number[] = new Array<number>(changes);
    let told = 0;
    const before = process.threadCpuUsage();
    const timer = setInterval(() => {
      const due = Math.min(changes, Math.floor(((clock() - began) * rate) / 1000));
      const from = told;
      const nowSeconds = Math.floor(Date.now() / 1000);
      for (; told < due; told += 1)
        table.put(lease(family, told, nowSeconds + 86_400 + 1 + told), "renewed", nowSeconds);
      durable = table.sequence;
      const at = clock();
      for (let n = from; n < told; n += 1) committed[n] = at;
      engine.durableAdvanced();
      if (told < changes) return;
      clearInterval(timer);
      const { user, system } = process.threadCpuUsage(before);
      process.send!({ committed, ms: at - began, cpuMs: (user + system) / 1000 });
    }, batchMs);
  });
  process.send!({ port: opened.value.port });
}

function request(family: 4 | 6): void {
  const arrived = Array.from({ length: requestors }, () => new Float64Array(changes));
  let missing = requestors * changes;
  process.on("message", (port: number) => {
    let open = 0;
    for (let i = 0; i < requestors; i += 1) {
      const times = arrived[i]!;
      const reader = new FrameReader({ messageLengthMin: family === 4 ? 240 : 4 });
      const socket = connect({ port, host: family === 4 ? "127.0.0.1" : "::1", noDelay: true });
      const query =
        family === 4
          ? activeLeasequery4({ xid: 7, parameterRequestList: [152, 51, 61, 82, 91, 156] })
          : activeLeasequery6({ transactionId: 7, clientDuid: Uint8Array.of(0, 3, 0, 1, 9), requestedOptions: [100] });
      socket.on("connect", () => {
        socket.write(frame(query));
        open += 1;
        if (open === requestors) setTimeout(() => process.send!({}), 500);
      });
      socket.on("data", (bytes) => {
        const at = clock();
        for (const message of reader.push(bytes).frames) {
          // v4: ciaddr; v6: the DUID in the CLIENT_DATA of a LEASEQUERY-DATA, behind base-time.
          if (family === 6 && message[0] !== 17) continue;
          const where = family === 4 ? 12 : 4 + 8 + 4 + 4 + 6;
          const n =
            family === 4
              ? (message[where + 1]! << 16) | (message[where + 2]! << 8) | message[where + 3]!
              : (message[where]! << 24) |
                (message[where + 1]! << 16) |
                (message[where + 2]! << 8) |
                message[where + 3]!;
          if (times[n] !== 0) continue;
          times[n] = at;
          missing -= 1;
        }
        if (missing === 0) {
          missing = -1;
          process.send!({ arrived: arrived.map((one) => [...one]) });
        }
      });
    }
  });
  process.send!({});
}

async function measure(family: 4 | 6): Promise<void> {
  const start = (role: string): ChildProcess =>
    fork(import.meta.filename, [
      ...["--role", role, "--family", String(family), "--rate", String(rate)],
      ...["--requestors", String(requestors), "--seconds", String(seconds)],
    ]);
  const server = start("server");
  const { port } = await told<{ port: number }>(server);
  const requestor = start("requestor");
  await told(requestor);
  requestor.send(port);
  await told(requestor);
  const all = told<{ arrived: number[][] }>(requestor);
  server.send({});
  const { committed, ms, cpuMs } = await told<{ committed: number[]; ms: number; cpuMs: number }>(server);
  const { arrived } = await all;
  const delays = Float64Array.from(arrived.flatMap((times) => times.map((at, n) => at - committed[n]!))).sort();
  const at = (part: number): string =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * part))]!.toFixed(2);
  console.log(`\nDHCPv${family}: ${changes} changes, ${requestors} requestors`);
  console.log(`  changes/s made                          ${Math.round((changes / ms) * 1000).toLocaleString("en")}`);
  console.log(
    `  arrived                                 ${delays.length.toLocaleString("en")}, every change at every requestor`,
  );
  console.log(`  commit to arrival, ms: p50, p99, worst  ${at(0.5)}, ${at(0.99)}, ${at(1)}`);
  console.log(
    `  processor time of the server            ${((cpuMs / ms) * 100).toFixed(0)} % of a core, the changes themselves included`,
  );
  server.kill();
  requestor.kill();
}

function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("the process has ended"));
    child.once("exit", gone);
    child.once("message", (message) => {
      child.off("exit", gone);
      resolve(message as T);
    });
  });
}
