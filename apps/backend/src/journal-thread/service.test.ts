import { type ChangeBatch, ChangeBatchReader, changeBatch, type Journalled, type StoredChange } from "@leasewire/db";
import { describe, expect, test } from "vitest";
import type { JournalLimits } from "./limits.ts";
import { JournalService } from "./service.ts";

/** A journal in memory and tables that take what they get when they are told to; all that happens is written down. */
class Scripted {
  readonly happened: string[] = [];
  kept: Journalled[] = [];
  refusing: Error | null = null;
  diskFull: Error | null = null;
  #held: (() => void)[] | null = null;
  #lastId = 0;

  hold() {
    this.#held = [];
  }
  release() {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }
  note(text: string) {
    this.happened.push(text);
  }

  readonly journal = {
    append: (_node: string, batches: readonly ChangeBatch[]) => {
      if (this.diskFull !== null) throw this.diskFull;
      this.#lastId += 1;
      for (const batch of batches) this.kept.push({ id: this.#lastId, batch });
      this.note(`journal ${batches.flatMap(sequencesOf).join(" ")}`);
      return this.#lastId;
    },
    forget: (_node: string, upTo: number) => {
      this.kept = this.kept.filter(({ id }) => id > upTo);
      this.note("forget");
    },
    read: () => [...this.kept],
    close: () => this.note("journal closed"),
  };

  readonly store = {
    settle: async (batches: readonly ChangeBatch[]) => {
      const held = this.#held;
      if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
      if (this.refusing !== null) throw this.refusing;
      this.note(`tables ${batches.flatMap(sequencesOf).join(" ")}`);
    },
    writeRun: async () => this.note("run"),
    readBindings: async () => {
      this.note("read");
      return { bindings: changeBatch([]), next: null };
    },
    lastSequence: async () => 41,
    close: async () => this.note("tables closed"),
  };
}

function change(sequence: number): StoredChange {
  const binding = {
    instance: "default:default",
    address: Uint8Array.of(10, 0, 0, sequence),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    startTimeOfStateSeconds: 0,
    clientLastTransactionTimeSeconds: 0,
    expiresAtSeconds: 0,
    dataSource: 0,
    origin: "server",
  } as const;
  return { family: 4, sequence, atSeconds: 0, kind: "put", cause: "", binding };
}

function sequencesOf(batch: ChangeBatch): number[] {
  const sequences: number[] = [];
  const reader = new ChangeBatchReader(batch);
  while (reader.next()) sequences.push(reader.sequence);
  return sequences;
}

const batchOf = (...sequences: number[]) => changeBatch(sequences.map(change));
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: Error) => error.message,
  );

function start(limits: Partial<JournalLimits> = {}, script = new Scripted()) {
  const service = new JournalService({
    journal: script.journal,
    node: "n",
    store: script.store,
    limits: { settlePeriodMs: 60_000, retryMsMin: 5, retryMsMax: 5, ...limits },
  });
  return { script, service };
}

describe("order", () => {
  test("a write is acknowledged by the journal alone; the tables follow, and only then it is forgotten", async () => {
    const { script, service } = start();
    script.hold();
    expect(await service.writeChanges(batchOf(1, 2))).toEqual({ durableSequence: { 4: 2, 6: 0 } });
    await turn();
    expect(script.happened).toEqual(["journal 1 2"]);
    script.release();
    await service.settled();
    expect(script.happened).toEqual(["journal 1 2", "tables 1 2", "forget"]);
    expect(script.kept).toEqual([]);
  });

  test("what comes within the period goes to the tables together, when somebody asks or there is enough", async () => {
    const { script, service } = start({ changesPerSettleMax: 4 });
    await service.writeChanges(batchOf(1));
    await turn();
    await service.writeChanges(batchOf(2));
    await service.writeChanges(batchOf(3));
    await turn();
    expect(script.happened.filter((text) => text.startsWith("tables"))).toEqual(["tables 1"]);
    await service.settled();
    expect(script.happened.filter((text) => text.startsWith("tables"))).toEqual(["tables 1", "tables 2 3"]);
    for (const sequence of [4, 5, 6, 7, 8]) await service.writeChanges(batchOf(sequence));
    await turn();
    expect(script.happened.filter((text) => text.startsWith("tables"))[2]).toBe("tables 4 5 6 7");
  });

  test("what an earlier run left goes to the tables before anything is read or numbered", async () => {
    const script = new Scripted();
    script.journal.append("n", [batchOf(7)]);
    script.journal.append("n", [batchOf(8)]);
    const { service } = start({}, script);
    script.hold();
    const read = service.readBindings(4, null, 10);
    const last = service.lastSequence(4);
    await turn();
    expect(script.happened).not.toContain("read");
    script.release();
    expect(await last).toBe(41);
    await read;
    expect(script.happened.slice(2)).toEqual(["tables 7 8", "forget", "read"]);
  });

  test("closing takes everything to the tables", async () => {
    const { script, service } = start();
    await service.writeChanges(batchOf(1));
    await turn();
    await service.writeChanges(batchOf(2));
    await service.close();
    expect(script.happened.slice(-4)).toEqual(["tables 2", "forget", "journal closed", "tables closed"]);
    expect(await outcome(service.writeChanges(batchOf(3)))).toMatch(/^The database is closed/);
  });
});

describe("refusals", () => {
  test("while the tables refuse nothing is appended, and all goes on by itself", async () => {
    const { script, service } = start();
    script.refusing = new Error("SQLite x is damaged: restore it from a backup.");
    // Acknowledged: it is in the journal.
    await service.writeChanges(batchOf(1));
    await turn();
    expect(await outcome(service.writeChanges(batchOf(2)))).toBe(script.refusing.message);
    expect(await outcome(service.settled())).toBe(script.refusing.message);
    expect(script.kept).toHaveLength(1);
    script.refusing = null;
    await expect.poll(() => script.kept.length).toBe(0);
    expect(await service.writeChanges(batchOf(2))).toEqual({ durableSequence: { 4: 2, 6: 0 } });
  });

  test("what the journal refuses is not acknowledged, and nothing later is taken before it came again", async () => {
    const { script, service } = start();
    script.diskFull = new Error("SQLite x.journal cannot grow, the disk is full: make room.");
    expect(await outcome(service.writeChanges(batchOf(1)))).toBe(script.diskFull.message);
    script.diskFull = null;
    expect(await outcome(service.writeChanges(batchOf(2)))).toMatch(/refused change 1 before this one/);
    expect(await outcome(service.writeChanges(batchOf(1, 2)))).toBe("done");
  });

  test("while too much is not in the tables a write waits", async () => {
    const { script, service } = start({ unsettledMax: 2 });
    script.hold();
    await service.writeChanges(batchOf(1, 2, 3));
    let acknowledged = false;
    const write = service.writeChanges(batchOf(4)).then(() => {
      acknowledged = true;
    });
    await turn();
    expect(acknowledged).toBe(false);
    script.release();
    await write;
    expect(script.happened).toContain("journal 4");
  });
});
