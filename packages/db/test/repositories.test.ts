import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { EXPIRES_NEVER } from "@leasewire/bindings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/index.ts";
import { address4, binding4, onBothDatabases, put, remove } from "./databases.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const instance = "default:default";
const hostile = 'a\'b"c;DROP TABLE "Binding";-- \\ \u202e \u{1f600} %s $1 \n\t$1 ?';

onBothDatabases((databases) => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ url: databases.fresh(), dataDirectory: databases.directory });
    await database.migrate();
  }, 60_000);
  afterAll(() => database.close());

  describe("bindings", () => {
    test("every field comes back as it went in", async () => {
      const full = binding4(1, {
        clientId: Uint8Array.of(0, 0xff, 0),
        iaid: 0xffffffff,
        clientLastTransactionTimeSeconds: 0xffffffff,
        expiresAtSeconds: EXPIRES_NEVER,
        preferredUntilSeconds: 0xffffffff,
        linkAddress: Uint8Array.of(192, 0, 2, 1),
        relayAgentInformation: Uint8Array.from({ length: 255 }, (_, n) => n),
        circuitId: new TextEncoder().encode(hostile),
        remoteId: new Uint8Array(0),
        relayId: Uint8Array.of(0),
        options: new Uint8Array(30_000).fill(0x27),
        serverIdentifier: Uint8Array.of(192, 0, 2, 2),
        serverAddress: "192.0.2.2",
        dataSource: 0xff,
        origin: "active",
        interfaceName: hostile,
      });
      await database.bindings.writeChanges("fields", [put(7, full, 1_800_000_000)]);
      const page = await database.bindings.page("fields", 4, null, 10);
      expect(page).toEqual({
        bindings: [{ binding: full, sequence: 7, changedAtSeconds: 1_800_000_000 }],
        next: null,
      });
    });

    test("an address of 16 octets and a delegated prefix", async () => {
      const address = Uint8Array.from([
        0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      ]);
      const whole = binding4(0, { address, prefixLength: 128, hardwareAddress: undefined });
      const prefix = binding4(0, { address, prefixLength: 56, kind: "prefix", hardwareAddress: undefined });
      await database.bindings.writeChanges("six", [put(1, whole), put(2, prefix)]);
      const { bindings } = await database.bindings.page("six", 6, null, 10);
      expect(bindings.map(({ binding }) => binding)).toEqual([whole, prefix]);
      expect(await database.bindings.count("six", 4)).toBe(0);
    });

    test("the last change of a binding stands, and all of them are in the history", async () => {
      await database.bindings.writeChanges("order", [
        put(1, binding4(1)),
        put(2, binding4(1, { state: 3 })),
        put(3, binding4(2)),
        remove(4, binding4(2)),
      ]);
      await database.bindings.writeChanges("order", [remove(5, binding4(1)), put(6, binding4(1, { state: 4 }))]);
      const { bindings } = await database.bindings.page("order", 4, null, 10);
      expect(bindings.map(({ sequence, binding }) => [sequence, binding.state])).toEqual([[6, 4]]);
      const history = await database.history.forAddress(
        { node: "order", family: 4, instance, address: address4(1) },
        10,
      );
      expect(history.map(({ sequence, state }) => [sequence, state])).toEqual([
        [6, 4],
        [5, null],
        [2, 3],
        [1, 2],
      ]);
    });

    test("writing again what is stored, or what is older, changes nothing", async () => {
      const first = [put(1, binding4(1)), put(2, binding4(1, { state: 3 }))];
      await database.bindings.writeChanges("again", first);
      await database.bindings.writeChanges("again", first);
      await database.bindings.writeChanges("again", [first[0]!]);
      const { bindings } = await database.bindings.page("again", 4, null, 10);
      expect(bindings.map(({ sequence, binding }) => [sequence, binding.state])).toEqual([[2, 3]]);
      const key = { node: "again", family: 4, instance, address: address4(1) } as const;
      expect(await database.history.forAddress(key, 10)).toHaveLength(2);
      expect(await database.meta.lastSequence("again", 4)).toBe(2);
    });

    test("nodes, families and instances do not see each other", async () => {
      const other = binding4(1, { instance: "core:vrf-1", state: 5 });
      await database.bindings.writeChanges("node-a", [put(1, binding4(1)), put(2, other)]);
      await database.bindings.writeChanges("node-b", [put(9, binding4(1, { state: 6 }))]);
      const states = async (node: string) =>
        (await database.bindings.page(node, 4, null, 10)).bindings.map(({ binding }) => binding.state);
      expect(await states("node-a")).toEqual([2, 5]);
      expect(await states("node-b")).toEqual([6]);
      expect(await database.meta.lastSequence("node-a", 6)).toBe(0);
    });

    test("all of a transaction or nothing", async () => {
      const bad = put(2, binding4(2, { instance: null as never }));
      await expect(database.bindings.writeChanges("whole", [put(1, binding4(1)), bad])).rejects.toThrow();
      expect(await database.bindings.count("whole", 4)).toBe(0);
      expect(await database.meta.lastSequence("whole", 4)).toBe(0);
      await database.bindings.writeChanges("whole", [put(1, binding4(1))]);
      expect(await database.bindings.count("whole", 4)).toBe(1);
    });

    test("a hundred thousand bindings come in pages of bounded memory, each once, in order", async () => {
      const total = 100_000;
      const options = new Uint8Array(100).fill(1);
      for (let from = 0; from < total; from += 4_000) {
        const part = Array.from({ length: 4_000 }, (_, n) => put(from + n + 1, binding4(from + n, { options })));
        await database.bindings.writeChanges("pages", part);
      }
      let seen = 0;
      let heapMax = 0;
      const heldBytes = heapAfterCollection();
      for (let after: number | null = null; ; ) {
        const page = await database.bindings.page("pages", 4, after, 2_000);
        for (const { sequence } of page.bindings) expect(sequence).toBe(++seen);
        // What is held, not what waits to be collected: that depends on how busy the machine is.
        if (seen % 20_000 === 0) heapMax = Math.max(heapMax, heapAfterCollection() - heldBytes);
        if (page.next === null) break;
        after = page.next;
      }
      expect(seen).toBe(total);
      expect(heapMax).toBeLessThan(20 * 1024 * 1024);
    }, 120_000);
  });

  describe("history", () => {
    const node = "history";
    const at = (address: Uint8Array, seconds: number, family: 4 | 6 = 4) =>
      database.history.at({ node, family, instance: null, address }, seconds);

    test("who held an address when", async () => {
      const ana = binding4(1, { hardwareAddress: Uint8Array.of(1, 1, 1, 1, 1, 1), expiresAtSeconds: 200 });
      const ben = binding4(1, { hardwareAddress: Uint8Array.of(2, 2, 2, 2, 2, 2), expiresAtSeconds: EXPIRES_NEVER });
      await database.bindings.writeChanges(node, [put(1, ana, 100), put(2, ben, 300), remove(3, ben, 400)]);
      expect(await at(address4(1), 99)).toEqual([]);
      expect(await at(address4(1), 100)).toMatchObject([{ held: true, entry: { sequence: 1 } }]);
      expect(await at(address4(1), 199)).toMatchObject([{ held: true, entry: { sequence: 1 } }]);
      // The lease ran out and nobody was there to write so.
      expect(await at(address4(1), 200)).toMatchObject([{ held: false, entry: { sequence: 1 } }]);
      expect(await at(address4(1), 399)).toMatchObject([{ held: true, entry: { sequence: 2 } }]);
      expect(await at(address4(1), 9_000_000_000)).toMatchObject([
        { held: false, entry: { sequence: 3, state: null } },
      ]);
      expect(await at(address4(2), 100)).toEqual([]);
    });

    test("two changes in one second: the later one counts", async () => {
      await database.bindings.writeChanges(node, [put(11, binding4(9), 500), put(12, binding4(9, { state: 4 }), 500)]);
      expect(await at(address4(9), 500)).toMatchObject([{ held: false, entry: { sequence: 12 } }]);
    });

    test("one address in two instances", async () => {
      const other = binding4(20, { instance: "core:vrf" });
      await database.bindings.writeChanges(node, [put(21, binding4(20), 600), put(22, other, 600)]);
      expect((await at(address4(20), 700)).map(({ entry }) => entry.instance)).toEqual(["core:vrf", instance]);
      const key = { node, family: 4, address: address4(20) } as const;
      expect(await database.history.at({ ...key, instance: "core:vrf" }, 700)).toHaveLength(1);
      expect(await database.history.forAddress({ ...key, instance: null }, 10)).toHaveLength(2);
    });

    test("an address inside delegated prefixes: the longest first", async () => {
      const text = "20010db8000000010000000000000042";
      const address = Uint8Array.from(Buffer.from(text, "hex"));
      const long = Uint8Array.from(Buffer.from("20010db8000000010000000000000000", "hex"));
      const short = Uint8Array.from(Buffer.from("20010db8000000000000000000000000", "hex"));
      const delegated = { kind: "prefix", expiresAtSeconds: EXPIRES_NEVER } as const;
      await database.bindings.writeChanges(node, [
        put(1, binding4(0, { ...delegated, address: short, prefixLength: 48 }), 100),
        put(2, binding4(0, { ...delegated, address: long, prefixLength: 64 }), 200),
        // Begins with the same octets and does not cover the address.
        put(3, binding4(0, { ...delegated, address: long, prefixLength: 127 }), 200),
      ]);
      expect((await at(address, 300, 6)).map(({ entry }) => entry.prefixLength)).toEqual([64, 48]);
      expect((await at(address, 150, 6)).map(({ entry }) => entry.prefixLength)).toEqual([48]);
      const key = { node, family: 6, instance, address: long, prefixLength: 64 } as const;
      expect(await database.history.forAddress(key, 10)).toMatchObject([{ sequence: 2 }]);
    });

    test("hostile text in a cause, and a zero octet that PostgreSQL does not take", async () => {
      const change = { ...put(90, binding4(90)), cause: `${hostile}\0` };
      await database.bindings.writeChanges(node, [change]);
      const [entry] = await database.history.forAddress({ node, family: 4, instance, address: address4(90) }, 1);
      expect(entry?.cause).toBe(`${hostile}\ufffd`);
    });
  });

  describe("configuration", () => {
    const commit = (id: string) =>
      ({ id, atMs: 1_800_000_000_123, by: hostile, comment: null, via: "web", text: hostile }) as const;
    const candidate = { text: "set x", changedBy: "ana", confirmBeforeMs: 1_800_000_000_000, revertTo: "c1" };

    test("commits newest first, with their candidate", async () => {
      expect(await database.commits.list("cfg", 10)).toEqual([]);
      expect(await database.candidate.read("cfg")).toMatchObject({ text: null, revertTo: null });
      await database.commits.add("cfg", commit("c1"));
      await database.commits.add("cfg", commit("c2"), candidate);
      expect((await database.commits.list("cfg", 10)).map(({ id }) => id)).toEqual(["c2", "c1"]);
      expect(await database.commits.list("cfg", 1)).toHaveLength(1);
      expect(await database.commits.find("cfg", "c1")).toEqual(commit("c1"));
      expect(await database.commits.find("other", "c1")).toBeNull();
      expect(await database.candidate.read("cfg")).toEqual(candidate);
    });

    test("a commit that is refused leaves the candidate as it was", async () => {
      await expect(database.commits.add("cfg", commit("c1"), { ...candidate, text: "other" })).rejects.toThrow();
      expect(await database.candidate.read("cfg")).toEqual(candidate);
    });
  });

  test("runs: replaced by id, listed newest first, cut at one of them", async () => {
    const run = (n: number) => ({
      id: `run-${n}`,
      family: 4,
      startedAtMs: 1_800_000_000_000 + (n >> 1),
      startedBy: hostile,
      state: "running",
      outcome: `${hostile}\0`,
      exchanges: [{ hex: "00".repeat(600), message: hostile }],
    });
    for (let n = 0; n < 6; n += 1) await database.runs.put("runs", run(n));
    await database.runs.put("runs", { ...run(2), state: "confirmed" });
    expect(await database.runs.find("runs", "run-2")).toEqual({ ...run(2), state: "confirmed" });
    expect(await database.runs.find("other", "run-2")).toBeNull();
    const ids = async (limit: number, before?: string) =>
      (await database.runs.list<{ id: string }>("runs", limit, before)).map(({ id }) => id);
    expect(await ids(4)).toEqual(["run-5", "run-4", "run-3", "run-2"]);
    expect(await ids(4, "run-3")).toEqual(["run-2", "run-1", "run-0"]);
    expect(await ids(4, "nothing")).toEqual([]);
  });

  test("audit: ids rise, newest first, cut at one of them", async () => {
    const entry = (n: number) => ({
      atMs: 1_800_000_000_000 + n,
      actor: `${hostile}\0`,
      via: "web",
      action: "sign-in",
      subject: "",
      outcome: "refused" as const,
      detail: hostile,
    });
    for (let n = 0; n < 5; n += 1) await database.audit.add("audit", entry(n));
    const all = await database.audit.list("audit", 10);
    expect(all.map(({ atMs }) => atMs - 1_800_000_000_000)).toEqual([4, 3, 2, 1, 0]);
    expect(all[0]).toEqual({ ...entry(4), actor: `${hostile}\ufffd`, id: all[0]!.id });
    expect(await database.audit.list("audit", 10, all[2]!.id)).toEqual(all.slice(3));
    for (const before of ["", "x", "-1", "1e99", "0"])
      expect(await database.audit.list("audit", 10, before)).toEqual([]);
  });

  test("facts of a node", async () => {
    expect(await database.meta.fact("n", "duid")).toBeNull();
    await database.meta.setFact("n", "duid", "00:03");
    await database.meta.setFact("n", "duid", hostile);
    expect(await database.meta.fact("n", "duid")).toBe(hostile);
  });

  test("accounts go with their user, and an address is one account's only", async () => {
    const { client } = database;
    const now = new Date(1_800_000_000_123);
    await client.user.create({
      data: { id: "u1", name: hostile, email: "a@example.net", role: "viewer", banExpires: now },
    });
    await client.session.create({
      data: { id: "s1", token: "t", userId: "u1", expiresAt: now, ipAddress: null, userAgent: hostile },
    });
    const user = await client.user.findUniqueOrThrow({
      where: { email: "a@example.net" },
      include: { sessions: true },
    });
    expect(user).toMatchObject({ name: hostile, emailVerified: false, banned: false, banExpires: now });
    expect(user.sessions[0]?.expiresAt).toEqual(now);
    await expect(client.user.create({ data: { id: "u2", name: "", email: "a@example.net" } })).rejects.toThrow();
    const orphan = { id: "s2", token: "t2", userId: "nobody", expiresAt: now };
    await expect(client.session.create({ data: orphan })).rejects.toThrow();
    await client.user.delete({ where: { id: "u1" } });
    expect(await client.session.count()).toBe(0);
  });
});
