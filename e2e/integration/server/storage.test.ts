import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageType4 } from "@leasewire/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { apiClient } from "../../support/client.ts";
import { addressQuery, individualQuery4 } from "../../support/leasequery.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { addressText4, Subscribers4 } from "../../support/subscribers.ts";
import { link4, type ServerPlace, serverPlace } from "./fixture.ts";

// A database that refuses: nothing is granted, queries are answered, an alarm stands, and all goes on by itself.

const isRoot = process.getuid?.() === 0;

describe.skipIf(!canMount())("the disk of SQLite is full (needs root, to mount a small file system)", () => {
  let directory: string;
  let place: ServerPlace;
  let backend: Backend;
  let subscribers: Subscribers4;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "leasewire-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", directory]);
    place = await serverPlace();
    backend = await startBackend({
      web: false,
      configuration: place.configuration,
      environment: { LEASEWIRE_DATA: join(directory, "var") },
    });
    subscribers = await Subscribers4.open({ address: "127.0.0.1", port: place.port4 }, link4);
  });
  afterAll(async () => {
    subscribers?.close();
    await backend?.dispose();
    execFileSync("umount", [directory]);
    rmSync(directory, { recursive: true, force: true });
  });

  test("grants stop, and go on when there is room again", async () => {
    const filler = join(directory, "filler");
    await refusedThenGranted(
      () => fill(filler, directory),
      () => rmSync(filler),
      backend,
      subscribers,
      place.port4,
      2_000,
    );
  }, 60_000);
});

describe("PostgreSQL is stopped", () => {
  let postgres: PostgresServer;
  let place: ServerPlace;
  let backend: Backend;
  let subscribers: Subscribers4;

  beforeAll(async () => {
    postgres = await startPostgres();
    place = await serverPlace();
    backend = await startBackend({
      web: false,
      configuration: place.configuration,
      environment: { DATABASE_URL: postgres.createDatabase() },
    });
    subscribers = await Subscribers4.open({ address: "127.0.0.1", port: place.port4 }, link4);
  });
  afterAll(async () => {
    subscribers?.close();
    await backend?.dispose();
    await postgres?.remove();
  });

  test("grants stop, and go on when it is there again", async () => {
    await refusedThenGranted(
      () => postgres.stop(),
      () => postgres.start(),
      backend,
      subscribers,
      place.port4,
      1,
    );
  }, 60_000);
});

/** @param clients how many may ask until the database is sure to have refused */
async function refusedThenGranted(
  refuse: () => unknown,
  repair: () => unknown,
  backend: Backend,
  subscribers: Subscribers4,
  port4: number,
  clients: number,
): Promise<void> {
  const first = await subscribers.dora(1);
  expect(first).not.toBeNull();
  await refuse();
  let asked = 0;
  const promised = new Map<number, string>();
  const ask = async () => {
    while (asked < clients && !(await isRefusing(backend))) {
      const client = 100 + asked++;
      const lease = await Promise.race([subscribers.dora(client), pause(500).then(() => null)]);
      if (lease !== null) promised.set(client, addressText4(lease));
    }
  };
  await Promise.all(Array.from({ length: 20 }, ask));
  await expect.poll(() => isRefusing(backend), { timeout: 20_000 }).toBe(true);

  // Neither an offer nor an acknowledgement for somebody new.
  const late = subscribers.dora(50_000);
  expect(await Promise.race([late, pause(3_000).then(() => "silent")])).toBe("silent");
  // What is known is still answered.
  const answer = await individualQuery4({ address: "127.0.0.1", port: port4 }, addressQuery(first!.address));
  expect(answer).toMatchObject({ messageType: MessageType4.DHCPLEASEACTIVE });
  const readiness = await fetch(`${backend.url}/readyz`);
  expect([readiness.status, await readiness.text()]).toEqual([
    503,
    expect.stringContaining("The database refuses writes"),
  ]);

  await repair();
  await expect.poll(() => isRefusing(backend), { timeout: 30_000 }).toBe(false);
  expect(await late).not.toBeNull();
  const api = apiClient(backend);
  for (const [, address] of promised) {
    const { rows } = await api.bindings.list.query({ family: 4, filter: { prefix: address } });
    expect(rows).toMatchObject([{ state: "ACTIVE", stored: true }]);
  }
}

async function isRefusing(backend: Backend): Promise<boolean> {
  const metrics = await (await fetch(`${backend.url}/metrics`, { headers: { "x-api-key": backend.token } })).text();
  const value = /^leasewire_storage_refusing\S* (\d)/m.exec(metrics)?.[1];
  if (value === undefined) throw new Error(`no leasewire_storage_refusing in: ${metrics.slice(0, 200)}`);
  return value === "1";
}

function fill(file: string, directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  try {
    writeFileSync(file, new Uint8Array(Number(bavail) * Number(bsize)));
  } catch (error) {
    // The program wrote meanwhile: then what was left is full all the same.
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function canMount(): boolean {
  if (!isRoot || !existsSync("/proc/mounts")) return false;
  const directory = mkdtempSync(join(tmpdir(), "leasewire-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], { stdio: "pipe" });
    execFileSync("umount", [directory], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
