import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StoredChange } from "./binding-writer.ts";
import { ChangeBatchReader, changeBatch } from "./change-batch.ts";
import { ChangeJournal, journalFile } from "./change-journal.ts";

const directory = mkdtempSync(join(tmpdir(), "leasewire-journal-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const freshFile = () => join(directory, `${files++}.journal`);

function change(sequence: number): StoredChange {
  const binding = {
    instance: "core:vrf-1",
    address: Uint8Array.from({ length: 16 }, (_, n) => (n === 15 ? sequence : 0x20 + n)),
    prefixLength: 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    clientId: Uint8Array.of(0, 3, 0, 1, sequence),
    iaid: 0xffff_ffff,
    startTimeOfStateSeconds: 1_800_000_000,
    clientLastTransactionTimeSeconds: 1_800_000_000,
    expiresAtSeconds: 1_800_086_400,
    options: new Uint8Array(300).fill(sequence),
    dataSource: 0,
    origin: "server",
  } as const;
  return { family: 6, sequence, atSeconds: 1_800_000_000, kind: "put", cause: `Ursache "${sequence}"`, binding };
}

const batchOf = (...sequences: number[]) => changeBatch(sequences.map(change));
const sequencesIn = (journal: ChangeJournal, node: string) =>
  journal.read(node).map(({ batch }) => {
    const reader = new ChangeBatchReader(batch);
    const sequences: number[] = [];
    while (reader.next()) sequences.push(reader.sequence);
    return sequences;
  });

test("what was appended is read back in order and whole, by another connection too, until it is forgotten", () => {
  const file = freshFile();
  const journal = new ChangeJournal(file);
  const first = journal.append("n", [batchOf(1, 2)]);
  const second = journal.append("n", [batchOf(3), batchOf(4, 5)]);
  expect(second).toBeGreaterThan(first);
  journal.close();

  const later = new ChangeJournal(file);
  expect(sequencesIn(later, "n")).toEqual([[1, 2], [3], [4, 5]]);
  const { batch } = later.read("n")[2]!;
  expect(batch).toEqual(batchOf(4, 5));
  const reader = new ChangeBatchReader(batch);
  reader.next();
  expect([reader.cause, reader.binding()]).toEqual([change(4).cause, expect.objectContaining(change(4).binding)]);

  later.forget("n", first);
  expect(sequencesIn(later, "n")).toEqual([[3], [4, 5]]);
  later.forget("n", second);
  expect(later.append("n", [batchOf(6)])).toBeGreaterThan(second);
  later.close();
});

test("nodes that share the file do not see each other", () => {
  const journal = new ChangeJournal(freshFile());
  journal.append("a", [batchOf(1)]);
  const ofB = journal.append("b", [batchOf(7)]);
  journal.forget("a", ofB);
  expect(sequencesIn(journal, "a")).toEqual([]);
  expect(sequencesIn(journal, "b")).toEqual([[7]]);
  journal.close();
});

test("all of an append, or nothing", () => {
  const journal = new ChangeJournal(freshFile());
  const broken = { ...batchOf(2), count: undefined as never };
  expect(() => journal.append("n", [batchOf(1), broken])).toThrow();
  expect(journal.read("n")).toEqual([]);
  journal.append("n", [batchOf(1)]);
  expect(sequencesIn(journal, "n")).toEqual([[1]]);
  journal.close();
});

test("a file in another form, and one that is no database, are refused in words", () => {
  const file = freshFile();
  new ChangeJournal(file).close();
  const Sqlite = createRequire(import.meta.url)("better-sqlite3");
  const other = new Sqlite(file);
  other.exec("PRAGMA user_version = 9");
  other.close();
  expect(() => new ChangeJournal(file)).toThrow(`SQLite ${file} holds changes in form 9`);
  const notes = freshFile();
  writeFileSync(notes, "not a database".repeat(500));
  expect(() => new ChangeJournal(notes)).toThrow("is a file of another kind, not a database");
});

test("SQLite has one beside it, PostgreSQL none", () => {
  expect(journalFile("file:/var/lib/leasewire/x.sqlite", ".")).toBe("/var/lib/leasewire/x.sqlite.journal");
  expect(journalFile("postgresql://u:p@h/leasewire", ".")).toBeNull();
});
