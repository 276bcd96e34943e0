// Started by crash.test.ts and killed at a random moment: writes batches of changes through the persistence service, as
// the engine does, several at once, and prints the last sequence of each batch once it is acknowledged.
import { writeSync } from "node:fs";
import { ChangeJournal, changeBatch, journalFile, openDatabase } from "@leasewire/db";
import { JournalService } from "../src/journal-thread/service.ts";
import { PersistenceService } from "../src/persistence-thread/service.ts";
import { crashChange } from "./crash-change.ts";

const [url, node] = process.argv.slice(2);
const database = await openDatabase({ url, dataDirectory: "." });
await database.migrate();
const store = new PersistenceService(database, node!);
const file = journalFile(url!, ".");
// So often that a kill meets every step between the journal and the tables.
const limits = { settlePeriodMs: 5 };
const service =
  file === null ? store : new JournalService({ journal: new ChangeJournal(file), node: node!, store, limits });
let next = (await service.lastSequence(4)) + 1;
writeSync(1, `open ${next - 1}\n`);

const lanes = 4;
for (let lane = 0; lane < lanes; lane += 1) void write();

async function write(): Promise<never> {
  for (;;) {
    const first = next;
    next += 1 + (first % 50);
    const last = next - 1;
    const changes = Array.from({ length: last - first + 1 }, (_, n) => crashChange(first + n));
    await service.writeChanges(changeBatch(changes));
    writeSync(1, `${last}\n`);
  }
}
