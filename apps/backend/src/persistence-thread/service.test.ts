import type { LeasequeryRunDetail } from "@leasewire/api";
import { type ChangeBatch, ChangeBatchReader, changeBatch, type Database, type StoredChange } from "@leasewire/db";
import { describe, expect, test } from "vitest";
import { changesPerTransactionMax, PersistenceService } from "./service.ts";

/** A database that writes down its transactions, commits when told to, and refuses when told to. */
class ScriptedDatabase {
  readonly transactions: string[] = [];
  refusing: Error | null = null;
  #held: (() => void)[] | null = null;

  hold() {
    this.#held = [];
  }
  release() {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }

  async #commit(text: string) {
    const held = this.#held;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    if (this.refusing !== null) throw this.refusing;
    this.transactions.push(text);
  }

  readonly database = {
    bindings: {
      writeBatches: (node: string, batches: readonly ChangeBatch[]) =>
        this.#commit(`${node} ${batches.flatMap(sequencesOf).join(" ")}`),
      pageBatch: async (_node: string, family: number, after: number | null, limit: number) => {
        await this.#commit(`page ${family} ${after} ${limit}`);
        return { bindings: changeBatch([]), next: null };
      },
    },
    runs: { put: (_node: string, run: { id: string }) => this.#commit(`run ${run.id}`) },
    meta: { lastSequence: async () => 41 },
    close: () => this.#commit("close"),
  } as unknown as Database;
}

function change(sequence: number, family: 4 | 6 = 4): StoredChange {
  const binding = {
    instance: "default:default",
    address: new Uint8Array(family === 4 ? 4 : 16),
    prefixLength: family === 4 ? 32 : 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    startTimeOfStateSeconds: 0,
    clientLastTransactionTimeSeconds: 0,
    expiresAtSeconds: 0,
    dataSource: 0,
    origin: "server",
  } as const;
  return { family, sequence, atSeconds: 0, kind: "put", cause: "", binding };
}

function sequencesOf(batch: ChangeBatch): string[] {
  const texts: string[] = [];
  const reader = new ChangeBatchReader(batch);
  while (reader.next()) texts.push(`${reader.family}:${reader.sequence}`);
  return texts;
}
const run = (id: string) => ({ id }) as LeasequeryRunDetail;
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: Error) => error.message,
  );

function start() {
  const script = new ScriptedDatabase();
  return { script, service: new PersistenceService(script.database, "n") };
}

describe("grouping", () => {
  test("what comes while a transaction is being written goes into the next one", async () => {
    const { script, service } = start();
    script.hold();
    const writes = [1, 2, 3, 4].map((n) => service.writeChanges(changeBatch([change(n)])));
    await turn();
    script.release();
    const durable = (await Promise.all(writes)).map(({ durableSequence }) => durableSequence[4]);
    expect(durable).toEqual([1, 4, 4, 4]);
    expect(script.transactions).toEqual(["n 4:1", "n 4:2 4:3 4:4"]);
  });

  test("a transaction that has enough takes no further batch", async () => {
    const { script, service } = start();
    const large = Array.from({ length: changesPerTransactionMax }, (_, n) => change(n + 1));
    const last = change(large.length + 1);
    await Promise.all([service.writeChanges(changeBatch(large)), service.writeChanges(changeBatch([last]))]);
    const sizes = script.transactions.map((text) => text.split(" ").length - 1);
    expect(sizes).toEqual([changesPerTransactionMax, 1]);
  });

  test("calls are worked off in order", async () => {
    const { script, service } = start();
    await Promise.all([
      service.writeChanges(changeBatch([change(1)])),
      service.writeRun(run("a")),
      service.writeChanges(changeBatch([change(2)])),
      service.writeChanges(changeBatch([change(1, 6)])),
      service.readBindings(4, null, 1_000_000),
      service.close(),
    ]);
    expect(script.transactions).toEqual(["n 4:1", "run a", "n 4:2 6:1", "page 4 null 10000", "close"]);
  });

  test("an empty batch is durable at once, and numbering goes on after what is stored", async () => {
    const { service } = start();
    expect(await service.lastSequence(4)).toBe(41);
    expect(await service.writeChanges(changeBatch([]))).toEqual({ durableSequence: { 4: 41, 6: 0 } });
  });

  test("after close everything is refused in words", async () => {
    const { service } = start();
    await service.close();
    expect(await outcome(service.writeChanges(changeBatch([change(1)])))).toMatch(/^The database is closed/);
  });
});

describe("a database that refuses", () => {
  test("the writes of the transaction get its reason, and the service goes on when it is over", async () => {
    const { script, service } = start();
    script.refusing = new Error("SQLite x cannot grow, the disk is full: make room.");
    const refused = await Promise.all([1, 2].map((n) => outcome(service.writeChanges(changeBatch([change(n)])))));
    expect(refused[0]).toBe(script.refusing.message);
    expect(refused[1]).toMatch(/^The database refused change 1 before this one/);
    expect(await outcome(service.writeRun(run("a")))).toBe(script.refusing.message);
    script.refusing = null;
    expect(await service.writeChanges(changeBatch([change(1), change(2)]))).toEqual({
      durableSequence: { 4: 2, 6: 0 },
    });
    await service.writeRun(run("a"));
    expect(script.transactions).toEqual(["n 4:1 4:2", "run a"]);
  });

  test("nothing later is stored before what was refused has come again: durable never has a gap", async () => {
    const { script, service } = start();
    await service.writeChanges(changeBatch([change(1)]));
    script.refusing = new Error("full");
    await outcome(service.writeChanges(changeBatch([change(2)])));
    script.refusing = null;
    expect(await outcome(service.writeChanges(changeBatch([change(3)])))).toBe(
      "The database refused change 2 before this one: write that one again first.",
    );
    // The other family has no gap.
    expect(await service.writeChanges(changeBatch([change(1, 6)]))).toEqual({ durableSequence: { 4: 1, 6: 1 } });
    expect(await service.writeChanges(changeBatch([change(2), change(3)]))).toEqual({
      durableSequence: { 4: 3, 6: 1 },
    });
  });

  test("refused twice, and a batch of both families that is refused for one of them", async () => {
    const { script, service } = start();
    script.refusing = new Error("full");
    await outcome(service.writeChanges(changeBatch([change(1)])));
    await outcome(service.writeChanges(changeBatch([change(1)])));
    script.refusing = null;
    expect(await outcome(service.writeChanges(changeBatch([change(2), change(1, 6)])))).toMatch(/refused change 1/);
    expect(script.transactions).toEqual([]);
    expect(await service.writeChanges(changeBatch([change(1), change(2)]))).toEqual({
      durableSequence: { 4: 2, 6: 0 },
    });
  });
});
