/**
 * Individual leasequeries answered in a second: our whole program against Debian's ISC dhcpd, both with the same number
 * of leases, in turn within one run.
 *
 *   node bench/individual.ts [--leases 10000] [--queries 50000] [--repeat 3] [--outstanding 64] [--rate 0] [--warmup 20000]
 *     [--only ours|dhcpd] [--realtime]
 *
 * By address and by client identifier (IPv4), by address and by DUID (IPv6), each for a lease that exists; the load client
 * checks that the answer is about what was asked. dhcpd knows no query by DUID: its status is told. Ours is given its
 * leases by clients, dhcpd by its lease file. Not measured: as many queries as `--warmup` says, in which a program just
 * started is still being compiled. `--realtime`, for a machine with other work: ours is asked as much again before, then its
 * engine thread and the load client have the processors before everybody else. Needs root. Ends with a table in Markdown.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaseOctets } from "@leasewire/e2e/support/dhcpd.ts";
import { putDuid, putHardware } from "./load/clients.ts";
import { startDhcpdForLoad } from "./load/dhcpd.ts";
import { address4, address6, get32, put32 } from "./load/octets.ts";
import { type Measured, processorSeconds, startOurs, threadSeconds } from "./load/ours.ts";
import { makePlace, type Place } from "./load/place.ts";
import { type LoadOptions, type LoadReport, runLoad } from "./load/run.ts";

const leases = Number(argument("leases") ?? 10_000);
const queries = Number(argument("queries") ?? 50_000);
const repeat = Number(argument("repeat") ?? 3);
const outstanding = Number(argument("outstanding") ?? 64);
const rate = Number(argument("rate") ?? 0) || undefined;
const warmup = Number(argument("warmup") ?? 20_000);
const only = argument("only");
const realtime = process.argv.includes("--realtime");
const seed = 1;

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

const scenarios = [
  "leasequery4-by-address",
  "leasequery4-by-client-id",
  "leasequery6-by-address",
  "leasequery6-by-duid",
] as const;
// Of the load client: its own pauses for collecting garbage would be measured as latency of the server.
process.env.NODE_OPTIONS = "--max-semi-space-size=64";
const folder = mkdtempSync(join(tmpdir(), "leasewire-individual-"));
/** Processor time of the server for each query asked. */
interface Outcome extends LoadReport {
  readonly processorUs: number;
}

const outcomes = new Map<string, Outcome[]>();

