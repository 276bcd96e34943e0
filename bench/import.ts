/**
 * A Kea lease file imported into a running server: how long until its rows are in the table and until they are in the database,
 * and how much memory that takes above what the table holds in the end.
 *
 *   node bench/import.ts [rows, default 1000000] [--repeat 1] [--all-or-nothing]
 *
 * The program runs as a process of its own on SQLite; the file has relay data in every row and is sent over HTTP. Ends with a
 * table in Markdown.
 */

import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, startBackend } from "@leasewire/e2e/support/backend.ts";
import { apiClient } from "@leasewire/e2e/support/client.ts";
import { processorSeconds, threadSeconds, withPid } from "./load/ours.ts";

const words = process.argv.slice(2);
const rows = Number(words.find((word) => /^\d+$/.test(word)) ?? 1_000_000);
const repeatAt = words.indexOf("--repeat");
const repeat = repeatAt < 0 ? 1 : Number(words[repeatAt + 1]);
const allOrNothing = words.includes("--all-or-nothing");
const samplePeriodMs = 100;

const folder = mkdtempSync(join(tmpdir(), "leasewire-bench-import-"));
const file = join(folder, "kea-leases4.csv");
const runs: Record<"applied" | "durable" | "processor" | "peak" | "above" | "perRow", number>[] = [];
try {
  await writeFile();
  console.error(`${rows} rows, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB; load ${loadavg()[0]!.toFixed(1)}`);
  for (let i = 0; i < repeat; i += 1) {
    const { pid, started } = await withPid(() =>
      startBackend({
        web: false,
        configuration: "set access address-assignment pool homes family inet network 10.0.0.0/8\n",
      }),
    );
    try {
      runs.push(await measure(started, pid));
    } finally {
      await started.dispose();
    }
    console.error(runs.at(-1));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const show = (name: keyof (typeof runs)[number], digits = 0) => {
  const values = runs.map((run) => run[name]).sort((a, b) => a - b);
  const median = values[Math.floor(values.length / 2)]!.toFixed(digits);
  return values.length === 1 ? median : `${median} (${values[0]!.toFixed(digits)}–${values.at(-1)!.toFixed(digits)})`;
};
console.log(
  "| rows | in the table after, s | in the database after, s | processor time, s | peak above before, MiB | of it beyond the table, MiB | table, octets a binding |",
);
console.log("|---|---|---|---|---|---|---|");
console.log(
  `| ${rows.toLocaleString("en-US")}${allOrNothing ? ", all or nothing" : ""} | ${show("applied", 1)} | ${show("durable", 1)} | ${show("processor", 1)} | ${show("peak")} | ${show("above")} | ${show("perRow")} |`,
);

async function measure(backend: Backend, pid: number): Promise<(typeof runs)[number]> {
  const api = apiClient(backend);
  const memoryBefore = memory(pid);
  const tableBefore = await tableOctets(backend);
  const id = crypto.randomUUID();
  const processorBefore = processorSeconds(pid);
  const threadsBefore = threadSeconds(pid);
  const startedMs = performance.now();
  let peak = memoryBefore;
  let applied = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      peak = Math.max(peak, memory(pid));
      const job = await api.imports.get.query({ id }).catch(() => null);
      if (applied === 0 && job?.rowsTaken === rows) applied = performance.now() - startedMs;
      await new Promise((resolve) => setTimeout(resolve, samplePeriodMs));
    }
  })();
  await send(backend, id);
  const durable = performance.now() - startedMs;
  over = true;
  await watching;
  const processor = processorSeconds(pid) - processorBefore;
  for (const [thread, seconds] of threadSeconds(pid)) {
    const used = seconds - (threadsBefore.get(thread) ?? 0);
    if (used > processor / 50) console.error(`  ${thread}: ${used.toFixed(1)} s of processor time`);
  }
  const job = await api.imports.get.query({ id });
  if (job.state !== "done" || job.rowsTaken !== rows) throw new Error(job.outcome);
  const table = (await tableOctets(backend)) - tableBefore;
  return {
    applied: (applied || durable) / 1000,
    durable: durable / 1000,
    processor,
    peak: (peak - memoryBefore) / 2 ** 20,
    above: (peak - memoryBefore - table) / 2 ** 20,
    perRow: table / rows,
  };
}

async function send(backend: Backend, id: string): Promise<void> {
  const query = new URLSearchParams({ id, format: "kea-csv4", fileName: "bench", allOrNothing: String(allOrNothing) });
  const asked = request(`${backend.url}/api/import/bindings?${query}`, {
    method: "POST",
    headers: { "x-api-key": backend.token, "content-length": statSync(file).size },
  });
  createReadStream(file).pipe(asked);
  const [answer] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
  answer.resume();
  await once(answer, "end");
  if (answer.statusCode !== 200) throw new Error(`the import answered ${answer.statusCode}`);
}

/** Resident memory of the process, octets. */
function memory(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

async function tableOctets(backend: Backend): Promise<number> {
  const text = await (await fetch(`${backend.url}/metrics`)).text();
  return Number(/^leasewire_binding_table_bytes\{family="4"\} (\S+)$/m.exec(text)?.[1] ?? 0);
}

/** Subscribers of access nodes: MAC, client-id, circuit-id, remote-id and relay-id, one node for 4,096 of them. */
async function writeFile(): Promise<void> {
  const out = createWriteStream(file);
  out.write(
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n",
  );
  const ends = Math.floor(Date.now() / 1000) + 604_800;
  let text = "";
  for (let n = 1; n <= rows; n += 1) {
    const octets = [n >>> 16, n >>> 8, n].map((part) => part & 255);
    const hex = octets.map((octet) => octet.toString(16).padStart(2, "0"));
    const mac = `02:00:00:${hex.join(":")}`;
    const circuit = Buffer.from(`eth 0/${n & 7}/${(n >> 3) & 15}:100.${n & 4095}`).toString("hex");
    const relay = Buffer.from(`relay-${String(n >> 12).padStart(6, "0")}`).toString("hex");
    const information = `01${(circuit.length / 2).toString(16).padStart(2, "0")}${circuit}0206020100${hex.join("")}0C0C${relay}`;
    text += `10.${octets.join(".")},${mac},01:${mac},604800,${ends - (n % 86_400)},1,0,0,,0,{"ISC":{"relay-agent-info":{"relay-id":"${relay}"&#x2c"remote-id":"020100${hex.join("")}"&#x2c"sub-options":"0x${information}"}}},0\n`;
    if (text.length < 1_000_000 && n < rows) continue;
    if (!out.write(text)) await once(out, "drain");
    text = "";
  }
  out.end();
  await once(out, "finish");
}
