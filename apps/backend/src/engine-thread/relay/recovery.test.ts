import type { BindingListInput } from "@leasewire/api";
import { afterEach, expect, test } from "vitest";
import { eventually, LinkEnd, lease4, lease6, startEngines } from "../../../test/support/relay-lab.ts";
import { labConfiguration, labPorts } from "../../../test/support/relay-lab-configuration.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function lab(more = "") {
  const ports = await labPorts();
  const engines = await startEngines(`${labConfiguration(ports)}\n${more}`);
  closing.push(() => engines.service.stop());
  const link4 = await LinkEnd.open(ports.remote, ports.local);
  closing.push(() => link4.close());
  const link6 = await LinkEnd.open(ports.remote6, ports.local6, "::1");
  closing.push(() => link6.close());
  return { ...engines, link4, link6, ports };
}

const list = (family: 4 | 6): BindingListInput => ({
  family,
  filter: { role: "relay", states: ["ACTIVE"] },
  sort: { column: "address", direction: "asc" },
  offset: 0,
  limit: 100,
});
const duid = (n: number) => Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, n);

type Engines = Awaited<ReturnType<typeof lab>>;

async function rows({ service }: Engines, family: 4 | 6) {
  const page = await service.listBindings(list(family));
  if (!page.ok) throw new Error(page.refusal.message);
  return page.value.rows;
}

test("a relay that has lost everything has it back by a bulk query for its own relay-id, in both families", async () => {
  const engines = await lab();
  const { service, link4, link6, events } = engines;
  await service.beginRecovery([]);
  for (const n of [1, 2, 3]) {
    await lease4(link4, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, n) }, n);
    await lease6(link6, { duid: duid(n), associations: [{ kind: "address", iaid: 1 }] }, n);
  }
  const before = { 4: await rows(engines, 4), 6: await rows(engines, 6) };
  expect(before[4]).toHaveLength(3);

  const forgotten = await service.forgetRelay("bng-a:default", "tester");
  expect(forgotten).toEqual({ ok: true, value: { 4: 3, 6: 3 } });
  await eventually(async () => (await rows(engines, 4)).length === 3 && (await rows(engines, 6)).length === 3);
  const after = { 4: await rows(engines, 4), 6: await rows(engines, 6) };
  for (const family of [4, 6] as const) {
    expect(after[family].map(({ address }) => address)).toEqual(before[family].map(({ address }) => address));
    for (const row of after[family]) expect(row).toMatchObject({ origin: "bulk", interfaceName: "ge-0/0/1.100" });
  }
  await eventually(() => events.filter(({ kind }) => kind === "bulk-run-finished").length === 2);
  const finished = events.flatMap((event) => (event.kind === "bulk-run-finished" ? [event.finished] : []));
  for (const { run, groups } of finished) {
    expect(run).toMatchObject({ state: "complete", cause: "automatic", startedBy: "tester", received: 3, expected: 3 });
    expect(groups).toMatchObject([{ interfaceName: "ge-0/0/1.100", recovered: 3, missing: 0 }]);
  }
});

test("a bulk query of an operator", async () => {
  const engines = await lab();
  const { service, link4 } = engines;
  await lease4(link4, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) }, 1);
  const started = await service.startBulkRun(
    "one",
    { family: 4, key: { kind: "all-configured" }, logicalSystem: "bng-a" },
    "tester",
    "operator",
  );
  expect(started).toMatchObject({
    ok: true,
    value: { command: "request dhcp relay bulk-leasequery all-configured-ip logical-system bng-a" },
  });
  await eventually(async () => (await service.bulkRun("one"))?.state === "complete");
  // Every address that the server has, of which one is leased.
  const run = await service.bulkRun("one");
  expect(run).toMatchObject({ received: 254, refused: 0 });
  expect(run!.applied + run!.unchanged).toBe(1);
  expect(await rows(engines, 4)).toHaveLength(1);
  expect(await service.relayBulkConnections(4, {})).toMatchObject({ connected: 1, closedDueToError: 0 });
});

