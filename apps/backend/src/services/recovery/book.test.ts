import type { BulkRun } from "@leasewire/api";
import { expect, test, vi } from "vitest";
import type { RunningBulkRun, StreamEventTold } from "../../engine-thread/messages.ts";
import { RecoveryBook } from "./book.ts";
import { recoveryServiceLimits } from "./limits.ts";

class Store {
  refusing = false;
  readonly written: string[] = [];
  events = 0;
  #take(what: string) {
    if (this.refusing) throw new Error("disk full");
    this.written.push(what);
  }
  async putRun(_node: string, { id, stored }: { readonly id: string; readonly stored?: boolean }) {
    this.#take(`run ${id} ${stored}`);
  }
  async putBaseTime(_node: string, { server, baseTimeSeconds }: { server: string; baseTimeSeconds: number }) {
    this.#take(`base-time ${server} ${baseTimeSeconds}`);
  }
  async addEvents(_node: string, events: readonly unknown[]) {
    this.#take(`events ${events.length}`);
    this.events += events.length;
  }
  async forgetBaseTimes(_node: string, instance: string) {
    this.#take(`forget ${instance}`);
  }
  async forgetEvents() {
    return 0;
  }
}

const run = (id: string, finishedAtMs: number | null = 5) =>
  ({ id, finishedAtMs, state: "complete" }) as RunningBulkRun;
const key = { family: 4, instance: "a:default", server: "192.0.2.1" } as const;
const event: StreamEventTold = { ...key, atMs: 1, kind: "phase", phase: "Active", text: "" };

function started() {
  const store = new Store();
  const told: BulkRun[] = [];
  const faults: unknown[] = [];
  const book = new RecoveryBook({
    node: "n",
    store: store as never,
    tellRun: (one) => told.push(one),
    tellStream: () => {},
    now: () => 0,
    onFault: (error) => faults.push(error),
  });
  return { store, told, faults, book };
}

test("a run is stored once it is written as it is; one that is retried is not", async () => {
  const { store, told, book } = started();
  book.run(run("one"));
  book.finished({ run: run("one"), groups: [] });
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ id: "one", stored: true }));
  expect(told[0]?.stored).toBe(false);
  expect(book.shown(run("one")).stored).toBe(true);
  expect(book.shown(run("one", null)).stored).toBe(false);
  expect(book.shown(run("one", 9)).stored).toBe(false);
  expect(store.written).toEqual(["run one true"]);
  await book.stop();
});

test("while the database refuses, everything is kept and tried again; the newest base-time counts", async () => {
  vi.useFakeTimers();
  try {
    const { store, faults, book } = started();
    store.refusing = true;
    book.finished({ run: run("one"), groups: [] });
    book.baseTimes([{ ...key, baseTimeSeconds: 1 }]);
    book.streamEvents([event]);
    await vi.advanceTimersByTimeAsync(recoveryServiceLimits.retryMs * 2);
    expect(faults.length).toBeGreaterThan(1);
    expect(store.written).toEqual([]);
    book.baseTimes([{ ...key, baseTimeSeconds: 2 }]);
    store.refusing = false;
    await vi.advanceTimersByTimeAsync(recoveryServiceLimits.retryMs);
    expect(store.written).toEqual(["run one true", "base-time 192.0.2.1 2", "events 1"]);
    await book.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("what cannot wait any more is given up, oldest first, and counted", async () => {
  const { store, book } = started();
  store.refusing = true;
  for (let n = 0; n <= recoveryServiceLimits.runsUnwrittenMax; n += 1) book.finished({ run: run(`${n}`), groups: [] });
  book.streamEvents(Array.from({ length: recoveryServiceLimits.eventsUnwrittenMax + 7 }, () => ({ ...event })));
  expect([book.runsGivenUp, book.eventsGivenUp]).toEqual([1, 7]);
  store.refusing = false;
  await book.stop();
  expect(store.written[0]).toBe("run 1 true");
  expect(store.events).toBe(recoveryServiceLimits.eventsUnwrittenMax);
});

test("a relay that begins from nothing has no base-times, not even those that wait", async () => {
  const { store, book } = started();
  store.refusing = true;
  book.baseTimes([{ ...key, baseTimeSeconds: 1 }]);
  await new Promise((resolve) => setImmediate(resolve));
  store.refusing = false;
  await book.forgetBaseTimes("a:default");
  await book.stop();
  expect(store.written).toEqual(["forget a:default"]);
});
