import { BindingTable } from "@leasewire/bindings";
import { ChangeBatchReader } from "@leasewire/db/change-batch";
import { expect, test } from "vitest";
import type { ChangeBatch } from "../persistence-thread/messages.ts";
import { ChangeWriter } from "./change-writer.ts";

const bindings = 3000;

function put(table: BindingTable, n: number): void {
  const result = table.put(
    {
      instance: "default:default",
      address: Uint8Array.of(10, 0, n >>> 8, n & 255),
      prefixLength: 32,
      kind: "address",
      state: 2,
      hardwareType: 1,
      startTimeOfStateSeconds: 100,
      clientLastTransactionTimeSeconds: 100,
      expiresAtSeconds: 5000,
      dataSource: 0,
      origin: "bulk",
    },
    "test",
    100,
  );
  if (result.outcome === "refused") throw new Error(result.refusal.message);
}

test("what has left the log at once is written from the table, without being asked again", async () => {
  const table = new BindingTable(4, { limits: { logEntriesMax: 100 } });
  const written = new Set<number>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const writer = new ChangeWriter({
    tables: { 4: table, 6: new BindingTable(6) },
    persistence: {
      writeChanges: async (batch: ChangeBatch) => {
        const reader = new ChangeBatchReader(batch);
        while (reader.next()) written.add(reader.sequence);
        return { durableSequence: { 4: batch.last[4], 6: 0 } };
      },
    },
    afterChanges: async () => {},
    onDurable: (_family, sequence) => {
      if (sequence === bindings) resolve();
    },
    onRefusing: () => {},
  });
  put(table, 0);
  writer.kick();
  for (let n = 1; n < bindings; n += 1) put(table, n);
  writer.kick();
  await promise;
  expect(written.size).toBe(bindings);
  expect(writer.behind).toBe(0);
  expect(await writer.flush()).toBe(true);
});
