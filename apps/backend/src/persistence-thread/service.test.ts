import type { LeasequeryRunDetail } from "@leasewire/api";
import type { Database, StoredChange } from "@leasewire/db";
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
      writeChanges: (node: string, changes: readonly StoredChange[]) =>
        this.#commit(`${node} ${changes.map(({ family, sequence }) => `${family}:${sequence}`).join(" ")}`),
      page: async (_node: string, family: number, after: number | null, limit: number) => {
        await this.#commit(`page ${family} ${after} ${limit}`);
        return { bindings: [], next: null };
      },
    },
    runs: { put: (_node: string, run: { id: string }) => this.#commit(`run ${run.id}`) },
    meta: { lastSequence: async () => 41 },
    close: () => this.#commit("close"),
  } as unknown as Database;
}

const change = (sequence: number, family: 4 | 6 = 4) => ({ family, sequence }) as StoredChange;
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
    const writes = [1, 2, 3, 4].map((n) => service.writeChanges([change(n)]));
    await turn();
    script.release();
    const durable = (await Promise.all(writes)).map(({ durableSequence }) => durableSequence[4]);
    expect(durable).toEqual([1, 4, 4, 4]);
    expect(script.transactions).toEqual(["n 4:1", "n 4:2 4:3 4:4"]);
  });

  test("a transaction holds no more than its limit, however large a batch is", async () => {
    const { script, service } = start();
    const large = Array.from({ length: changesPerTransactionMax * 2 + 1 }, (_, n) => change(n + 1));
    const last = change(large.length + 1);
    await Promise.all([service.writeChanges(large), service.writeChanges([last])]);
    const sizes = script.transactions.map((text) => text.split(" ").length - 1);
    expect(sizes.slice(0, 2)).toEqual([changesPerTransactionMax, changesPerTransactionMax]);
    expect(sizes.reduce((a, b) => a + b)).toBe(large.length + 1);
  });

  test("calls are worked off in order", async () => {
    const { script, service } = start();
    await Promise.all([
      service.writeChanges([change(1)]),
      service.writeRun(run("a")),
      service.writeChanges([change(2)]),
      service.writeChanges([change(1, 6)]),
      service.readBindings(4, null, 1_000_000),
      service.close(),
    ]);
    expect(script.transactions).toEqual(["n 4:1", "run a", "n 4:2 6:1", "page 4 null 10000", "close"]);
  });

  test("an empty batch is durable at once, and numbering goes on after what is stored", async () => {
    const { service } = start();
    expect(await service.lastSequence(4)).toBe(41);
    expect(await service.writeChanges([])).toEqual({ durableSequence: { 4: 41, 6: 0 } });
  });

  test("after close everything is refused in words", async () => {
    const { service } = start();
    await service.close();
    expect(await outcome(service.writeChanges([change(1)]))).toMatch(/^The database is closed/);
  });
});

describe("a database that refuses", () => {
  test("the writes of the transaction get its reason, and the service goes on when it is over", async () => {
    const { script, service } = start();
    script.refusing = new Error("SQLite x cannot grow, the disk is full: make room.");
    const refused = await Promise.all([1, 2].map((n) => outcome(service.writeChanges([change(n)]))));
    expect(refused[0]).toBe(script.refusing.message);
    expect(refused[1]).toMatch(/^The database refused change 1 before this one/);
    expect(await outcome(service.writeRun(run("a")))).toBe(script.refusing.message);
    script.refusing = null;
    expect(await service.writeChanges([change(1), change(2)])).toEqual({ durableSequence: { 4: 2, 6: 0 } });
    await service.writeRun(run("a"));
    expect(script.transactions).toEqual(["n 4:1 4:2", "run a"]);
  });

  test("nothing later is stored before what was refused has come again: durable never has a gap", async () => {
    const { script, service } = start();
    await service.writeChanges([change(1)]);
    script.refusing = new Error("full");
    await outcome(service.writeChanges([change(2)]));
    script.refusing = null;
    expect(await outcome(service.writeChanges([change(3)]))).toBe(
      "The database refused change 2 before this one: write that one again first.",
    );
    // The other family has no gap.
    expect(await service.writeChanges([change(1, 6)])).toEqual({ durableSequence: { 4: 1, 6: 1 } });
    expect(await service.writeChanges([change(2), change(3)])).toEqual({ durableSequence: { 4: 3, 6: 1 } });
  });

  test("refused twice, and a batch of both families that is refused for one of them", async () => {
    const { script, service } = start();
    script.refusing = new Error("full");
    await outcome(service.writeChanges([change(1)]));
    await outcome(service.writeChanges([change(1)]));
    script.refusing = null;
    expect(await outcome(service.writeChanges([change(2), change(1, 6)]))).toMatch(/refused change 1/);
    expect(script.transactions).toEqual([]);
    expect(await service.writeChanges([change(1), change(2)])).toEqual({ durableSequence: { 4: 2, 6: 0 } });
  });

  test("a later transaction of one batch fails: what was committed before it is durable", async () => {
    const { script, service } = start();
    const changes = Array.from({ length: changesPerTransactionMax + 10 }, (_, n) => change(n + 1));
    script.hold();
    const write = outcome(service.writeChanges(changes));
    await turn();
    script.release();
    script.hold();
    await turn();
    script.refusing = new Error("full");
    script.release();
    expect(await write).toBe("full");
    script.refusing = null;
    expect(await service.writeChanges([change(changesPerTransactionMax + 1)])).toEqual({
      durableSequence: { 4: changesPerTransactionMax + 1, 6: 0 },
    });
  });
});
