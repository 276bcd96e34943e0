import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { administratorEnvironment, call, withToken } from "./support/backend.ts";
import { type LeaseServer, startLeaseServer } from "./support/lease-server.ts";
import { cleanUp, startProcess, temporaryFolder, untilReady } from "./support/process.ts";

// The program whole: its threads, its sockets, its database, against a simulated DHCP server behind a real socket.

let server: LeaseServer;
beforeAll(async () => {
  server = await startLeaseServer();
});
afterAll(() => server.close());
afterEach(cleanUp);

async function freeUdpPort(): Promise<number> {
  const probe = createSocket("udp4");
  await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(resolve));
  return port;
}

async function environment(): Promise<Record<string, string>> {
  const data = temporaryFolder();
  const file = path.join(data, "first.set");
  const relay = "set forwarding-options dhcp-relay";
  writeFileSync(
    file,
    [
      `${relay} overrides always-write-option-82`,
      `${relay} relay-option-82 circuit-id`,
      `${relay} leasequery`,
      `${relay} server-group core 127.0.0.1 port ${server.port}`,
      `${relay} listen-address 127.0.0.1`,
      `${relay} listen-port ${await freeUdpPort()}`,
    ].join("\n"),
  );
  return { ...administratorEnvironment, LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: file };
}

const query = (backend: { url: string }, address: string) =>
  call(
    backend,
    "leasequery.start",
    { family: 4, key: { kind: "address", address }, gatewayAddress: "127.0.0.1" },
    { method: "POST", headers: withToken() },
  );
const get = (backend: { url: string }, procedure: string, input: unknown) =>
  call(backend, procedure, input, { headers: withToken() });

describe("the program with its engines", { timeout: 120_000 }, () => {
  test("a query's binding and its run are there after kill -9 and a restart, with their history", async () => {
    const settings = await environment();
    const first = startProcess(settings);
    const backend = { url: await first.url };
    await untilReady(backend.url);
    const address = server.leased[0]!;
    const { id } = (await query(backend, address)).data;
    const run = () => get(backend, "leasequery.run", { id });
    await expect.poll(async () => (await run()).data.stored, { timeout: 20_000 }).toBe(true);
    expect((await run()).data).toMatchObject({ state: "confirmed", startedBy: "admin@example.net" });
    first.child.kill("SIGKILL");
    await first.ended;

    const second = startProcess(settings);
    const again = { url: await second.url };
    await untilReady(again.url);
    const rows = (await get(again, "bindings.list", { family: 4 })).data.rows;
    expect(rows).toMatchObject([{ address, state: "ACTIVE", stored: true, serverAddress: "127.0.0.1" }]);
    const detail = (await get(again, "bindings.detail", { id: rows[0].id })).data;
    expect(detail.history).toMatchObject([{ state: "ACTIVE", cause: expect.stringContaining("leasequery") }]);
    expect((await get(again, "leasequery.run", { id })).data.exchanges).toHaveLength(2);
    expect((await get(again, "leasequery.list", {})).data.map((one: { id: string }) => one.id)).toEqual([id]);
    expect(second.output.stderr).toBe("");
  });

  test("killed while replies arrive: nothing that was shown as stored is lost", async () => {
    const settings = await environment();
    const first = startProcess(settings);
    const backend = { url: await first.url };
    await untilReady(backend.url);
    const addresses = server.leased.slice(0, 60);
    const asked = Promise.all(addresses.map((address) => query(backend, address).catch(() => null)));
    let shown: { id: string; bindingIds: string[] }[] = [];
    while (shown.length < 5) {
      const listed = await get(backend, "leasequery.list", { limit: 200 });
      shown = listed.data.filter((run: { stored: boolean; state: string }) => run.stored && run.state === "confirmed");
    }
    first.child.kill("SIGKILL");
    await first.ended;
    await asked;

    const second = startProcess(settings);
    const again = { url: await second.url };
    await untilReady(again.url);
    for (const { id, bindingIds } of shown) {
      expect((await get(again, "leasequery.run", { id })).data).toMatchObject({ state: "confirmed", stored: true });
      for (const bindingId of bindingIds)
        expect((await get(again, "bindings.detail", { id: bindingId })).data.row).toMatchObject({ stored: true });
    }
  });

  test("a port of the relay that is taken: the start goes on, says so, and mends itself when it is free", async () => {
    const settings = await environment();
    const other = createSocket("udp4");
    const port = Number(/listen-port (\d+)/.exec(readFileSync(settings.LEASEWIRE_CONFIG!, "utf8"))?.[1]);
    await new Promise<void>((resolve) => other.bind({ address: "127.0.0.1", port, exclusive: true }, resolve));
    const started = startProcess(settings);
    const backend = { url: await started.url };
    await expect
      .poll(async () => (await get(backend, "system.info", undefined)).data.alarms[0]?.text, { timeout: 30_000 })
      .toContain("not in force");
    const ready = await fetch(`${backend.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining(String(port))]);
    await new Promise<void>((resolve) => other.close(resolve));
    const committed = await call(backend, "configuration.commit", {}, { method: "POST", headers: withToken() });
    expect(committed.data).toMatchObject({ ok: true });
    await untilReady(backend.url);
    expect((await get(backend, "system.info", undefined)).data.alarms).toEqual([]);
  });
});
