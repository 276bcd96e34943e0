/**
 * What passing messages on costs the relay agent:
 * `node bench/relay-forward.ts [--rate 30000] [--seconds 5] [--family 4|6] [--repeat 3]`.
 *
 * The whole program is the relay agent, with an access interface carried in datagrams on loopback. This process is both
 * ends: clients that discover and request (v6: solicit and request), and a server that answers what reaches it. Two
 * messages each way are one exchange, after which the relay agent knows the lease: half of the messages towards clients
 * are learnt from. `--rate` is messages a second each way.
 *
 * Printed: messages/s each way that arrived at the rate asked for, with what the relay agent added to each (from leaving one socket of this
 * process to arriving at another, so the system and this process are in it); and processor time of the relay agent's
 * engine thread, kernel included, a message, with what one core could do. Medians, lowest to highest.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { startBackend } from "@leasewire/e2e/support/backend.ts";
import { freeUdpPort } from "@leasewire/e2e/support/free-port.ts";
import { arrivalWord, arrivalWords, type DatagramBatch, openServerDatagrams } from "@leasewire/transport";
import { Samples } from "./load/latency.ts";
import {
  closeOption,
  findOption,
  lengthOf,
  openOption,
  option6,
  putHeader,
  relayHeaderLength,
  type6,
} from "./load/message6.ts";
import { get32, put16, put32 } from "./load/octets.ts";
import { threadSeconds, withPid } from "./load/ours.ts";

const { values: args } = parseArgs({
  options: {
    rate: { type: "string", default: "30000" },
    seconds: { type: "string", default: "5" },
    repeat: { type: "string", default: "3" },
    family: { type: "string" },
  },
});
const rate = Number(args.rate);
const exchangesMax = Math.floor((rate / 2) * Number(args.seconds));
/** Exchanges before those that count: code is compiled, the table has taken its first memory. */
const warmup = 20_000;
const drainMs = 1000;

type Family = 4 | 6;
type Figures = Record<string, number>;

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 100 ? 2 : 0);
}

// ---- messages: client N has N in its hardware address and its transaction id

/** What a family's messages look like; `at` of an answer is written into the scratch from 0 on. */
interface Messages {
  /** Message of client `n`: step 0 discovers or solicits, 1 requests. */
  request(n: number, step: number, into: Uint8Array): number;
  /** The server's answer to what the relay agent passed on. */
  answer(bytes: Uint8Array, from: number, length: number, into: Uint8Array): number;
  /** Number and step of what arrived at the server, as `n × 2 + step`; −1: something else. */
  atServer(bytes: Uint8Array, from: number, length: number): number;
  atClient(bytes: Uint8Array, from: number, length: number): number;
}

const cookie = 0x6382_5363;
const serverAddress4 = [127, 0, 0, 1];

const messages4: Messages = {
  request(n, step, into) {
    into.fill(0, 0, 300);
    into.set([1, 1, 6, 0], 0);
    put32(into, 4, n);
    into.set([2, 0], 28);
    put32(into, 30, n);
    put32(into, 236, cookie);
    into.set([53, 1, step === 0 ? 1 : 3, 61, 7, 1, 2, 0], 240);
    put32(into, 248, n);
    let at = 252;
    if (step === 1) {
      into.set([54, 4, ...serverAddress4, 50, 4], at);
      put32(into, at + 8, 0x0a80_0000 + n);
      at += 12;
    }
    into.set([55, 3, 1, 3, 51, 255], at);
    return 300;
  },
  answer(bytes, from, length, into) {
    into.fill(0, 0, 600);
    into.set(bytes.subarray(from, from + 240), 0);
    into[0] = 2;
    into[3] = 0;
    const n = get32(bytes, from + 4);
    put32(into, 16, 0x0a80_0000 + n);
    const type = bytes[from + 242]!;
    into.set([53, 1, type === 1 ? 2 : 5, 54, 4, ...serverAddress4, 51, 4, 0, 0, 14, 16, 1, 4, 255, 0, 0, 0], 240);
    let at = 261;
    for (let option = from + 240; option + 1 < from + length && bytes[option] !== 255; ) {
      if (bytes[option] === 0) {
        option += 1;
        continue;
      }
      const octets = bytes[option + 1]! + 2;
      if (bytes[option] === 82) {
        into.set(bytes.subarray(option, option + octets), at);
        at += octets;
      }
      option += octets;
    }
    into[at] = 255;
    return Math.max(300, at + 1);
  },
  atServer: (bytes, from) => (bytes[from] === 1 ? get32(bytes, from + 4) * 2 + (bytes[from + 242] === 1 ? 0 : 1) : -1),
  atClient: (bytes, from) => (bytes[from] === 2 ? get32(bytes, from + 4) * 2 + (bytes[from + 242] === 2 ? 0 : 1) : -1),
};

