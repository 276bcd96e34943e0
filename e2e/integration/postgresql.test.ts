import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient, finishedRun } from "../support/client.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";

// The whole program on PostgreSQL: first start, a query in each family, the process killed, everything still there.

let postgres: PostgresServer;
let backend: Backend;

beforeAll(async () => {
  postgres = await startPostgres();
  backend = await startBackend({ web: false, environment: { DATABASE_URL: postgres.createDatabase() } });
});

afterAll(async () => {
  await backend?.dispose();
  await postgres?.remove();
});

test("a query's bindings, its run, the history and the audit log outlive the process", async () => {
  const api = apiClient(backend);
  expect(await api.system.info.query()).toMatchObject({ database: "postgresql", lab: true, alarms: [] });
  const { examples } = await api.leasequery.targets.query();
  const ids: string[] = [];
  for (const family of [4, 6] as const) {
    const example = examples.find((one) => one.family === family && one.kind === "address")!;
    const { id } = await api.leasequery.start.mutate(
      family === 4
        ? { family, key: { kind: "address", address: example.text }, gatewayAddress: example.gatewayAddress! }
        : { family, key: { kind: "address", address: example.text } },
    );
    const run = await finishedRun(api, id);
    expect(run).toMatchObject({ state: "confirmed", stored: true });
    ids.push(...run.bindingIds);
  }
  expect(ids.length).toBeGreaterThanOrEqual(2);

  await backend.kill();
  await backend.start();
  for (const id of ids) {
    const detail = await api.bindings.detail.query({ id });
    expect(detail.row).toMatchObject({ id, state: "ACTIVE", stored: true });
    expect(detail.history[0]).toMatchObject({ state: "ACTIVE" });
  }
  expect((await api.leasequery.list.query({})).map((run) => run.state)).toEqual(["confirmed", "confirmed"]);
  const actions = (await api.audit.list.query({})).map((entry) => entry.action);
  expect(actions.filter((action) => action === "leasequery.start")).toHaveLength(2);
});
