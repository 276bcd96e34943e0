/**
 * How long clients wait for their lease while a bulk leasequery is answered: our whole program on SQLite, with as many
 * leases as a run of DORAs has made before.
 *
 *   node bench/dora-beside-bulk.ts [--leases 1000000] [--rate 500] [--seconds 10] [--repeat 3]
 *
 * The query for all configured addresses names those that are free as well: with the pool of this benchmark, a /12, an answer
 * has about a million messages whatever is leased.
 *
 * First DORAs at a fixed rate with nothing else going on, then the same while requestors in a process of their own ask for
 * all configured addresses, one after the other, and take what comes as fast as it comes. Each bulk answer must hold at
 * least as many messages as there are leases. Needs root. Ends with a table in Markdown.
 */
import { fork } from "node:child_process";
import { connect } from "node:net";
import { loadavg } from "node:os";
import { bulkLeasequery4, frame } from "@leasewire/wire";
import { startOurs } from "./load/ours.ts";
import { makePlace } from "./load/place.ts";
import { type LoadReport, runLoad } from "./load/run.ts";

interface Request {
  readonly address: string;
  readonly until: number;
}

interface Answered {
  readonly answers: number;
  readonly messages: number;
  readonly messagesMin: number;
}

/** DHCPLEASEQUERYDONE (RFC 6926 §6.2.1). */
const leasequeryDone = 15;

if (process.send === undefined) await measure();
else {
  process.once("message", (order: Request) => void request(order));
  process.send("ready");
}

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

async function measure(): Promise<void> {
  const leases = argument("leases", 1_000_000);
  const rate = argument("rate", 500);
  const seconds = argument("seconds", 10);
  const place = makePlace("load");
  const runs: { readonly alone: LoadReport; readonly beside: LoadReport; readonly answered: Answered }[] = [];
  try {
    const ours = await startOurs(place);
    try {
      const common = {
        scenario: "dora",
        localAddress: place.network4.relay,
        serverAddress: place.serverAddress4,
      } as const;
      const where = { namespace: place.loadNamespace };
      const filled = await runLoad({ ...common, count: leases, seed: 1, outstanding: 512 }, where);
      if (filled.completed < leases) console.error(`not all leases were made: ${JSON.stringify(filled.failed)}`);
      for (let round = 0; round < argument("repeat", 3); round += 1) {
        const load = { ...common, count: rate * seconds, rate, outstanding: 16_384 };
        const alone = await runLoad({ ...load, seed: 10 + round * 2 }, where);
        const requestor = fork(import.meta.filename, [], { stdio: "inherit" });
        const told = () =>
          new Promise<unknown>((resolve, reject) => {
            requestor.once("message", resolve);
            requestor.once("exit", () => reject(new Error("The requestor ended.")));
          });
        // Until it runs nothing is measured.
        await told();
        const answered = told() as Promise<Answered>;
        // They begin before the clients come and end after them.
        requestor.send({ address: place.serverAddress4, until: Date.now() + (seconds + 2) * 1_000 } satisfies Request);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const beside = await runLoad({ ...load, seed: 11 + round * 2 }, where);
        const bulk = await answered;
        if (requestor.connected) requestor.disconnect();
        if (bulk.messages === 0 || (bulk.answers > 0 && bulk.messagesMin < filled.completed))
          throw new Error(`bulk answers: ${JSON.stringify(bulk)}`);
        runs.push({ alone, beside, answered: bulk });
        console.error(JSON.stringify({ load: loadavg()[0], alone: alone.latencyMs, beside: beside.latencyMs, bulk }));
      }
    } finally {
      await ours.stop();
    }
  } finally {
    place.remove();
  }
  const median = (values: number[], digits: number) => {
    const sorted = values.sort((a, b) => a - b);
    const middle = sorted[sorted.length >> 1]!.toFixed(digits);
    return sorted.length === 1 ? middle : `${middle} (${sorted[0]!.toFixed(digits)}–${sorted.at(-1)!.toFixed(digits)})`;
  };
  console.log(
    `| ${leases.toLocaleString("en")} leases, ${rate} DORA/s | DISCOVER to OFFER, p50 / p99 ms | REQUEST to ACK, p50 / p99 ms | whole, p50 / p99 ms | bulk messages/s |`,
  );
  console.log("|---|---|---|---|---|");
  for (const which of ["alone", "beside"] as const) {
    const cell = (step: string) =>
      `${median(
        runs.map((run) => run[which].latencyMs[step]!.p50),
        1,
      )} / ${median(
        runs.map((run) => run[which].latencyMs[step]!.p99),
        1,
      )}`;
    const bulk = median(
      runs.map(({ answered }) => (which === "alone" ? 0 : answered.messages / (seconds + 2))),
      0,
    );
    const name = which === "alone" ? "nothing else" : "while bulk answers run";
    console.log(`| ${name} | ${cell("discover")} | ${cell("request")} | ${cell("whole")} | ${bulk} |`);
  }
}

/** Asks again and again until then, and counts messages by their frames. */
async function request({ address, until }: Request): Promise<void> {
  const query = frame(
    bulkLeasequery4({ xid: 7, query: { kind: "all" }, parameterRequestList: [51, 61, 82, 91, 152, 153, 156] }),
  );
  const counts: number[] = [];
  let messages = 0;
  while (Date.now() < until) {
    const before = messages;
    if (await ask()) counts.push(messages - before);
  }
  process.send!({ answers: counts.length, messages, messagesMin: Math.min(...counts) } satisfies Answered);

  /** Whether the answer came to its end. */
  function ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ port: 67, host: address });
      let rest = 0;
      let half = -1;
      let type = -1;
      let seen = 0;
      const timer = setTimeout(() => end(false), Math.max(0, until - Date.now()));
      const end = (whole: boolean): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(whole);
      };
      socket.on("connect", () => socket.write(query));
      socket.on("error", () => end(false));
      socket.on("close", () => end(false));
      socket.on("data", (bytes: Uint8Array) => {
        for (let at = 0; at < bytes.length; ) {
          if (rest === 0) {
            if (half < 0) half = bytes[at]!;
            else {
              rest = (half << 8) | bytes[at]!;
              half = -1;
              seen = 0;
              type = -1;
            }
            at += 1;
            continue;
          }
          // Option 53 is the first one of every message: fixed header, cookie, code, length.
          const typeAt = 242 - seen;
          if (type < 0 && typeAt >= 0 && at + typeAt < bytes.length && typeAt < rest) type = bytes[at + typeAt]!;
          const take = Math.min(rest, bytes.length - at);
          rest -= take;
          seen += take;
          at += take;
          if (rest > 0) continue;
          if (type === leasequeryDone) return end(true);
          messages += 1;
        }
      });
    });
  }
}
