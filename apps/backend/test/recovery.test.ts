import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BulkRun } from "@leasewire/api";
import { formatIpv4 } from "@leasewire/net";
import pino from "pino";
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Program, startProgram } from "../src/program.ts";
import { readSettings } from "../src/settings.ts";
import { administratorEnvironment, adminToken, call, withToken } from "./support/backend.ts";
import { eventually, LinkEnd, lease4 } from "./support/relay-lab.ts";
import { type LabPorts, labConfiguration, labPorts } from "./support/relay-lab-configuration.ts";

/** The whole program: all threads, a database, real sockets on loopback. */
let program: Program;
let ports: LabPorts;
let data: string;
let link: LinkEnd;

async function start(): Promise<Program> {
  return startProgram({
    settings: readSettings(
      {
        LEASEWIRE_LISTEN: "127.0.0.1:0",
        LEASEWIRE_DATA: data,
        LEASEWIRE_NODE: "test",
        LEASEWIRE_WEB: "off",
        LEASEWIRE_CONFIG: path.join(data, "first.set"),
        ...administratorEnvironment,
      },
      "/",
    ),
    log: pino({ level: "silent" }),
    print: () => {},
    onFatal: (reason) => {
      throw new Error(reason);
    },
  });
}

beforeAll(async () => {
  data = mkdtempSync(path.join(tmpdir(), "leasewire-test-"));
  ports = await labPorts();
  const active = "set logical-systems bng-a forwarding-options dhcp-relay active-leasequery mode insecure";
  writeFileSync(path.join(data, "first.set"), `${labConfiguration(ports)}\n${active}\n`);
  link = await LinkEnd.open(ports.remote, ports.local);
  program = await start();
  await eventually(async () => (await fetch(`${program.url}/readyz`)).ok, 30_000);
}, 60_000);
afterAll(async () => {
  link.close();
  await program.stop();
  rmSync(data, { recursive: true, force: true });
});

const ask = async (procedure: string, input?: unknown) => {
  const reply = await call(program, procedure, input, { headers: withToken() });
  if (reply.status !== 200) throw new Error(`${procedure}: ${reply.message}`);
  return reply.data;
};
const order = (procedure: string, input: unknown) =>
  call(program, procedure, input, { method: "POST", headers: withToken() });

const relayBindings = async (): Promise<{ address: string; state: string; origin: string }[]> =>
  (
    await ask("bindings.list", {
      family: 4,
      filter: { role: "relay", states: ["ACTIVE"] },
      sort: { column: "address", direction: "asc" },
      offset: 0,
      limit: 100,
    })
  ).rows;

