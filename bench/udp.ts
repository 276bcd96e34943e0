/**
 * What a datagram costs the program that receives it, batched against node:dgram, in turn within one run.
 *
 *   node bench/udp.ts [--seconds 2] [--repeat 5] [--rates 20000,50000,100000,200000]
 *
 * A process of its own sends datagrams of 300 octets over loopback at a fixed rate; this one takes them, and in the rows
 * "with a reply" answers each. Cost is processor time of this process, all its threads and the kernel's part in its calls
 * included, over the datagrams received. Lost are those the system dropped. Ends with a table in Markdown.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { arrivalWord, arrivalWords, type DatagramHandlers, openServerDatagrams } from "@leasewire/transport";

const octets = 300;
const seconds = Number(argument("seconds") ?? 2);
const repeat = Number(argument("repeat") ?? 5);
const rates = (argument("rates") ?? "20000,50000,100000,200000").split(",").map(Number);

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

interface Order {
  readonly port: number;
  readonly rate: number;
  readonly count: number;
}

/** Sends what it is told to, a hundredth of a second's worth at most at once, and says how many left. */
async function sender(): Promise<void> {
  const opened = await openServerDatagrams(
    { family: 4, address: "127.0.0.1", port: 0 },
    { onBatch() {}, onFault: fail },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const socket = opened.value;
  const bytes = new Uint8Array(octets);
  process.on("message", async ({ port, rate, count }: Order) => {
    const before = socket.statistics().sent;
    const startedMs = performance.now();
    let queued = 0;
    while (queued < count) {
      const due = Math.min(count, Math.floor(((performance.now() - startedMs) * rate) / 1000));
      for (let burst = 0; queued < due && burst < rate / 100; burst += 1, queued += 1)
        socket.send("127.0.0.1", port, bytes);
      socket.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const elapsedSeconds = (performance.now() - startedMs) / 1000;
    process.send?.({ sent: socket.statistics().sent - before, rate: count / elapsedSeconds });
  });
  process.send?.("ready");
}

interface Way {
  readonly name: string;
  readonly implementation: "batched" | "plain";
  handlers(count: () => void, reply: (address: string, port: number, bytes: Uint8Array) => void): DatagramHandlers;
}

/** First octets of all datagrams: proof that they were read. */
let firstOctets = 0;
const ways: readonly Way[] = [
  {
    name: "batched, numbers (`onBatch`)",
    implementation: "batched",
    handlers: (count) => ({
      onBatch({ count: datagrams, bytes, words }) {
        for (let i = 0; i < datagrams; i += 1) {
          firstOctets += bytes[words[i * arrivalWords + arrivalWord.offset]!]!;
          count();
        }
      },
      onFault: fail,
    }),
  },
  {
    name: "batched, one by one (`onDatagram`)",
    implementation: "batched",
    handlers: (count) => ({
      onDatagram(_address, _port, bytes) {
        firstOctets += bytes[0]!;
        count();
      },
      onFault: fail,
    }),
  },
  {
    name: "node:dgram",
    implementation: "plain",
    handlers: (count) => ({
      onDatagram(_address, _port, bytes) {
        firstOctets += bytes[0]!;
        count();
      },
      onFault: fail,
    }),
  },
  {
    name: "batched, with a reply",
    implementation: "batched",
    handlers: (count, reply) => ({
      onDatagram(address, port, bytes) {
        reply(address, port, bytes);
        count();
      },
      onFault: fail,
    }),
  },
  {
    name: "node:dgram, with a reply",
    implementation: "plain",
    handlers: (count, reply) => ({
      onDatagram(address, port, bytes) {
        reply(address, port, bytes);
        count();
      },
      onFault: fail,
    }),
  },
];

interface Outcome {
  readonly microseconds: number;
  readonly lostShare: number;
  readonly offered: number;
}

async function measureAll(): Promise<void> {
  const child = fork(new URL(import.meta.url).pathname, ["--sender"]);
  await once(child, "message");
  const outcomes = new Map<string, Outcome[]>();
  for (const way of ways) await measure(way, rates[0]!, child);
  for (let round = 0; round < repeat; round += 1) {
    for (const rate of rates) {
      for (const way of ways) {
        const key = `${way.name} ${rate}`;
        const outcome = await measure(way, rate, child);
        outcomes.set(key, [...(outcomes.get(key) ?? []), outcome]);
        console.error(
          `${key}: ${outcome.microseconds.toFixed(2)} µs, ${(outcome.lostShare * 100).toFixed(2)} % lost, offered ${Math.round(outcome.offered)}/s`,
        );
      }
    }
  }
  child.kill();
  if (firstOctets !== 0) throw new Error("Something else arrived than was sent.");
  console.log(`| µs of processor a datagram (lost) | ${rates.map((rate) => `${rate / 1000} k/s`).join(" | ")} |`);
  console.log(`|---|${rates.map(() => "---").join("|")}|`);
  for (const way of ways) {
    const cells = rates.map((rate) => cell(outcomes.get(`${way.name} ${rate}`)!, rate));
    console.log(`| ${way.name} | ${cells.join(" | ")} |`);
  }
}

function cell(outcomes: readonly Outcome[], rate: number): string {
  const costs = outcomes.map(({ microseconds }) => microseconds).sort((a, b) => a - b);
  const lost = outcomes.map(({ lostShare }) => lostShare).sort((a, b) => a - b);
  const offered = outcomes.map((outcome) => outcome.offered).sort((a, b) => a - b)[Math.floor(outcomes.length / 2)]!;
  const middle = costs[Math.floor(costs.length / 2)]!;
  const share = lost[Math.floor(lost.length / 2)]!;
  const spread = `${costs[0]!.toFixed(1)}–${costs.at(-1)!.toFixed(1)}`;
  const short = offered < rate * 0.97 ? `, offered ${Math.round(offered / 1000)} k/s` : "";
  return `${middle.toFixed(1)} (${spread})${share > 0 ? `, ${(share * 100).toFixed(1)} % lost` : ""}${short}`;
}

async function measure(way: Way, rate: number, child: ChildProcess): Promise<Outcome> {
  let received = 0;
  const opened = await openServerDatagrams(
    { family: 4, address: "127.0.0.1", port: 0, implementation: way.implementation },
    way.handlers(
      () => {
        received += 1;
      },
      (address, port, bytes) => {
        if (opened.ok) opened.value.send(address, port, bytes);
      },
    ),
  );
  if (!opened.ok) throw new Error(opened.error.message);
  const socket = opened.value;
  const count = rate * seconds;
  const before = process.cpuUsage();
  child.send({ port: socket.port, rate, count } satisfies Order);
  const [{ sent, rate: offered }] = (await once(child, "message")) as [{ sent: number; rate: number }];
  // What the system still holds for us.
  while (received + (socket.statistics().lost ?? 0) < sent) await new Promise((resolve) => setTimeout(resolve, 10));
  const used = process.cpuUsage(before);
  await socket.close();
  return { microseconds: (used.user + used.system) / received, lostShare: (sent - received) / sent, offered };
}

function fail(error: Error): void {
  throw error;
}

if (process.argv.includes("--sender")) await sender();
else await measureAll();