test("refused: no server in the family, a key that cannot be read, a run that is not there", async () => {
  const { service } = await lab();
  const start = (input: Parameters<typeof service.startBulkRun>[1]) =>
    service.startBulkRun("x", input, "tester", "operator");
  const mac = await start({ family: 4, key: { kind: "mac", mac: "nonsense" } });
  expect(mac).toMatchObject({ ok: false, refusal: { code: "BAD_REQUEST", field: "mac" } });
  const server = await start({ family: 6, key: { kind: "relay-id" }, serverAddress: "192.0.2.1" });
  expect(server).toMatchObject({ ok: false, refusal: { code: "BAD_REQUEST", field: "serverAddress" } });
  expect(await service.commandBulkRun("retry", "x")).toMatchObject({ ok: false, refusal: { code: "NOT_FOUND" } });
});

test("a stream: the first transfer, then changes as they happen; its events and base-times are told", async () => {
  const engines = await lab("set logical-systems bng-a forwarding-options dhcp-relay active-leasequery mode insecure");
  const { service, link4, events } = engines;
  const lease = await lease4(link4, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) }, 1);
  expect(lease.leaseSeconds).toBeGreaterThan(0);
  await service.beginRecovery([]);
  await eventually(async () => (await service.streams())[0]?.phase === "Active");
  await service.clearBindings({ family: 4, role: "server", all: true }, "tester");
  await eventually(async () => (await rows(engines, 4)).length === 0);
  await eventually(() => events.some(({ kind }) => kind === "stream-events"));
  const phases = events
    .flatMap((event) => (event.kind === "stream-events" ? event.events : []))
    .map(({ phase }) => phase);
  expect(phases.at(-1)).toBe("Active");
  expect(new Set(phases).size).toBe(phases.filter((phase, at) => phase !== phases[at - 1]).length);
  const { id, server } = (await service.streams())[0]!;
  expect(id).toBe("4|bng-a:default|127.0.0.1");
  expect(await service.restartStreams({ family: 4, peerAddress: server })).toEqual({
    ok: true,
    value: { restarted: 1 },
  });
  await eventually(async () => (await service.streams())[0]?.phase === "Active");
  expect(await service.restartStreams({ family: 4, peerAddress: "192.0.2.9" })).toMatchObject({ ok: false });
});

test("while the database is too far behind nothing is read; what the servers tell waits there, and comes afterwards", async () => {
  const ports = await labPorts();
  const engines = await startEngines(labConfiguration(ports), undefined, { recoveryBehindMax: 8 });
  const { service, store } = engines;
  closing.push(() => service.stop());
  const link4 = await LinkEnd.open(ports.remote, ports.local);
  closing.push(() => link4.close());
  for (let n = 1; n <= 20; n += 1) await lease4(link4, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, n) }, n);
  expect(await service.forgetRelay("bng-a:default", "tester")).toMatchObject({ ok: true, value: { 4: 20 } });
  await eventually(async () => (await service.bulkRuns()).every(({ state }) => state === "complete"));

  store.hold();
  const slowed = async () =>
    (await service.metrics()).find(({ name }) => name === "leasewire_recovery_slowed")?.value ?? -1;
  // What the relay forgets waits for the database as well.
  await service.clearBindings({ family: 4, role: "relay", all: true }, "tester");
  const start = (id: string) =>
    service.startBulkRun(id, { family: 4, key: { kind: "relay-id" }, logicalSystem: "bng-a" }, "tester", "operator");
  await start("first");
  await eventually(async () => (await slowed()) === 1);
  await start("second");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await service.bulkRun("second")).toMatchObject({ received: 0 });
  store.release();
  await eventually(async () => (await service.bulkRun("second"))?.state === "complete");
  expect(await service.bulkRun("second")).toMatchObject({ received: 20 });
  expect(await slowed()).toBe(0);
});
