/**
 * How fast bindings reach the database, in transactions as the persistence thread writes them, each with its history and
 * its position, on an otherwise idle connection.
 *
 *   node bench/persistence.ts [sqlite|postgresql]... [bindings, default 100000]
 *
 * PostgreSQL is that of Debian's packages, started for this, with fsync on. Ends with tables in Markdown.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChangeBatch, changeBatch, openDatabase, type StoredChange } from "@leasewire/db";
import { type PostgresServer, startPostgres } from "@leasewire/e2e/support/postgres.ts";

const providers = process.argv.slice(2).filter((argument) => /^(sqlite|postgresql)$/.test(argument));
const total = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 100_000);
const transactionSizes = [100, 1_000, 2_048];

const rows: string[] = [];
for (const provider of providers.length > 0 ? providers : ["sqlite", "postgresql"]) await measure(provider);
console.log(
  "| database | changes per transaction | first writes, rows/s (our processor time a row) | updates, rows/s | p99 of a transaction, ms |",
);
console.log("|---|---|---|---|---|");
console.log(rows.join("\n"));

async function measure(provider: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "leasewire-bench-"));
  const server: PostgresServer | null = provider === "postgresql" ? await startPostgres({ fsync: true }) : null;
  try {
    for (const size of transactionSizes) {
      const url = server?.createDatabase() ?? `file:${join(directory, `${size}.sqlite`)}`;
      const database = await openDatabase({ url, dataDirectory: directory });
      await database.migrate();
      const durations: number[] = [];
      const pass = async (round: number) => {
        const startedMs = performance.now();
        const usedBefore = process.cpuUsage();
        for (let from = 0; from < total; from += size) {
          const beganMs = performance.now();
          await database.bindings.writeBatches("bench", [batch(from, Math.min(size, total - from), round)]);
          durations.push(performance.now() - beganMs);
        }
        const { user, system } = process.cpuUsage(usedBefore);
        const rate = Math.round((total * 1_000) / (performance.now() - startedMs));
        return `${rate} (${((user + system) / total).toFixed(0)} µs)`;
      };
      const inserted = await pass(0);
      const updated = await pass(1);
      durations.sort((a, b) => a - b);
      const p99 = durations[Math.floor(durations.length * 0.99)]!;
      rows.push(`| ${provider} | ${size} | ${inserted} | ${updated} | ${p99.toFixed(0)} |`);
      console.error(rows.at(-1));
      if (size === transactionSizes.at(-1)) await read(provider, database);
      await database.close();
      if (server === null)
        console.error(`  file: ${(statSync(join(directory, `${size}.sqlite`)).size / 2 ** 20).toFixed(0)} MiB`);
    }
  } finally {
    await server?.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function read(provider: string, database: Awaited<ReturnType<typeof openDatabase>>): Promise<void> {
  const startedMs = performance.now();
  let count = 0;
  for (let after: number | null = null; ; ) {
    const page = await database.bindings.page("bench", 4, after, 2_000);
    count += page.bindings.length;
    if (page.next === null) break;
    after = page.next;
  }
  const rate = Math.round((count * 1_000) / (performance.now() - startedMs));
  const address = Uint8Array.of(10, 0, 1, 1);
  const lookups = 200;
  const lookedMs = performance.now();
  for (let n = 0; n < lookups; n += 1) {
    await database.history.at({ node: "bench", family: 4, instance: null, address }, 1_800_000_000);
  }
  const lookupMs = (performance.now() - lookedMs) / lookups;
  console.error(
    `  ${provider}: restore ${rate} bindings/s in pages of 2000; who held an address: ${lookupMs.toFixed(2)} ms`,
  );
}

/** Bindings of an access network: client-id, option 82 with circuit-id and remote-id, a few options. */
function batch(from: number, count: number, round: number): ChangeBatch {
  const changes = Array.from({ length: count }, (_, index): StoredChange => {
    const n = from + index;
    const octets = (length: number) => Uint8Array.from({ length }, (_, at) => (n >>> ((at & 3) * 8)) & 0xff);
    return {
      family: 4,
      sequence: round * total + n + 1,
      atSeconds: 1_700_000_000 + round * 3_600,
      kind: "put",
      cause: "active leasequery",
      binding: {
        instance: "default:default",
        address: Uint8Array.of(10, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff),
        prefixLength: 32,
        kind: "address",
        state: 2,
        hardwareType: 1,
        hardwareAddress: octets(6),
        clientId: octets(19),
        startTimeOfStateSeconds: 1_700_000_000,
        clientLastTransactionTimeSeconds: 1_700_000_000 + round * 3_600,
        expiresAtSeconds: 1_700_007_200 + round * 3_600,
        linkAddress: Uint8Array.of(10, 0, 0, 1),
        relayAgentInformation: octets(56),
        circuitId: octets(16),
        remoteId: octets(32),
        options: octets(40),
        serverIdentifier: Uint8Array.of(192, 0, 2, 1),
        serverAddress: "192.0.2.1",
        dataSource: 0,
        origin: "active",
      },
    };
  });
  return changeBatch(changes);
}
