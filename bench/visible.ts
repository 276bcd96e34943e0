/**
 * How soon a change at the server is at a browser:
 * `node bench/visible.ts [--rate 1000] [--seconds 15] [--family 4|6]`.
 *
 * A server that is a process of its own (that of bench/active-leasequery.ts) renews `rate` bindings a second, no binding
 * twice. The whole program is a relay agent that follows it with an active leasequery; this process is the browser's
 * live connection, with the browser's own library. From the commit at the server to the row arriving here, by the clock
 * all processes share; the program sends rows every tenth of a second.
 */
import { type ChildProcess, fork } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startBackend } from "@leasewire/e2e/support/backend.ts";
import { type ApiClient, apiClient } from "@leasewire/e2e/support/client.ts";
import { liveConnection } from "@leasewire/e2e/support/live.ts";
import { parseIpv6 } from "@leasewire/net";

const { values: args } = parseArgs({
  options: {
    rate: { type: "string", default: "1000" },
    seconds: { type: "string", default: "15" },
    family: { type: "string" },
  },
});
const rate = Number(args.rate);
const changes = rate * Number(args.seconds);
const drainMs = 3000;

console.log(
  `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
for (const family of args.family === undefined ? ([4, 6] as const) : [Number(args.family) as 4 | 6]) {
  await measure(family);
}

async function measure(family: 4 | 6): Promise<void> {
  const server = fork(fileURLToPath(new URL("./active-leasequery.ts", import.meta.url)), [
    ...["--role", "server", "--family", String(family), "--rate", args.rate, "--seconds", args.seconds],
  ]);
  const { port } = await message<{ port: number }>(server);
  const address = family === 4 ? "127.0.0.1" : "::1";
  const relay = `set forwarding-options dhcp-relay${family === 6 ? " dhcpv6" : ""}`;
  const backend = await startBackend({
    web: false,
    configuration: `${relay} server-group core ${address} port ${port}
${relay} active-server-group core
${relay} bulk-leasequery
${relay} active-leasequery mode insecure
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
${family === 4 ? `${relay} relay-id 0x00030001020000000001` : `${relay} duid 00:03:00:01:02:00:00:00:00:01`}
`,
  });
  const live = liveConnection(backend, [family === 4 ? "bindings4" : "bindings6"]);
  try {
    await streamIsActive(apiClient(backend), family);
    const arrivedMs = new Float64Array(changes);
    let arrived = 0;
    let overflows = 0;
    await live.ready;
    live.socket.on("bindingsOverflow", () => {
      overflows += 1;
    });
    live.socket.on("bindings", ({ rows }) => {
      const at = clock();
      for (const row of rows) {
        const n = numberOf(family, row.address);
        if (n < 0 || n >= changes || arrivedMs[n] !== 0) continue;
        arrivedMs[n] = at;
        arrived += 1;
      }
    });
    server.send({});
    const { committed, ms } = await message<{ committed: number[]; ms: number }>(server);
    const until = performance.now() + drainMs;
    while (arrived < changes && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    const delays = Float64Array.from(committed.flatMap((at, n) => (arrivedMs[n] === 0 ? [] : [arrivedMs[n]! - at])));
    delays.sort();
    const at = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))]?.toFixed(1);
    console.log(`\nDHCPv${family}: ${Math.round((changes / ms) * 1000).toLocaleString("en")} changes/s`);
    console.log(
      `  arrived                                 ${arrived.toLocaleString("en")} of ${changes.toLocaleString("en")}; ${overflows} times the page was to be fetched anew`,
    );
    console.log(`  commit to browser, ms: p50, p99, worst  ${at(0.5)}, ${at(0.99)}, ${at(1)}`);
  } finally {
    live.socket.close();
    await backend.dispose();
    server.kill();
  }
}

/** Milliseconds that all processes of the machine count alike. */
function clock(): number {
  return performance.timeOrigin + performance.now();
}

async function streamIsActive(api: ApiClient, family: 4 | 6): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    const streams = await api.streams.list.query({ family });
    if (streams.length > 0 && streams.every(({ phase }) => phase === "Active")) return;
    if (performance.now() > until) throw new Error(`The stream is not active: ${JSON.stringify(streams)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Which binding of the server it is. */
function numberOf(family: 4 | 6, text: string): number {
  if (family === 4) {
    const [, b, c, d] = text.split(".").map(Number);
    return (b! << 16) | (c! << 8) | d!;
  }
  const parsed = parseIpv6(text);
  return parsed.ok ? parsed.value.slice(12).reduce((sum, octet) => sum * 256 + octet, 0) : -1;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (value) => resolve(value as T));
    child.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}