test("a relay's bindings are cleared and recovered through the API; the run is stored and survives a restart", async () => {
  const told: BulkRun[] = [];
  const socket = io(program.url, { auth: { token: adminToken }, transports: ["websocket"] });
  socket.on("recovery", (run: BulkRun) => told.push(run));
  await new Promise<void>((resolve) => socket.emit("watch", ["recovery"], resolve));

  const lease = await lease4(link, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) }, 7);
  const address = formatIpv4(lease.address);
  await eventually(async () => (await ask("streams.list", {}))[0]?.phase === "Active");
  expect(await relayBindings()).toMatchObject([{ address }]);
  expect((await order("bindings.clear", { family: 4, role: "relay", all: true })).data).toEqual({ cleared: 1 });
  expect(await relayBindings()).toEqual([]);

  const started = await order("recovery.start", { family: 4, key: { kind: "relay-id" }, logicalSystem: "bng-a" });
  const { id } = started.data as { id: string };
  await eventually(async () => (await ask("recovery.get", { id })).stored === true);
  expect(await relayBindings()).toMatchObject([{ address }]);
  expect(await ask("recovery.groups", { id })).toMatchObject({
    total: 1,
    groups: [{ interfaceName: "ge-0/0/1.100", recovered: 1, missing: 0 }],
    sum: { recovered: 1 },
  });
  await eventually(() => told.some((run) => run.id === id && run.stored));
  expect(told.find((run) => run.id === id)?.startedBy).toBe(administratorEnvironment.LEASEWIRE_ADMIN_EMAIL);
  socket.close();

  const found = (await order("lookups.run", { lines: [address, "02:00:00:00:00:01", "not/a/key", " "] })).data;
  expect(found.answers.map(({ result }: { result: string }) => result)).toEqual(["found", "found", "unreadable"]);
  expect(found.answers[0].binding.state).toBe("ACTIVE");

  const audit = await ask("audit.list", { limit: 10 });
  expect(audit.map(({ action }: { action: string }) => action)).toContain("recovery.start");

  await program.stop();
  program = await start();
  await eventually(async () => (await fetch(`${program.url}/readyz`)).ok, 30_000);
  expect(await relayBindings()).toMatchObject([{ address }]);
  const runs = (await ask("recovery.list", {})) as BulkRun[];
  expect(runs.find((run) => run.id === id)).toMatchObject({ state: "complete", stored: true });
  expect((await ask("recovery.groups", { id })).sum.recovered).toBe(1);
  await eventually(async () => (await ask("streams.list", {}))[0]?.phase === "Active");
  const history = await ask("streams.history", { id: "4|bng-a:default|127.0.0.1", span: "hour" });
  expect(history.events.length).toBeGreaterThan(0);
  // Its base-time was kept: the stream goes on from there, without everything anew.
  const phases = history.events.map(({ phase }: { phase: string }) => phase);
  expect(phases.slice(phases.lastIndexOf("Connecting"))).toContain("Catch-up");
}, 90_000);

test("templates: saved, run, refused twice under one name, removed", async () => {
  const input = { family: 4, key: { kind: "all-configured" }, logicalSystem: "bng-a" };
  const saved = await order("templates.save", { name: "all", input, everyMinutes: 5 });
  expect(saved.data).toMatchObject({ name: "all", everyMinutes: 5, lastRunId: null });
  expect(saved.data.nextRunAtMs).toBeGreaterThan(Date.now());
  expect((await order("templates.save", { name: "all", input })).status).toBe(409);
  const { id } = (await order("templates.run", { id: saved.data.id })).data as { id: string };
  await eventually(async () => (await ask("recovery.get", { id })).state === "complete");
  expect((await ask("templates.list"))[0]).toMatchObject({ lastRunId: id, lastRefusal: null });
  const other = await order("recovery.start", { family: 4, key: { kind: "relay-id" }, logicalSystem: "bng-a" });
  await eventually(async () => (await ask("recovery.get", { id: other.data.id })).state === "complete");
  expect(await ask("recovery.compare", { first: id, second: other.data.id })).toMatchObject({
    first: { id },
    groups: [{ interfaceName: "ge-0/0/1.100", first: 1, second: 1 }],
  });
  expect((await order("templates.remove", { id: saved.data.id })).data).toEqual({ removed: true });
  expect(await ask("templates.list")).toEqual([]);
}, 60_000);

test("statistics of both ways; nothing of the lab outside of it", async () => {
  expect((await ask("statistics.relayBulkConnections", { family: 4 })).requested).toBeGreaterThan(0);
  expect((await ask("statistics.relayBindingStates", { family: 4 })).byState.BOUND).toBe(1);
  expect((await ask("statistics.relayActive", { family: 4 })).peers).toHaveLength(1);
  expect((await order("statistics.clear", { family: 4, what: "bulk-leasequery-connections" })).status).toBe(200);
  expect((await ask("statistics.relayBulkConnections", { family: 4 })).requested).toBe(0);
  expect((await order("lab.restartRelay", { name: "bng-a" })).message).toContain("this is not the lab");
  const metrics = await (await fetch(`${program.url}/metrics`, { headers: withToken() })).text();
  expect(metrics).toContain("leasewire_stream_active");
}, 60_000);
