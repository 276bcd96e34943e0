import { type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { ChangeBatchReader, changeBatch } from "@leasewire/db/change-batch";
import type { InstanceName } from "@leasewire/net";
import { expect, test } from "vitest";
import { exportRows, Imports } from "./imports.ts";
import { engineThreadLimits } from "./limits.ts";

const instance: InstanceName = "default:default";

function lease(host: number, transaction: number, more: Partial<BindingInput> = {}): BindingInput {
  return {
    instance,
    address: Uint8Array.of(10, 0, host >> 8, host & 255),
    prefixLength: 32,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(2, 0, 0, 0, host >> 8, host & 255),
    startTimeOfStateSeconds: transaction,
    clientLastTransactionTimeSeconds: transaction,
    expiresAtSeconds: transaction + 3600,
    dataSource: 0,
    origin: "import",
    ...more,
  };
}

/** `gone`: the row says that the lease is no more. */
function batch(...bindings: readonly { binding: BindingInput; gone?: boolean }[]) {
  return changeBatch(
    bindings.map(({ binding, gone }, index) => ({
      family: 4 as const,
      sequence: index + 2,
      atSeconds: 0,
      kind: gone === true ? ("remove" as const) : ("put" as const),
      cause: "import file by somebody",
      binding,
    })),
  );
}

function world(table = new BindingTable(4)) {
  let durable = 0;
  const imports = new Imports({
    tables: { 4: table, 6: new BindingTable(6) },
    nowSeconds: () => 5000,
    durableSequence: (family) => (family === 4 ? durable : 0),
    behind: () => table.sequence - durable,
    pools: () => [],
    onChanged: () => {},
  });
  const store = () => {
    durable = table.sequence;
    imports.durable();
  };
  const at = (host: number) => table.at(table.byPrefix(instance, Uint8Array.of(10, 0, host >> 8, host & 255), 32));
  return { table, imports, store, at };
}

test("a row yields to a later transaction of another origin; in one file the last row holds", async () => {
  const { table, imports, at } = world();
  table.put(lease(1, 900, { origin: "server" }), "renewed", 1);
  imports.begin("a");
  const answer = await imports.batch(
    "a",
    batch({ binding: lease(1, 800) }, { binding: lease(2, 800) }, { binding: lease(2, 700) }),
  );
  expect(answer).toMatchObject({ ok: true, value: { taken: { 4: 2 }, passedOver: 1, outsidePools: 2, refused: [] } });
  expect(at(1)?.clientLastTransactionTimeSeconds).toBe(900);
  expect(at(2)?.clientLastTransactionTimeSeconds).toBe(700);
  // A renewal between two rows of the file is newer than the file, whatever the order.
  table.put(lease(2, 950, { origin: "server" }), "renewed", 1);
  expect(await imports.batch("a", batch({ binding: lease(2, 750) }))).toMatchObject({ value: { passedOver: 1 } });
  // Another file has no say over what this one wrote later.
  imports.begin("b");
  expect(await imports.batch("b", batch({ binding: lease(2, 100) }))).toMatchObject({ value: { passedOver: 1 } });
});

test("the same rows again change nothing", async () => {
  const { table, imports } = world();
  imports.begin("a");
  const rows = [{ binding: lease(1, 800) }, { binding: lease(2, 800) }];
  await imports.batch("a", batch(...rows));
  imports.end("a");
  imports.begin("b");
  const answer = await imports.batch("b", batch(...rows));
  expect(answer).toMatchObject({ value: { taken: { 4: 2 }, unchanged: 2 } });
  expect(table.sequence).toBe(2);
});

test("a gone lease ends what is there, and makes nothing", async () => {
  const { table, imports, at } = world();
  imports.begin("a");
  const ended = (host: number) => ({ binding: lease(host, 900, { state: BindingState.RELEASED }), gone: true });
  const answer = await imports.batch("a", batch({ binding: lease(1, 800) }, ended(1), ended(2)));
  expect(answer).toMatchObject({ value: { taken: { 4: 2 }, passedOver: 1 } });
  expect(at(1)?.state).toBe(BindingState.RELEASED);
  expect(table.size).toBe(1);
});

test("what the table refuses is told with its line", async () => {
  const { imports } = world(new BindingTable(4, { limits: { bindingsMax: 1 } }));
  expect(imports.begin("a")).toMatchObject({ value: { bindingsMax: { 4: 1 } } });
  const answer = await imports.batch("a", batch({ binding: lease(1, 800) }, { binding: lease(2, 800) }));
  expect(answer).toMatchObject({
    value: { taken: { 4: 1 }, refused: [{ line: 3, message: expect.stringContaining("bindingsMax (1)") }] },
  });
});

test("it waits while too much waits for the database, and is told when all is stored", async () => {
  const { table, imports, store } = world();
  imports.begin("a");
  let sent = 0;
  let answered = 0;
  const pieces = 40;
  const rows = 1_000;
  const sending = (async () => {
    for (; sent < pieces; sent += 1) {
      await imports.batch(
        "a",
        batch(...Array.from({ length: rows }, (_, n) => ({ binding: lease(sent * rows + n, 800) }))),
      );
      answered += 1;
    }
  })();
  // No timer is in play: it stands still until something is stored.
  while (table.sequence <= engineThreadLimits.importBehindMax) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(table.sequence).toBeLessThanOrEqual(engineThreadLimits.importBehindMax + rows);
  const before = answered;
  store();
  while (answered === before) await new Promise((resolve) => setImmediate(resolve));
  const storing = setInterval(store, 1);
  await sending;
  clearInterval(storing);
  const stored = imports.stored("a");
  store();
  expect(await stored).toBe(true);
  expect(table.size).toBe(pieces * rows);
});

test("ended while it waits, it waits no longer", async () => {
  const { imports } = world();
  imports.begin("a");
  await imports.batch("a", batch({ binding: lease(1, 800) }));
  const stored = imports.stored("a");
  imports.end("a");
  expect(await stored).toBe(false);
  expect(await imports.batch("a", batch({ binding: lease(2, 800) }))).toMatchObject({ ok: false });
});

test("no more than importsMax at a time", () => {
  const { imports } = world();
  for (let i = 0; i < engineThreadLimits.importsMax; i += 1) expect(imports.begin(String(i)).ok).toBe(true);
  expect(imports.begin("one more")).toMatchObject({ ok: false, refusal: { code: "UNAVAILABLE" } });
});

test("an export meets every binding of the instance once", () => {
  const { table } = world();
  const count = engineThreadLimits.exportRowsPerSlice * 2 + 7;
  for (let host = 1; host <= count; host += 1) {
    table.put(lease(host, 800, host % 2 === 0 ? { instance: "other:default" } : {}), "test", 1);
  }
  const met: string[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const piece = exportRows(table, instance, after);
    const reader = new ChangeBatchReader(piece.bindings);
    while (reader.next()) met.push(reader.binding().address.join("."));
    after = piece.next;
  }
  expect(met).toHaveLength(Math.ceil(count / 2));
  expect(new Set(met).size).toBe(met.length);
});
