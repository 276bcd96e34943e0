/**
 * Recovery in the whole program: `node bench/recovery-whole.ts [--rows 1000000] [--servers 1] [--family 4|6] [--repeat 3]`.
 *
 * With several servers each has `rows` bindings of its own, and they are asked side by side. A server that is a process of its own (that of bench/bulk-leasequery.ts) holds the bindings of one relay-id. The program,
 * with all its threads and a fresh SQLite database, is a relay that knows nothing and asks for them through the API.
 * Printed: from the order to the last binding in the table, and to the run being stored with all it brought; and what the
 * program's memory was at most above that of the table.
 */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Backend, startBackend } from "@leasewire/e2e/support/backend.ts";
import { withPid } from "./load/ours.ts";

const { values: args } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    repeat: { type: "string", default: "3" },
    family: { type: "string" },
    servers: { type: "string", default: "1" },
  },
});
/** Of all bindings of the server. */
const RELAY_ID = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0 : i === 1 ? 2 : 0xa0 + i));
const pollMs = 50;
const serverCount = Number(args.servers);

console.log(
  `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
for (const family of args.family === undefined ? ([4, 6] as const) : [Number(args.family) as 4 | 6]) {
  const servers = Array.from({ length: serverCount }, (_, i) =>
    fork(fileURLToPath(new URL("./bulk-leasequery.ts", import.meta.url)), [
      ...["--role", "server", "--family", String(family), "--rows", args.rows],
      ...["--address", serverAddress(family, i), "--first", String(i * Number(args.rows))],
    ]),
  );
  try {
    const ports: number[] = [];
    for (const { port } of await Promise.all(servers.map((one) => message<{ port: number }>(one)))) ports.push(port);
    const figures: Figures[] = [];
    for (let turn = 0; turn < Number(args.repeat); turn += 1) figures.push(await recover(family, ports));
    for (const name of ["applied s", "stored s", "MB above the table"] as const) {
      const sorted = figures.map((one) => one[name]).sort((a, b) => a - b);
      const [low, middle, high] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((one) => one!.toFixed(1));
      console.log(`v${family} ${name}: ${middle} (${low} to ${high})`);
    }
  } finally {
    for (const server of servers) server.kill();
  }
}

/** Servers of a group differ in their addresses; loopback has one of IPv6. */
function serverAddress(family: 4 | 6, index: number): string {
  if (family === 4) return `127.0.0.${1 + index}`;
  if (index > 0) throw new Error("Several servers are measured with --family 4 only.");
  return "::1";
}

/** Of a bulk run, what is looked at here. */
interface Run {
  readonly finishedAtMs: number | null;
  readonly applied: number;
  readonly stored: boolean;
  readonly servers: readonly unknown[];
}

type Figures = Record<"applied s" | "stored s" | "MB above the table", number>;

async function recover(family: 4 | 6, ports: readonly number[]): Promise<Figures> {
  const relay = `set forwarding-options dhcp-relay${family === 6 ? " dhcpv6" : ""}`;
  const { pid, started: backend } = await withPid(() =>
    startBackend({
      web: false,
      configuration: `${ports.map((port, i) => `${relay} server-group core ${serverAddress(family, i)} port ${port}`).join("\n")}
set system processes dhcp-service request-max-tcp-connections ${ports.length}
${relay} bulk-leasequery
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
`,
    }),
  );
  try {
    const before = residentBytes(pid);
    let most = before;
    const begun = performance.now();
    const key = { kind: "relay-id", relayId: `0x${Buffer.from(RELAY_ID).toString("hex")}` };
    const { id } = await call<{ id: string }>(backend, "recovery.start", { family, key }, "POST");
    let applied = 0;
    for (;;) {
      most = Math.max(most, residentBytes(pid));
      const run = await call<Run>(backend, "recovery.get", { id });
      if (applied === 0 && run.finishedAtMs !== null) {
        if (run.applied !== Number(args.rows) * ports.length)
          throw new Error(JSON.stringify({ ...run, servers: run.servers[0] }));
        applied = performance.now() - begun;
      }
      if (run.stored) break;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    const stored = performance.now() - begun;
    const table = await metric(backend, "leasewire_binding_table_bytes", family);
    return {
      "applied s": applied / 1000,
      "stored s": stored / 1000,
      "MB above the table": (most - before - table) / 1e6,
    };
  } finally {
    await backend.dispose();
  }
}

async function call<T>(
  backend: Backend,
  procedure: string,
  input: unknown,
  method: "GET" | "POST" = "GET",
): Promise<T> {
  const text = JSON.stringify(input);
  const query = method === "GET" ? `?input=${encodeURIComponent(text)}` : "";
  const response = await fetch(`${backend.url}/api/trpc/${procedure}${query}`, {
    method,
    headers: { "content-type": "application/json", "x-api-key": backend.token },
    body: method === "POST" ? text : undefined,
  });
  const body = (await response.json()) as { result?: { data: { json: T } }; error?: { json: { message: string } } };
  if (body.result === undefined) throw new Error(`${procedure}: ${body.error?.json.message}`);
  return body.result.data.json;
}

async function metric(backend: Backend, name: string, family: 4 | 6): Promise<number> {
  const text = await (await fetch(`${backend.url}/metrics`, { headers: { "x-api-key": backend.token } })).text();
  const line = text.split("\n").find((one) => one.startsWith(name) && one.includes(`family="${family}"`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (value) => resolve(value as T));
    child.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}
