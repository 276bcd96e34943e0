import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { type ApiClient, apiClient } from "../../support/client.ts";
import {
  addressOf,
  allBindings,
  keaFile4,
  keaHeader4,
  keaRow4,
  leasewire,
  samples,
  upload,
  workFolder,
} from "./fixture.ts";

const files = workFolder();
afterAll(() => files.remove());

describe("a running server", () => {
  let backend: Backend;
  let api: ApiClient;
  beforeAll(async () => {
    backend = await startBackend({
      web: false,
      configuration: "set access address-assignment pool homes family inet network 10.0.0.0/24\n",
    });
    api = apiClient(backend);
  }, 180_000);
  afterAll(() => backend?.dispose());

  test("Kea's files by the command: leases of the server, stored, with their relay data", async () => {
    const four = await leasewire(
      backend,
      "import",
      "bindings",
      "--format",
      "kea-csv4",
      path.join(samples, "kea-leases4.csv"),
    );
    expect(four).toMatchObject({
      code: 0,
      stderr: "",
      stdout: "101 rows read: 101 taken, 0 passed over, 0 refused.\n",
    });
    const six = await leasewire(
      backend,
      "import",
      "bindings",
      "--format",
      "kea-csv6",
      path.join(samples, "kea-leases6.csv"),
    );
    expect(six.code).toBe(0);
    // No DHCPv6 pool is configured.
    expect(six.stdout).toBe(
      "101 rows read: 101 taken, 0 passed over, 0 refused. 101 of them are in no pool of this instance: they are told, and not given out again.\n",
    );
    const rows = await allBindings(api, 4);
    expect(rows).toHaveLength(101);
    expect(rows[0]).toMatchObject({
      address: "10.0.0.1",
      origin: "import",
      role: "server",
      stored: true,
      hardwareAddress: "02:00:00:00:00:01",
      circuitId: "eth 0/1/0:100.1",
    });
    expect(await allBindings(api, 6)).toHaveLength(101);
    const { history } = await api.bindings.detail.query({ id: rows[0]!.id });
    expect(history[0]?.cause).toBe("import kea-leases4.csv by admin@example.net");
    const [entry] = await api.audit.list.query({ limit: 1 });
    expect(entry).toMatchObject({ action: "bindings.import", outcome: "done", subject: "kea-leases6.csv" });
  });

  test("the same file again changes nothing", async () => {
    const before = (await api.bindings.summary.query({ family: 4 })).sequence;
    const again = await leasewire(
      backend,
      "import",
      "bindings",
      "--format",
      "kea-csv4",
      path.join(samples, "kea-leases4.csv"),
    );
    expect(again.stdout).toBe("101 rows read: 101 taken (101 were so already), 0 passed over, 0 refused.\n");
    expect((await api.bindings.summary.query({ family: 4 })).sequence).toBe(before);
  });

  test("an older row yields to what is known, the last row of a file holds, a gone lease ends", async () => {
    const instance = "journal:default";
    const ends = Math.floor(Date.now() / 1000) + 1_000_000;
    const row = (n: number, mac: string, lifetime: number, expire: number) =>
      `${addressOf(n)},02:00:00:00:00:${mac},,${lifetime},${expire},1,0,0,,0,,0\n`;
    const first = keaHeader4 + row(1, "01", 7200, ends) + row(1, "02", 7200, ends - 500) + row(2, "03", 7200, ends);
    const one = await upload(backend, api, first, { format: "kea-csv4", instance });
    expect(one).toMatchObject({ state: "done", rowsTaken: 3, rowsPassedOver: 0 });
    const second =
      keaHeader4 + row(1, "04", 7200, ends - 900) + row(2, "03", 0, ends - 7000) + row(3, "05", 0, ends - 7000);
    const two = await upload(backend, api, second, { format: "kea-csv4", instance });
    expect(two).toMatchObject({ state: "done", rowsTaken: 1, rowsPassedOver: 2 });
    const rows = (await allBindings(api, 4)).filter((binding) => binding.instance === instance);
    expect(rows.map(({ address, hardwareAddress, state }) => [address, hardwareAddress, state])).toEqual([
      [addressOf(1), "02:00:00:00:00:02", "ACTIVE"],
      [addressOf(2), "02:00:00:00:00:03", "RELEASED"],
    ]);
  });

  test("refused rows: one line each, exit code 1, the rest is taken", async () => {
    const file = files.file(
      "some.csv",
      keaHeader4 + keaRow4(9_000_001) + "10.0.0.999,,,1,1,1,0,0,,0,,0\n" + keaRow4(9_000_002) + "cut off,by\n",
    );
    const result = await leasewire(
      backend,
      "import",
      "bindings",
      "--format",
      "kea-csv4",
      file,
      "logical-system",
      "bad",
    );
    expect(result.code).toBe(1);
    expect(result.stderr.split("\n")).toEqual([
      'line 3: column 1: address "10.0.0.999" is not an IPv4 address: write it like 192.0.2.7 | 10.0.0.999,,,1,1,1,0,0,,0,,0',
      "line 5: the row has 2 fields where the header names 12: the row may have been cut off: give each column a field | cut off,by",
      "",
    ]);
    expect(result.stdout).toMatch(/^4 rows read: 2 taken, 0 passed over, 2 refused\./);
    const [job] = await api.imports.list.query({ limit: 1 });
    const text = await fetch(`${backend.url}/api/import/refused?id=${job!.id}`, {
      headers: { "x-api-key": backend.token },
    });
    expect(await text.text()).toBe(result.stderr);
  });

  test("all or nothing: one refused row, and nothing is taken", async () => {
    const instance = "whole:default";
    const rows = keaFile4(3000);
    const refused = await upload(backend, api, `${rows}10.0.0.999,,,1,1,1,0,0,,0,,0\n`, {
      format: "kea-csv4",
      allOrNothing: true,
      instance,
    });
    expect(refused).toMatchObject({ state: "refused", rowsTaken: 0, rowsRefused: 1 });
    expect(refused.outcome).toBe(
      'Nothing was taken: 1 row is refused, the first in line 3002: column 1: address "10.0.0.999" is not an IPv4 address: write it like 192.0.2.7.',
    );
    const count = async () => (await api.bindings.summary.query({ family: 4, logicalSystem: "whole" })).total;
    expect(await count()).toBe(0);
    const good = await upload(backend, api, rows, { format: "kea-csv4", allOrNothing: true, instance });
    expect(good).toMatchObject({ state: "done", rowsTaken: 3000, rowsRefused: 0 });
    expect(await count()).toBe(3000);
    // The file on disk has gone with it.
    expect(readdirSync(path.join(backend.dataDirectory, "imports")).filter((name) => !name.endsWith(".txt"))).toEqual(
      [],
    );
  });

  test("a file of another format is refused at its first line", async () => {
    const job = await upload(backend, api, keaFile4(10), { format: "isc-leases" });
    expect(job).toMatchObject({ state: "refused", rowsTaken: 0 });
    expect(job.outcome).toMatch(/^Nothing was taken: line 1: this does not begin like a lease file of ISC dhcpd: /);
  });

  test("export and import again: the same bindings", async () => {
    const exported = await leasewire(backend, "export", "bindings", "--format", "csv");
    expect(exported.code).toBe(0);
    const file = files.file("own.csv", exported.stdout);
    const words = ["--format", "csv", file, "logical-system", "copy"];
    expect((await leasewire(backend, "import", "bindings", ...words)).stdout).toMatch(/^202 rows read: 202 taken, /);
    const copied = await leasewire(backend, "export", "bindings", "--format", "csv", "logical-system", "copy");
    expect(copied.stdout).toBe(exported.stdout);
    const lines = await leasewire(backend, "export", "bindings", "--format", "ndjson", "--family", "6");
    expect(
      lines.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).origin),
    ).toEqual(Array(101).fill("import"));
  });

  test("cancelled in the middle: says so, and what was taken stays", async () => {
    const id = randomUUID();
    let sent = 0;
    // A sender that never ends: only cancelling ends this import.
    const endless = new ReadableStream({
      async pull(controller) {
        if (sent === 0) controller.enqueue(Buffer.from(keaHeader4));
        let text = "";
        for (let i = 0; i < 200; i += 1) text += keaRow4(1_000_000 + ++sent);
        controller.enqueue(Buffer.from(text));
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    });
    const answered = upload(backend, api, endless, { format: "kea-csv4", id, instance: "endless:default" }).catch(
      () => null,
    );
    await expect
      .poll(async () => (await api.imports.get.query({ id }).catch(() => null))?.rowsTaken ?? 0)
      .toBeGreaterThan(0);
    expect(await api.imports.cancel.mutate({ id })).toMatchObject({ id, state: "cancelled" });
    await answered;
    const job = await api.imports.get.query({ id });
    expect(job.outcome).toBe(
      `Cancelled by admin@example.net. ${job.rowsTaken.toLocaleString("en-US")} rows were taken until then and stay.`,
    );
    const { total } = await api.bindings.summary.query({ family: 4, logicalSystem: "endless" });
    expect(total).toBeGreaterThanOrEqual(job.rowsTaken);
  });

  test.each([
    ["without a token", {}, "format=csv", 401],
    ["an unknown format", undefined, "format=xlsx", 400],
    ["an instance that is none", undefined, "format=csv&instance=x", 400],
    ["an address below it", undefined, "", 404],
  ])("refused before anything is read: %s", async (_, headers, query, status) => {
    const place = query === "" ? "/api/import/elsewhere" : `/api/import/bindings?${query}`;
    const response = await fetch(backend.url + place, {
      method: "POST",
      headers: headers ?? { "x-api-key": backend.token },
      body: "x",
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty("message");
  });
});

describe("killed in the middle", () => {
  const count = 20_000;
  // Long after now, and the same in every import.
  const ends = Math.floor(Date.now() / 1000) + 315_000_000;
  const text = keaFile4(count, ends);

  test.each([false, true])(
    "all or nothing %s: complete and exact after it has been imported again, or by itself",
    async (allOrNothing) => {
      const backend = await startBackend({ web: false, configuration: "set system host-name lab\n" });
      const total = async () => (await apiClient(backend).bindings.summary.query({ family: 4 })).total;
      try {
        for (const rows of [1, 3_000, 9_000]) {
          const before = await total();
          const sent = upload(backend, apiClient(backend), text, { format: "kea-csv4", allOrNothing }).catch(
            () => null,
          );
          // Not sooner than it has begun to take rows; how far it gets until it is killed is chance.
          const goal = Math.max(before, Math.min(rows, count - 1));
          if (before < count) await expect.poll(total, { interval: 10, timeout: 30_000 }).toBeGreaterThanOrEqual(goal);
          await backend.kill();
          await sent;
          await backend.start();
          const after = await total();
          // Rows in the order of the file: what is there is its beginning, nothing torn.
          const rowsNow = await allBindings(apiClient(backend), 4);
          expect(rowsNow.slice(0, after).map(({ address }) => address)).toEqual(
            Array.from({ length: rowsNow.length }, (_, index) => addressOf(index + 1)).slice(0, after),
          );
          if (allOrNothing) await expect.poll(total, { interval: 50, timeout: 60_000 }).toBe(count);
        }
        const job = await upload(backend, apiClient(backend), text, { format: "kea-csv4", allOrNothing });
        expect(job).toMatchObject({ state: "done", rowsRead: count, rowsTaken: count, rowsRefused: 0 });
        const rows = await allBindings(apiClient(backend), 4);
        expect(rows.map(({ address, stored, state }) => [address, stored, state])).toEqual(
          Array.from({ length: count }, (_, index) => [addressOf(index + 1), true, "ACTIVE"]),
        );
      } finally {
        await backend.dispose();
      }
    },
    480_000,
  );
});