const serverDuid = [0, 3, 0, 1, 2, 2, 2, 2, 2, 2];

const messages6: Messages = {
  request(n, step, into) {
    let at = putHeader(into, 0, step === 0 ? type6.solicit : type6.request, n);
    let data = openOption(into, at, option6.clientId);
    into.set([0, 3, 0, 1, 2, 0], data);
    put32(into, data + 6, n);
    at = closeOption(into, data, data + 10);
    if (step === 1) {
      data = openOption(into, at, option6.serverId);
      into.set(serverDuid, data);
      at = closeOption(into, data, data + serverDuid.length);
    }
    data = openOption(into, at, option6.elapsedTime);
    put16(into, data, 0);
    at = closeOption(into, data, data + 2);
    data = openOption(into, at, option6.iaNa);
    into.fill(0, data, data + 12);
    put32(into, data, 1);
    return closeOption(into, data, data + 12);
  },
  answer(bytes, from, length, into) {
    into.set(bytes.subarray(from, from + relayHeaderLength), 0);
    into[0] = type6.relayReply;
    let at = relayHeaderLength;
    const end = from + length;
    const interfaceId = findOption(bytes, from + relayHeaderLength, end, option6.interfaceId);
    if (interfaceId >= 0) {
      const octets = lengthOf(bytes, interfaceId) + 4;
      into.set(bytes.subarray(interfaceId - 4, interfaceId - 4 + octets), at);
      at += octets;
    }
    const inner = findOption(bytes, from + relayHeaderLength, end, option6.relayMessage);
    const n = get32(bytes, inner) & 0xff_ffff;
    const message = openOption(into, at, option6.relayMessage);
    at = putHeader(into, message, bytes[inner] === type6.solicit ? type6.advertise : type6.reply, n);
    let data = openOption(into, at, option6.clientId);
    into.set([0, 3, 0, 1, 2, 0], data);
    put32(into, data + 6, n);
    at = closeOption(into, data, data + 10);
    data = openOption(into, at, option6.serverId);
    into.set(serverDuid, data);
    at = closeOption(into, data, data + serverDuid.length);
    const association = openOption(into, at, option6.iaNa);
    into.fill(0, association, association + 12);
    put32(into, association, 1);
    data = openOption(into, association + 12, option6.iaAddress);
    into.fill(0, data, data + 24);
    into.set([0x20, 1, 0xd, 0xb8, 0, 1], data);
    put32(into, data + 12, 0x1_0000 + n);
    put32(into, data + 16, 1800);
    put32(into, data + 20, 3600);
    at = closeOption(into, data, data + 24);
    at = closeOption(into, association, at);
    return closeOption(into, message, at);
  },
  atServer(bytes, from, length) {
    if (bytes[from] !== type6.relayForward) return -1;
    const inner = findOption(bytes, from + relayHeaderLength, from + length, option6.relayMessage);
    if (inner < 0) return -1;
    return (get32(bytes, inner) & 0xff_ffff) * 2 + (bytes[inner] === type6.solicit ? 0 : 1);
  },
  atClient: (bytes, from) => (get32(bytes, from) & 0xff_ffff) * 2 + (bytes[from] === type6.advertise ? 0 : 1),
};

// ---- the measurement

