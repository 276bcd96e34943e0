import { type Database, openDatabase } from "@leasewire/db";
import type { Lease4 } from "@leasewire/sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { type ApiClient, apiClient } from "../../support/client.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { addressText4, Subscribers4 } from "../../support/subscribers.ts";
import { link4, type ServerPlace, serverPlace } from "./fixture.ts";

// The process is killed at random moments while clients get and renew leases. `LEASEWIRE_KILLS` says how often, for each
// database: 5 unless it is set.
const kills = Number(process.env.LEASEWIRE_KILLS ?? 5);
const clientsAtATime = 40;

describe.each(["sqlite", "postgresql"] as const)("killed under load: %s", (provider) => {
  let postgres: PostgresServer | null = null;
  let place: ServerPlace;
  let backend: Backend;
  let database: Database | null = null;
  let subscribers: Subscribers4;

  beforeAll(async () => {
    if (provider === "postgresql") postgres = await startPostgres({ fsync: true });
    place = await serverPlace();
    const url = postgres?.createDatabase();
    const environment: Record<string, string> = url === undefined ? {} : { DATABASE_URL: url };
    backend = await startBackend({ web: false, configuration: place.configuration, environment });
    database = await openDatabase({ url, dataDirectory: backend.dataDirectory });
    subscribers = await Subscribers4.open({ address: "127.0.0.1", port: place.port4 }, link4);
  }, 60_000);

  afterAll(async () => {
    subscribers?.close();
    await database?.close();
    await backend?.dispose();
    await postgres?.remove();
  }, 60_000);

  test(
    "no acknowledged lease is lost, no address is given twice, the table equals the database",
    async () => {
      const promised = new Map<number, Lease4>();
      for (let round = 0; round < kills; round += 1) {
        await loadUntilKilled(promised, round);
        await backend.start();
        const rows = await allRows(apiClient(backend));
        const byAddress = new Map(rows.map((row) => [row.address, row]));
        for (const [client, lease] of promised) {
          expect(byAddress.get(addressText4(lease))).toMatchObject({
            state: "ACTIVE",
            hardwareAddress: macOf(client),
            stored: true,
          });
        }
        expect(new Set([...promised.values()].map(addressText4)).size).toBe(promised.size);
        expect(rows.map((row) => [row.address, row.sequence, row.state])).toEqual(await stored());
      }
      // Otherwise the rounds above have shown nothing.
      expect(promised.size).toBeGreaterThan(kills * clientsAtATime);
    },
    60_000 + kills * 60_000,
  );

  /** New clients come, some of the old renew, and the process dies in the midst of it. */
  async function loadUntilKilled(promised: Map<number, Lease4>, round: number): Promise<void> {
    let over = false;
    let next = round * 1_000_000;
    const lane = async (number: number) => {
      while (!over) {
        const known = [...promised.keys()][(next * 7919) % Math.max(1, promised.size)];
        if (number % 4 === 0 && known !== undefined) {
          await subscribers.renew(known, promised.get(known)!);
          continue;
        }
        const client = next++;
        const lease = await subscribers.dora(client);
        if (lease !== null) promised.set(client, lease);
      }
    };
    const before = promised.size;
    const lanes = Array.from({ length: clientsAtATime }, (_, number) => lane(number));
    while (promised.size < before + clientsAtATime) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    await backend.kill();
    over = true;
    // What waits for an answer is given up: nobody is there.
    subscribers.abandon();
    await Promise.all(lanes);
  }

  async function stored(): Promise<[string, number, string][]> {
    const rows: [string, number, string][] = [];
    for (let after: number | null = null; ; ) {
      const page = await database!.bindings.page("e2e", 4, after, 5_000);
      for (const { binding, sequence } of page.bindings) {
        rows.push([binding.address.join("."), sequence, binding.state === 2 ? "ACTIVE" : `state ${binding.state}`]);
      }
      if (page.next === null) break;
      after = page.next;
    }
    return rows.sort((a, b) => a[1] - b[1]);
  }
});

async function allRows(api: ApiClient) {
  const rows = [];
  let view: string | undefined;
  for (let offset = 0; ; offset += 500) {
    const page = await api.bindings.list.query({
      family: 4,
      sort: { column: "address", direction: "asc" },
      offset,
      limit: 500,
      view,
    });
    view = page.view;
    rows.push(...page.rows);
    if (rows.length >= page.total) break;
  }
  return rows.sort((a, b) => a.sequence - b.sequence);
}

function macOf(client: number): string {
  const octets = [2, 0, 0x40, (client >>> 16) & 255, (client >>> 8) & 255, client & 255];
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
