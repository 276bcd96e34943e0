import type { EnginePool } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { PoolHistoryBook, poolHistoryPoolsMax, poolHistorySpans } from "./pool-history.ts";
import { PoolSampler, poolHistoryWriteMs } from "./pool-sampler.ts";

const pool = (active: number, name = "p"): EnginePool => ({
  id: `4/default:default/${name}`,
  family: 4,
  instance: "default:default",
  name,
  prefix: "192.0.2.0/24",
  ranges: [],
  leaseTimeSeconds: 3600,
  links: [],
  served: true,
  total: 100,
  active,
  offered: 1,
  declined: 2,
  reserved: 3,
  free: 94 - active,
});
const id = pool(0).id;

describe("the past of a pool", () => {
  test("a fine ring of the last hour, a coarse one of the last day", () => {
    const book = new PoolHistoryBook();
    const steps = 6000;
    for (let step = 0; step < steps; step += 1) book.sample([pool(step % 90)], 1_000_000 + step * 15);
    const hour = book.of(id, "hour");
    const day = book.of(id, "day");
    expect(hour?.samples.length).toBe(poolHistorySpans.hour.samplesMax);
    expect(day?.samples.length).toBe(poolHistorySpans.day.samplesMax);
    expect(hour?.samples.at(-1)).toEqual({ atSeconds: 1_000_000 + (steps - 1) * 15, total: 100, active: 59, held: 6 });
    expect(new Set(day?.samples.slice(1).map((one, i) => one.atSeconds - day.samples[i]!.atSeconds))).toEqual(
      new Set([300]),
    );
  });

  test("the trend ends with the newest look and has few points", () => {
    const book = new PoolHistoryBook();
    expect(book.trend(id)).toEqual([]);
    for (let step = 0; step < 100; step += 1) book.sample([pool(step % 90)], 1_000_000 + step * 15);
    const trend = book.trend(id);
    expect(trend.length).toBe(34);
    expect(trend.slice(-2)).toEqual([12, 15]);
  });

  test("looks that come too soon are not kept", () => {
    const book = new PoolHistoryBook();
    for (const at of [100, 101, 114, 115]) book.sample([pool(1)], at);
    expect(book.of(id, "hour")?.samples.map(({ atSeconds }) => atSeconds)).toEqual([100, 115]);
  });

  test("an unknown pool has none, and only so many pools are kept", () => {
    const book = new PoolHistoryBook();
    expect(book.of(id, "hour")).toBeNull();
    book.sample(
      Array.from({ length: poolHistoryPoolsMax + 1 }, (_, index) => pool(1, `p${index}`)),
      100,
    );
    expect(book.of("4/default:default/p0", "hour")).not.toBeNull();
    expect(book.of(`4/default:default/p${poolHistoryPoolsMax}`, "hour")).toBeNull();
  });

  test("a pool that left the configuration is forgotten a day later", () => {
    const book = new PoolHistoryBook();
    book.sample([pool(1)], 1000);
    book.sample([pool(1, "q")], 1000 + 86_400);
    expect(book.of(id, "day")).not.toBeNull();
    book.sample([pool(1, "q")], 1001 + 86_400);
    expect(book.of(id, "day")).toBeNull();
  });

  test("is the same after printing and loading", () => {
    const book = new PoolHistoryBook();
    for (const at of [100, 200, 500]) book.sample([pool(at / 100)], at);
    const other = new PoolHistoryBook();
    other.load(book.print());
    for (const span of ["hour", "day"] as const) expect(other.of(id, span)).toEqual(book.of(id, span));
  });

  test.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["another version", '{"version":2,"pools":[["x",[],[]]]}'],
    ["odd entries", '{"version":1,"pools":[1,["x"],[2,[],[]],["y",[[1,2,3]],[["a",1,1,1]]]]}'],
  ])("a damaged text is left aside: %s", (_, text) => {
    const book = new PoolHistoryBook();
    book.load(text);
    expect(book.of("x", "hour")?.samples ?? []).toEqual([]);
    expect(book.of("y", "hour")?.samples ?? []).toEqual([]);
  });
});

describe("the sampler", () => {
  test("reads the past, takes looks, writes now and then and when it stops", async () => {
    let now = 1_000_000_000;
    const before = new PoolHistoryBook();
    before.sample([pool(7)], now / 1000 - 600);
    let kept = before.print();
    let writes = 0;
    const book = new PoolHistoryBook();
    const faults: unknown[] = [];
    const sampler = new PoolSampler({
      engine: { serverPools: async () => ({ pools: [pool(8)], servers: [] }) },
      book,
      store: {
        read: async () => kept,
        write: async (text) => {
          writes += 1;
          kept = text;
        },
      },
      now: () => now,
      onFault: (error) => faults.push(error),
    });
    await sampler.start();
    await sampler.look();
    expect(book.of(id, "hour")?.samples.map(({ active }) => active)).toEqual([7, 8]);
    expect(writes).toBe(0);
    now += poolHistoryWriteMs;
    await sampler.look();
    expect(writes).toBe(1);
    now += 15_000;
    await sampler.look();
    await sampler.stop();
    expect(writes).toBe(2);
    const after = new PoolHistoryBook();
    after.load(kept);
    expect(after.of(id, "hour")?.samples.length).toBe(4);
    expect(faults).toEqual([]);
  });

  test("a database or an engine that fails is told and does not end it", async () => {
    const faults: unknown[] = [];
    let gone = true;
    const book = new PoolHistoryBook();
    const sampler = new PoolSampler({
      engine: {
        serverPools: async () => {
          if (gone) throw new Error("gone");
          return { pools: [pool(8)], servers: [] };
        },
      },
      book,
      store: {
        read: async () => {
          throw new Error("no database");
        },
        write: async () => {},
      },
      now: () => 1_000_000,
      onFault: (error) => faults.push(error),
    });
    await sampler.start();
    await sampler.look();
    gone = false;
    await sampler.look();
    await sampler.stop();
    expect(faults.map(String)).toEqual(["Error: no database", "Error: gone", "Error: gone"]);
    expect(book.of(id, "hour")?.samples.length).toBe(1);
  });
});