async function measure(family: Family): Promise<Figures> {
  const address = family === 4 ? "127.0.0.1" : "::1";
  const { request, answer, atServer, atClient } = family === 4 ? messages4 : messages6;
  const exchanges = warmup + exchangesMax;
  const scratch = new Uint8Array(2048);
  const sentToServer = new Float64Array(exchanges * 2);
  const sentToClient = new Float64Array(exchanges * 2);
  const toServer = new Samples(exchangesMax * 2);
  const toClient = new Samples(exchangesMax * 2);
  const arrived = { server: 0, client: 0 };
  const linkPort = await freeUdpPort(address);
  const listenPort = await freeUdpPort(address);

  const serverSocket = await open(family, (batch) => {
    const now = performance.now();
    each(batch, (from, length) => {
      const key = atServer(batch.bytes, from, length);
      if (key < 0 || key >= exchanges * 2) return;
      if (key >= warmup * 2) {
        arrived.server += 1;
        toServer.add(now - sentToServer[key]!);
      }
      const octets = answer(batch.bytes, from, length, scratch);
      sentToClient[key] = performance.now();
      serverSocket.send(address, listenPort, scratch.subarray(0, octets));
    });
    serverSocket.flush();
  });
  const clients = await open(family, (batch) => {
    const now = performance.now();
    each(batch, (from, length) => {
      const key = atClient(batch.bytes, from, length);
      if (key < 0 || key >= exchanges * 2) return;
      if (key >= warmup * 2) {
        arrived.client += 1;
        toClient.add(now - sentToClient[key]!);
      }
      if (key % 2 === 0) send(key >> 1, 1);
    });
    clients.flush();
  });
  const send = (n: number, step: number): void => {
    const octets = request(n, step, scratch);
    sentToServer[n * 2 + step] = performance.now();
    clients.send(address, linkPort, scratch.subarray(0, octets));
  };

  const inet = family === 4 ? "inet" : "inet6";
  const relay = `set forwarding-options dhcp-relay${family === 4 ? "" : " dhcpv6"}`;
  const unit = "set interfaces ge-0/0/1 unit 100";
  const { pid, started: backend } = await withPid(() =>
    startBackend({
      web: false,
      configuration: `${unit} family ${inet} address ${family === 4 ? "10.128.0.1/9" : "2001:db8:1::1/64"}
${unit} datagram-link ${inet} local-address ${address} local-port ${linkPort} remote-address ${address} remote-port ${clients.port}
${relay} server-group core ${address} port ${serverSocket.port}
${relay} active-server-group core
${relay} listen-address ${address}
${relay} listen-port ${listenPort}
${relay} group homes interface ge-0/0/1.100
${family === 4 ? `set forwarding-options dhcp-relay overrides always-write-option-82\n${relay} relay-option-82 circuit-id` : `${relay} relay-agent-interface-id`}
`,
    }),
  );
  try {
    await offer(0, warmup, Math.min(rate, 10_000) / 2);
    await settled();
    const before = engineSeconds(pid);
    const begun = performance.now();
    await offer(warmup, exchanges, rate / 2);
    const seconds = (performance.now() - begun) / 1000;
    await settled();
    const used = engineSeconds(pid) - before;
    const messages = arrived.server + arrived.client;
    if (arrived.client === 0) throw new Error(`Nothing came back through the relay agent:\n${backend.output()}`);
    const [up, down] = [toServer.report(), toClient.report()];
    return {
      "messages/s to the server": arrived.server / seconds,
      "messages/s to clients": arrived.client / seconds,
      "not arrived, of a million": (1 - messages / (exchangesMax * 4)) * 1e6,
      "added to the server, p50 ms": up.p50,
      "added to the server, p99 ms": up.p99,
      "added to clients, p50 ms": down.p50,
      "added to clients, p99 ms": down.p99,
      "engine thread, µs a message": (used / messages) * 1e6,
      "so one core passes on, messages/s each way": messages / 2 / used,
    };
  } finally {
    clients.close();
    serverSocket.close();
    await backend.dispose();
  }

  /** Until nothing has arrived for a while. */
  async function settled(): Promise<void> {
    for (let before = -1, all = 0; all > before; ) {
      before = all;
      await new Promise((resolve) => setTimeout(resolve, drainMs));
      all = clients.statistics().received + serverSocket.statistics().received;
    }
  }

  /** Begins exchanges `from` to `to` at a fixed rate; what a late timer has missed is made up at once. */
  async function offer(from: number, to: number, perSecond: number): Promise<void> {
    const begun = performance.now();
    for (let n = from; n < to; ) {
      const due = Math.min(to, from + Math.floor(((performance.now() - begun) * perSecond) / 1000));
      for (let burst = 0; n < due && burst < 64; n += 1, burst += 1) send(n, 0);
      clients.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function open(family: Family, onBatch: (batch: DatagramBatch) => void) {
  const opened = await openServerDatagrams(
    { family, address: family === 4 ? "127.0.0.1" : "::1", port: 0 },
    {
      onBatch,
      onFault: (error) => {
        throw error;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function each({ count, words }: DatagramBatch, take: (from: number, length: number) => void): void {
  for (let i = 0; i < count; i += 1)
    take(words[i * arrivalWords + arrivalWord.offset]!, words[i * arrivalWords + arrivalWord.length]!);
}

/** The thread that passes messages on and learns from them; what it learns is stored by others. */
function engineSeconds(pid: number): number {
  for (const [name, seconds] of threadSeconds(pid)) if (name.startsWith("engine")) return seconds;
  throw new Error(`no engine thread among ${[...threadSeconds(pid).keys()].join(", ")}`);
}

console.log(
  `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
for (const family of args.family === undefined ? ([4, 6] as const) : [Number(args.family) as Family]) {
  const all: Figures[] = [];
  for (let i = 0; i < Number(args.repeat); i += 1) all.push(await measure(family));
  console.log(`\nDHCPv${family}, ${rate.toLocaleString("en")}/s each way asked for, ${all.length} runs`);
  for (const name of Object.keys(all[0]!)) {
    const sorted = all.map((figures) => figures[name]!).sort((a, b) => a - b);
    const text = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!].map(format);
    console.log(`  ${name.padEnd(52)} ${text[0]!.padStart(12)}   ${text[1]} – ${text[2]}`);
  }
}
