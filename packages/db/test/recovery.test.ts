import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/index.ts";
import { onBothDatabases } from "./databases.ts";

onBothDatabases((databases) => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ url: databases.fresh(), dataDirectory: databases.directory });
    await database.migrate();
  });
  afterAll(() => database.close());

  const run = (id: string, startedAtMs: number, more: object = {}) => ({
    id,
    family: 4,
    startedAtMs,
    startedBy: "a@example.net",
    state: "complete",
    servers: [{ address: "192.0.2.1" }],
    ...more,
  });

  test("runs with their groups; a later put replaces the earlier one", async () => {
    const { recovery } = database;
    await recovery.putRun("runs", run("one", 1, { state: "running" }), []);
    await recovery.putRun("runs", run("one", 1), [{ relayId: "0a", recovered: 3 }]);
    await recovery.putRun("runs", run("two", 2, { family: 6 }), []);
    await recovery.putRun("runs", run("three", 2, { state: "failed" }), []);
    await recovery.putRun("other", run("four", 3), []);
    expect(await recovery.run("runs", "one")).toEqual(run("one", 1));
    expect(await recovery.groups("runs", "one")).toEqual([{ relayId: "0a", recovered: 3 }]);
    expect(await recovery.groups("runs", "four")).toBeNull();
    const ids = async (filter: object, limit = 10) =>
      (await recovery.runs<{ id: string }>("runs", limit, filter)).map(({ id }) => id);
    expect(await ids({})).toEqual(["two", "three", "one"]);
    expect(await ids({}, 1)).toEqual(["two"]);
    expect(await ids({ before: "two" })).toEqual(["three", "one"]);
    expect(await ids({ before: "four" })).toEqual([]);
    expect(await ids({ family: 6 })).toEqual(["two"]);
    expect(await ids({ states: ["failed", "complete"], family: 4 })).toEqual(["three", "one"]);
  });

  test("what happened to a stream, with the last event before; what is old can be removed", async () => {
    const { recovery } = database;
    const key = { family: 6, instance: "default:red", server: "2001:db8::1" } as const;
    const event = (atMs: number, phase: string | null, text = "because") => ({ atMs, kind: "phase", phase, text });
    await recovery.addEvents("s", [
      { ...key, ...event(1000, "Bulk") },
      { ...key, ...event(2000, "Active", "nul\u0000byte") },
      { ...key, ...event(3000, null) },
      { ...key, server: "2001:db8::2", ...event(2500, "Idle") },
    ]);
    expect(await recovery.events("s", key, 1500, 10)).toEqual({
      events: [event(2000, "Active", expect.any(String) as unknown as string), event(3000, null)],
      before: event(1000, "Bulk"),
    });
    expect((await recovery.events("s", key, 0, 1)).before).toMatchObject({ atMs: 2000, phase: "Active" });
    expect(await recovery.forgetEvents("s", 2500)).toBe(2);
    expect((await recovery.events("s", key, 0, 10)).events).toEqual([event(3000, null)]);
  });

  test("one base-time a relay and server, beyond 31 bits; a relay's can be forgotten", async () => {
    const { recovery } = database;
    const at = (instance: `${string}:${string}`, server: string, baseTimeSeconds: number) =>
      ({ family: 4, instance, server, baseTimeSeconds }) as const;
    await recovery.putBaseTime("b", at("a:default", "192.0.2.1", 1));
    await recovery.putBaseTime("b", at("a:default", "192.0.2.1", 4_000_000_000));
    await recovery.putBaseTime("b", at("b:default", "192.0.2.1", 2));
    await recovery.forgetBaseTimes("b", "b:default");
    expect(await recovery.baseTimes("b")).toEqual([at("a:default", "192.0.2.1", 4_000_000_000)]);
  });

  test("templates by name", async () => {
    const { templates } = database;
    const template = {
      id: "t1",
      name: "nightly",
      input: { family: 4, key: { kind: "relay-id" } },
      everySeconds: 3600,
      createdBy: "a@example.net",
      createdAtMs: 1_800_000_000_000,
      lastRunId: null,
      lastRunAtMs: null,
      nextRunAtMs: 1_800_003_600_000,
      lastRefusal: null,
    };
    await templates.put("t", template);
    await templates.put("t", { ...template, id: "t2", name: "a first", everySeconds: null, nextRunAtMs: null });
    const changed = { ...template, lastRunId: "r", lastRunAtMs: 5, lastRefusal: "no server" };
    await templates.put("t", changed);
    expect((await templates.list("t")).map(({ id }) => id)).toEqual(["t2", "t1"]);
    expect((await templates.list("t"))[1]).toEqual(changed);
    expect(await templates.remove("t", "t1")).toBe(true);
    expect(await templates.remove("t", "t1")).toBe(false);
    await expect(templates.put("t", { ...template, name: "a first" })).rejects.toThrow();
  });
});
