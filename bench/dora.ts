/**
 * Leases a server gives out in a second, durable before they are promised: our whole program on SQLite against Debian's
 * Kea 2.2 with its leases in memory and a file (memfile, which does not wait for the disk), in turn within one run.
 *
 *   node bench/dora.ts [--exchanges 50000] [--repeat 3] [--outstanding 64,512] [--rates 1000,3000] [--family 4|6] [--only ours|kea]
 *     [--perfdhcp 2000,6000] [--seconds 10]
 *
 * The load client is a relay in a process of its own on the other end of a veth pair; an exchange is DISCOVER, OFFER,
 * REQUEST, ACK (IPv6: Solicit, Advertise, Request, Reply, for an address and a prefix) of a client never seen before. It
 * checks that each ACK is for the client that asked and that no address is given twice. Each measurement begins with a
 * server that has 5,000 leases. Needs root. Ends with tables in Markdown.
 *
 * With `--perfdhcp` Debian's perfdhcp is the load client instead, at each of these rates for `--seconds`; it ends with a table
 * of its own.
 */
import { keaAbsence, startKea } from "./load/kea.ts";
import { type Measured, processorSeconds, startOurs, threadSeconds } from "./load/ours.ts";
import { type PerfdhcpReport, perfdhcpAbsence, runPerfdhcp } from "./load/perfdhcp.ts";
import { makePlace, type Place } from "./load/place.ts";
import { type LoadReport, runLoad } from "./load/run.ts";

const exchanges = Number(argument("exchanges") ?? 50_000);
const repeat = Number(argument("repeat") ?? 3);
const windows = (argument("outstanding") ?? "64,512").split(",").map(Number);
const rates = (argument("rates") ?? "1000,3000")
  .split(",")
  .map(Number)
  .filter((rate) => rate > 0);
const family = argument("family") === "6" ? 6 : 4;
const only = argument("only");
const perfdhcpRates = argument("perfdhcp")?.split(",").map(Number);
const perfdhcpSeconds = Number(argument("seconds") ?? 10);

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

interface Contender {
  readonly name: string;
  readonly inNamespace: "server" | "load";
  start(place: Place): Promise<Measured>;
}

const contenders: Contender[] = [
  { name: "Leasewire, SQLite, durable", inNamespace: "load" as const, start: (place: Place) => startOurs(place) },
  { name: "Kea 2.2, memfile", inNamespace: "server" as const, start: (place: Place) => startKea(place, family) },
].filter(({ name }) => only === undefined || name.toLowerCase().startsWith(only === "kea" ? "kea" : "lease"));

interface Load {
  readonly name: string;
  readonly outstanding: number;
  readonly rate: number | undefined;
}

interface Outcome extends LoadReport {
  readonly processorUs: number;
}

const absence = keaAbsence(family);
if (absence !== null) console.error(`${absence}: only our program is measured.`);
const present = contenders.filter(({ name }) => absence === null || !name.startsWith("Kea"));
if (perfdhcpRates === undefined) await measureLoads();
else await measurePerfdhcp(perfdhcpRates);

async function measureLoads(): Promise<void> {
  const loads: Load[] = [
    ...windows.map((outstanding) => ({ name: `${outstanding} outstanding`, outstanding, rate: undefined })),
    ...rates.map((rate) => ({ name: `${rate}/s offered`, outstanding: 16_384, rate })),
  ];
  const outcomes = new Map<string, Outcome[]>();
  for (let round = 0; round < repeat; round += 1) {
    for (const load of loads) {
      for (const contender of present) {
        const outcome = await measure(contender, load);
        const key = `${load.name} | ${contender.name}`;
        outcomes.set(key, [...(outcomes.get(key) ?? []), outcome]);
        console.error(
          `${key}: ${outcome.perSecond.toFixed(0)}/s, p50 ${outcome.latencyMs.whole!.p50.toFixed(1)} p99 ${outcome.latencyMs.whole!.p99.toFixed(1)} ms, ${outcome.processorUs.toFixed(0)} µs each, sent again ${outcome.sentAgain}, failed ${JSON.stringify(outcome.failed)}, load client ${(outcome.processorShare * 100).toFixed(0)} %`,
        );
      }
    }
  }

  const [first, second] =
    family === 4 ? ["DISCOVER to OFFER", "REQUEST to ACK"] : ["Solicit to Advertise", "Request to Reply"];
  console.log(
    `| load | server | exchanges/s | ${first}, p50 / p99 ms | ${second}, p50 / p99 ms | whole, p50 / p99 ms | server's processor, µs an exchange | requests sent again | failed |`,
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const [key, runs] of outcomes) console.log(`| ${key} | ${row(runs)} |`);
}

