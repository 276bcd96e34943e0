import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BindingInput } from "@leasewire/bindings";
import { afterAll, beforeAll, describe } from "vitest";
// @boundaries-ignore one PostgreSQL server for the tests of all packages
import { type PostgresServer, startPostgres } from "../../../e2e/support/postgres.ts";
import type { StoredChange } from "../src/index.ts";

export interface TestDatabases {
  readonly provider: "sqlite" | "postgresql";
  /** URL of a database that is there and empty (PostgreSQL) or not there yet (SQLite). */
  fresh(): string;
  /** An empty directory. */
  readonly directory: string;
  readonly postgres: PostgresServer;
}

/** The same tests on SQLite and on a PostgreSQL server that lives as long as they do. */
export function onBothDatabases(tests: (databases: TestDatabases) => void, options: { readonly fsync?: boolean } = {}) {
  describe.each(["sqlite", "postgresql"] as const)("%s", (provider) => {
    let postgres: PostgresServer | null = null;
    const directory = mkdtempSync(join(tmpdir(), "leasewire-db-"));
    let count = 0;

    beforeAll(async () => {
      if (provider === "postgresql") postgres = await startPostgres(options);
    }, 60_000);
    afterAll(async () => {
      await postgres?.remove();
      rmSync(directory, { recursive: true, force: true });
    }, 60_000);

    tests({
      provider,
      directory,
      fresh: () => postgres?.createDatabase() ?? `file:${join(directory, `${count++}.sqlite`)}`,
      get postgres() {
        if (postgres === null) throw new Error("only the tests on PostgreSQL have a server");
        return postgres;
      },
    });
  });
}

/** The n-th address of 10.0.0.0/8. */
export function address4(n: number): Uint8Array {
  return Uint8Array.of(10, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff);
}

export function binding4(n: number, changes: Partial<BindingInput> = {}): BindingInput {
  return {
    instance: "default:default",
    address: address4(n),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(2, 0, (n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff),
    startTimeOfStateSeconds: 1_700_000_000,
    clientLastTransactionTimeSeconds: 1_700_000_000,
    expiresAtSeconds: 1_700_003_600,
    dataSource: 0,
    origin: "individual",
    ...changes,
  };
}

export function put(sequence: number, binding: BindingInput, atSeconds = 1_700_000_000 + sequence): StoredChange {
  const family = binding.address.length === 4 ? 4 : 6;
  return { family, sequence, atSeconds, kind: "put", cause: "individual leasequery", binding };
}

export function remove(sequence: number, binding: BindingInput, atSeconds = 1_700_000_000 + sequence): StoredChange {
  return { ...put(sequence, binding, atSeconds), kind: "remove", cause: "cleared by noc@example.net" };
}