try {
  for (let round = 0; round < repeat; round += 1) {
    if (only !== "dhcpd") await measureOurs();
    if (only !== "ours") await measureDhcpd();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log(
  "| query | server | queries/s | p50 ms | p99 ms | server's processor, µs a query | sent again | not answered as asked |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const [key, reports] of [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`| ${key} | ${row(reports)} |`);

async function measureOurs(): Promise<void> {
  const place = makePlace("load");
  try {
    const ours = await startOurs(place);
    try {
      for (const [scenario, family] of [
        ["dora", 4],
        ["sarr", 6],
      ] as const) {
        const filled = await query(place, {
          scenario,
          count: leases,
          outstanding: 256,
          leasesFile: leasesFile(family),
          seed,
        });
        if (filled.completed !== leases) throw new Error(`Not all leases were made: ${JSON.stringify(filled.failed)}`);
      }
      if (realtime) {
        for (const scenario of scenarios) await query(place, optionsOf(scenario, { outstanding: 64 }));
        for (const name of threadSeconds(ours.pid).keys())
          if (name.startsWith("engine-thread")) schedule("--rr", 1, name.split(" ").at(-1)!);
        // What this process starts from now on is scheduled like it.
        schedule("--rr", 1, process.pid);
      }
      await queryAll(place, ours, "Leasewire");
    } finally {
      if (realtime) schedule("--other", 0, process.pid);
      await ours.stop();
    }
  } finally {
    place.remove();
  }
}

function schedule(policy: "--rr" | "--other", priority: number, thread: number | string): void {
  execFileSync("chrt", [policy, "--pid", String(priority), String(thread)]);
}

async function measureDhcpd(): Promise<void> {
  for (const family of [4, 6] as const) {
    const place = makePlace("server");
    try {
      const addresses = new Uint8Array(leases * (family === 4 ? 4 : 16));
      for (let i = 0; i < leases; i += 1) {
        if (family === 4) put32(addresses, i * 4, address4(place.network4.first) + i + 1);
        else {
          addresses.set(address6(place.network6.first), i * 16);
          put32(addresses, i * 16 + 12, get32(addresses, i * 16 + 12) + i);
        }
      }
      writeFileSync(leasesFile(family), addresses);
      const dhcpd = await startDhcpdForLoad(place, family, family === 4 ? leases4(addresses) : leases6(addresses));
      try {
        await queryAll(place, dhcpd, "ISC dhcpd 4.4.3", family);
      } finally {
        await dhcpd.stop();
      }
    } finally {
      place.remove();
    }
  }
}

function leasesFile(family: 4 | 6): string {
  return join(folder, `leases${family}`);
}

async function queryAll(place: Place, server: Measured, name: string, family?: 4 | 6): Promise<void> {
  for (const scenario of scenarios) {
    const own = scenario.startsWith("leasequery4") ? 4 : 6;
    if (family !== undefined && family !== own) continue;
    const usedBefore = processorSeconds(server.pid);
    const measured = await query(
      place,
      optionsOf(scenario, { outstanding: rate === undefined ? outstanding : 16_384, rate }),
    );
    const processorUs = ((processorSeconds(server.pid) - usedBefore) * 1e6) / (queries + warmup);
    const report = { ...measured, processorUs };
    const key = `${scenario.replace("leasequery4-", "IPv4, ").replace("leasequery6-", "IPv6, ").replaceAll("-", " ")} | ${name}`;
    outcomes.set(key, [...(outcomes.get(key) ?? []), report]);
    console.error(
      `${key}: ${report.perSecond.toFixed(0)}/s, p99 ${report.latencyMs.query!.p99.toFixed(2)} ms, ${processorUs.toFixed(0)} µs each, failed ${JSON.stringify(report.failed)}, load client ${(report.processorShare * 100).toFixed(0)} %`,
    );
  }
}

function optionsOf(
  scenario: (typeof scenarios)[number],
  load: Pick<LoadOptions, "outstanding" | "rate">,
): Omit<LoadOptions, "localAddress" | "serverAddress"> {
  return {
    scenario,
    count: queries + warmup,
    warmup,
    span: leases,
    leasesFile: leasesFile(scenario.startsWith("leasequery4") ? 4 : 6),
    seed,
    ...load,
  };
}

function query(place: Place, options: Omit<LoadOptions, "localAddress" | "serverAddress">): Promise<LoadReport> {
  const four = options.scenario === "dora" || options.scenario.startsWith("leasequery4");
  const addresses = four
    ? { localAddress: place.network4.relay, serverAddress: place.serverAddress4 }
    : { localAddress: place.network6.relay, serverAddress: place.serverAddress6 };
  return runLoad({ ...addresses, ...options }, { namespace: place.loadNamespace });
}

function leases4(addresses: Uint8Array): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const lines: string[] = [];
  const hardware = new Uint8Array(6);
  for (let i = 0; i < leases; i += 1) {
    putHardware(hardware, 0, seed, i);
    const mac = Buffer.from(hardware).toString("hex");
    lines.push(`lease ${[...addresses.subarray(i * 4, i * 4 + 4)].join(".")} {
  starts epoch ${nowSeconds - 60};
  ends epoch ${nowSeconds + 86_400};
  cltt epoch ${nowSeconds - 60};
  binding state active;
  next binding state free;
  hardware ethernet ${mac.replace(/..(?!$)/g, "$&:")};
  uid "${leaseOctets(`01${mac}`)}";
}
`);
  }
  return lines.join("");
}

function leases6(addresses: Uint8Array): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const lines: string[] = [];
  const duid = new Uint8Array(10);
  for (let i = 0; i < leases; i += 1) {
    putDuid(duid, 0, seed, i);
    const address = Buffer.from(addresses.subarray(i * 16, i * 16 + 16))
      .toString("hex")
      .replace(/....(?!$)/g, "$&:");
    // The IAID stands before the DUID, as dhcpd writes it.
    lines.push(`ia-na "${leaseOctets(`01000000${Buffer.from(duid).toString("hex")}`)}" {
  cltt epoch ${nowSeconds - 60};
  iaaddr ${address} {
    binding state active;
    preferred-life 64800;
    max-life 86400;
    ends epoch ${nowSeconds + 86_400};
  }
}
`);
  }
  return lines.join("");
}

function row(reports: readonly Outcome[]): string {
  const spread = (value: (report: Outcome) => number, digits: number) => {
    const values = reports.map(value).sort((a, b) => a - b);
    const middle = values[values.length >> 1]!.toFixed(digits);
    return values.length === 1 ? middle : `${middle} (${values[0]!.toFixed(digits)}–${values.at(-1)!.toFixed(digits)})`;
  };
  const failures = new Map<string, number>();
  for (const { failed } of reports)
    for (const [what, count] of Object.entries(failed)) failures.set(what, (failures.get(what) ?? 0) + count);
  const answered = reports.every(({ completed }) => completed > 0);
  return [
    spread((report) => report.perSecond, 0),
    answered ? spread((report) => report.latencyMs.query!.p50, 2) : "–",
    answered ? spread((report) => report.latencyMs.query!.p99, 2) : "–",
    spread((report) => report.processorUs, 0),
    spread((report) => report.sentAgain, 0),
    failures.size === 0 ? "none" : [...failures].map(([what, count]) => `${what}: ${count}`).join("; "),
  ].join(" | ");
}