async function measure(contender: Contender, load: Load): Promise<Outcome> {
  const place = makePlace(contender.inNamespace);
  try {
    const server = await contender.start(place);
    try {
      const load4 = {
        scenario: "dora",
        localAddress: place.network4.relay,
        serverAddress: place.serverAddress4,
      } as const;
      const load6 = {
        scenario: "sarr",
        localAddress: place.network6.relay,
        serverAddress: place.serverAddress6,
      } as const;
      const common = family === 4 ? load4 : load6;
      const where = { namespace: place.loadNamespace };
      // Other clients first: what is measured is a server that has been running, not how it is compiled.
      await runLoad({ ...common, count: Math.min(5_000, exchanges), seed: 2, outstanding: 64 }, where);
      const usedBefore = processorSeconds(server.pid);
      const threadsBefore = threadSeconds(server.pid);
      const { outstanding, rate } = load;
      const report = await runLoad({ ...common, count: exchanges, seed: 1, outstanding, rate }, where);
      const processorUs = ((processorSeconds(server.pid) - usedBefore) * 1e6) / exchanges;
      const threads = [...threadSeconds(server.pid)]
        .map(([name, seconds]) => ({
          name,
          us: ((seconds - (threadsBefore.get(name) ?? 0)) * 1e6) / exchanges,
        }))
        .sort((a, b) => b.us - a.us);
      for (const { name, us } of threads.slice(0, 6)) console.error(`  ${name}: ${us.toFixed(0)} µs an exchange`);
      return { ...report, processorUs };
    } finally {
      await server.stop();
    }
  } finally {
    place.remove();
  }
}

interface PerfdhcpOutcome extends PerfdhcpReport {
  readonly processorUs: number;
}

/** A server that has just started for each measurement, and a warm-up of its own. */
async function measurePerfdhcp(perfdhcpRates: readonly number[]): Promise<void> {
  const missing = perfdhcpAbsence();
  if (missing !== null) throw new Error(missing);
  const outcomes = new Map<string, PerfdhcpOutcome[]>();
  for (let round = 0; round < repeat; round += 1) {
    for (const rate of perfdhcpRates) {
      for (const { name, inNamespace, start } of present) {
        const place = makePlace(inNamespace);
        try {
          const server = await start(place);
          try {
            await runPerfdhcp(place, family, { rate: Math.min(rate, 1_000), seconds: 5, seed: 2 });
            const usedBefore = processorSeconds(server.pid);
            const report = await runPerfdhcp(place, family, { rate, seconds: perfdhcpSeconds, seed: 1 });
            const processorUs = ((processorSeconds(server.pid) - usedBefore) * 1e6) / Math.max(1, report.completed);
            const key = `${rate}/s offered | ${name}`;
            outcomes.set(key, [...(outcomes.get(key) ?? []), { ...report, processorUs }]);
            console.error(`${key}: ${JSON.stringify(report)}, ${processorUs.toFixed(0)} µs each`);
          } finally {
            await server.stop();
          }
        } finally {
          place.remove();
        }
      }
    }
  }
  console.log(
    `| perfdhcp, DHCPv${family} | server | exchanges/s | of those begun, % | first half, mean ms | second half, mean ms | longest ms | server's processor, µs an exchange |`,
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const [key, runs] of outcomes) {
    const cells = [
      spread(runs, (run) => run.perSecond, 0),
      spread(runs, (run) => (run.completed * 100) / run.begun, 1),
      spread(runs, (run) => run.meanMs[0], 1),
      spread(runs, (run) => run.meanMs[1], 1),
      spread(runs, (run) => Math.max(...run.maxMs), 0),
      spread(runs, (run) => run.processorUs, 0),
    ];
    console.log(`| ${key} | ${cells.join(" | ")} |`);
  }
}

/** The median, and lowest to highest where there are several. */
function spread<Run>(runs: readonly Run[], value: (run: Run) => number, digits: number): string {
  const values = runs.map(value).sort((a, b) => a - b);
  const middle = values[values.length >> 1]!.toFixed(digits);
  return values.length === 1 ? middle : `${middle} (${values[0]!.toFixed(digits)}–${values.at(-1)!.toFixed(digits)})`;
}

function row(runs: readonly Outcome[]): string {
  const latency = (step: string) =>
    `${spread(runs, (run) => run.latencyMs[step]!.p50, 1)} / ${spread(runs, (run) => run.latencyMs[step]!.p99, 1)}`;
  const failures = new Map<string, number>();
  for (const { failed } of runs)
    for (const [what, count] of Object.entries(failed)) failures.set(what, (failures.get(what) ?? 0) + count);
  const failed = [...failures].map(([what, count]) => `${what}: ${count}`).join("; ");
  return [
    spread(runs, (run) => run.perSecond, 0),
    latency(family === 4 ? "discover" : "solicit"),
    latency("request"),
    latency("whole"),
    spread(runs, (run) => run.processorUs, 0),
    spread(runs, (run) => run.sentAgain, 0),
    failed === "" ? "none" : failed,
  ].join(" | ");
}
