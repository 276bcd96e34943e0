import type { Principal } from "@leasewire/api";
import type { Finding } from "@leasewire/config";
import pino from "pino";
import { describe, expect, test } from "vitest";
import { Alarms } from "../alarms.ts";
import type { NewAuditEntry } from "./audit.ts";
import type { Clock } from "./clock.ts";
import { applyRetryPeriodMs, ConfigurationService } from "./configuration.ts";
import type { ConfigurationStore, StoredCandidate, StoredCommit } from "./configuration-store.ts";

const admin: Principal = {
  userId: "u1",
  email: "noc@example.net",
  name: "NOC",
  role: "administrator",
  via: "session",
};
const relay = (port: number) => `set forwarding-options dhcp-relay server-group core 192.0.2.1 port ${port}\n`;
const minute = 60_000;

describe("commit", () => {
  test("load, check, compare, commit: in force and in the history", async () => {
    const node = await startNode();
    const loaded = await node.service.load(admin, { text: relay(1067), mode: "replace" });
    expect(loaded).toMatchObject({
      ok: true,
      value: { ok: true, candidate: { changed: true, changedBy: admin.email } },
    });
    const compared = await node.service.compare({ rollback: 0 });
    expect(compared.ok && compared.value.added).toEqual([relay(1067).trim()]);
    const committed = await node.service.commit(admin, { comment: "first" });
    expect(committed).toMatchObject({
      ok: true,
      value: { ok: true, commit: { number: 0, by: admin.email, comment: "first", via: "web" } },
    });
    expect(node.engine.inForce).toBe(relay(1067));
    expect(await node.service.candidate()).toMatchObject({ value: { changed: false, changedBy: null } });
    expect(node.audit.map((entry) => `${entry.action} ${entry.outcome}`)).toEqual([
      "configuration.load done",
      "configuration.commit done",
    ]);
  });

  test("a text with an error applies nothing and says where", async () => {
    const node = await startNode();
    const loaded = await node.service.load(admin, {
      text: `${relay(1067)}set forwarding-options nonsense`,
      mode: "apply",
    });
    expect(loaded).toMatchObject({ ok: true, value: { ok: false, candidate: { changed: false } } });
    const finding = loaded.ok ? loaded.value.findings.find((one) => one.severity === "error") : undefined;
    expect(finding).toMatchObject({ line: 2 });
    expect(node.disk.candidate.text).toBeNull();
  });

  test("what the commit check refuses is not stored and does not reach the engines", async () => {
    const node = await startNode();
    await node.service.load(admin, { text: "set forwarding-options dhcp-relay leasequery", mode: "replace" });
    const committed = await node.service.commit(admin, {});
    expect(committed).toMatchObject({ ok: true, value: { ok: false, commit: null } });
    expect(committed.ok && committed.value.findings[0]?.remedy).toContain("set ");
    expect(node.engine.calls).toEqual([]);
    expect(node.disk.commits).toEqual([]);
  });

  test("what the engines refuse is not stored; the old configuration stays", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    node.engine.refuse = "port 1068 is in use";
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    expect(await node.service.commit(admin, {})).toMatchObject({ ok: true, value: { ok: false, commit: null } });
    expect(node.engine.inForce).toBe(relay(1067));
    expect(node.disk.commits).toHaveLength(1);
    // The work in the candidate is not lost.
    expect(await node.service.candidate()).toMatchObject({ value: { changed: true } });
  });

  test("when the database refuses, the engines go back to what is stored", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    node.disk.full = true;
    const committed = await node.service.commit(admin, {});
    expect(committed).toMatchObject({ ok: false, refusal: { code: "UNAVAILABLE" } });
    expect(node.engine.inForce).toBe(relay(1067));
    node.disk.full = false;
    expect(await node.service.commit(admin, {})).toMatchObject({ ok: true, value: { commit: { number: 0 } } });
  });

  test("a crash between engines and database: the next start has what is stored", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    node.disk.crashOnCommit = true;
    void node.service.commit(admin, {});
    await settled();
    expect(node.engine.inForce).toBe(relay(1068));
    node.disk.crashOnCommit = false;
    const after = await startNode(node.disk);
    await after.service.apply();
    expect(after.engine.inForce).toBe(relay(1067));
    expect(await after.service.candidate()).toMatchObject({ value: { changed: true, text: relay(1068) } });
  });

  test("nothing changed: nothing is committed, and it says so", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    expect(await node.service.commit(admin, {})).toMatchObject({
      ok: true,
      value: { ok: true, commit: null, findings: [{ rule: "nothing-changed" }] },
    });
  });
});

describe("commit confirmed", () => {
  test("reverts by itself, keeps the work in the candidate, and says so in the history", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    await node.service.commit(admin, { confirmedMinutes: 10 });
    expect(node.engine.inForce).toBe(relay(1068));
    await node.clock.pass(10 * minute - 1);
    expect(node.engine.inForce).toBe(relay(1068));
    await node.clock.pass(1);
    expect(node.engine.inForce).toBe(relay(1067));
    const history = await node.service.history();
    expect(history.ok && history.value.map((commit) => commit.via)).toEqual(["automatic rollback", "web", "web"]);
    expect(await node.service.candidate()).toMatchObject({ value: { changed: true, text: relay(1068) } });
  });

  test("another commit confirms", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    await node.service.commit(admin, { confirmedMinutes: 10 });
    expect(await node.service.commit(admin, {})).toMatchObject({ value: { ok: true, confirmBeforeMs: null } });
    await node.clock.pass(60 * minute);
    expect(node.engine.inForce).toBe(relay(1068));
    expect(node.disk.candidate.confirmBeforeMs).toBeNull();
  });

  test("survives a restart: reverts in time, or at once when the time passed meanwhile", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    await node.service.commit(admin, { confirmedMinutes: 10 });

    const soon = await startNode(copyOf(node.disk), node.clock.now() + 4 * minute);
    await soon.service.apply();
    expect(soon.engine.inForce).toBe(relay(1068));
    await soon.clock.pass(6 * minute);
    expect(soon.engine.inForce).toBe(relay(1067));

    const late = await startNode(copyOf(node.disk), node.clock.now() + 11 * minute);
    await late.service.apply();
    expect(late.engine.calls).toEqual([relay(1067)]);
  });

  test("several in a row go back to what was last committed for good", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    for (const port of [1068, 1069]) {
      await node.service.load(admin, { text: relay(port), mode: "replace" });
      await node.service.commit(admin, { confirmedMinutes: 5 });
    }
    await node.clock.pass(5 * minute);
    expect(node.engine.inForce).toBe(relay(1067));
  });

  test("a revert the engines refuse is an alarm and is tried again", async () => {
    const node = await startNode();
    await node.commit(relay(1067));
    await node.service.load(admin, { text: relay(1068), mode: "replace" });
    await node.service.commit(admin, { confirmedMinutes: 1 });
    node.engine.refuse = "port 1067 is in use";
    await node.clock.pass(minute);
    expect(node.alarms.list()[0]?.text).toContain("could not be reverted: port 1067 is in use");
    node.engine.refuse = null;
    await node.clock.pass(applyRetryPeriodMs);
    expect(node.alarms.list()).toEqual([]);
    expect(node.engine.inForce).toBe(relay(1067));
  });
});

describe("start", () => {
  test("a configuration the engines refuse: an alarm, and another attempt until they take it", async () => {
    const before = await startNode();
    await before.commit(relay(1067));
    const node = await startNode(before.disk);
    node.engine.refuse = "port 67 is in use";
    await node.service.apply();
    expect(node.alarms.list()[0]).toMatchObject({ severity: "critical" });
    expect(node.applied.at(-1)).toBe("port 67 is in use");
    node.engine.refuse = null;
    await node.clock.pass(applyRetryPeriodMs);
    expect(node.engine.inForce).toBe(relay(1067));
    expect(node.alarms.list()).toEqual([]);
    expect(node.applied.at(-1)).toBeNull();
  });

  test("the first configuration is refused whole when a line is wrong", async () => {
    const node = await startNode();
    const findings = await node.service.commitFirst(`${relay(1067)}set what ever`, "from file");
    expect(findings[0]).toMatchObject({ severity: "error", line: 2 });
    expect(node.service.empty).toBe(true);
    expect(node.disk.commits).toEqual([]);
  });
});

test("rollback loads into the candidate and commits nothing; 50 commits are reachable", async () => {
  const node = await startNode();
  for (let n = 1; n <= 55; n++) await node.commit(relay(1000 + n));
  const history = await node.service.history();
  expect(history.ok && history.value).toHaveLength(50);
  expect(await node.service.historyText(49)).toMatchObject({ value: { text: relay(1006), commit: { number: 49 } } });
  expect(await node.service.rollback(admin, 3)).toMatchObject({ value: { changed: true, text: relay(1052) } });
  expect(node.engine.inForce).toBe(relay(1055));
  expect(await node.service.discard(admin)).toMatchObject({ value: { changed: false } });
  expect(await node.service.rollback(admin, 50)).toMatchObject({ ok: false, refusal: { code: "NOT_FOUND" } });
});

interface Disk {
  commits: StoredCommit[];
  candidate: StoredCandidate;
  full: boolean;
  crashOnCommit: boolean;
}

function copyOf(disk: Disk): Disk {
  return { ...disk, commits: [...disk.commits] };
}

async function startNode(
  disk: Disk = {
    commits: [],
    candidate: { text: null, changedBy: null, confirmBeforeMs: null, revertTo: null },
    full: false,
    crashOnCommit: false,
  },
  startMs = 1_700_000_000_000,
) {
  const clock = virtualClock(startMs);
  const engine = {
    inForce: null as string | null,
    refuse: null as string | null,
    calls: [] as string[],
    async configure(text: string) {
      engine.calls.push(text);
      if (engine.refuse !== null) {
        const finding: Finding = { severity: "error", rule: "engine", path: "", message: engine.refuse };
        return { ok: false, findings: [finding] };
      }
      engine.inForce = text;
      return { ok: true, findings: [] };
    },
  };
  const store: ConfigurationStore = {
    commits: async (max) => disk.commits.slice(0, max),
    commit: async (id) => disk.commits.find((commit) => commit.id === id) ?? null,
    candidate: async () => disk.candidate,
    async saveCandidate(candidate) {
      if (disk.full) throw new Error("database or disk is full");
      disk.candidate = candidate;
    },
    async addCommit(commit, candidate) {
      if (disk.crashOnCommit) await new Promise(() => {});
      if (disk.full) throw new Error("database or disk is full");
      disk.commits = [commit, ...disk.commits];
      disk.candidate = candidate;
    },
  };
  const alarms = new Alarms();
  const audit: NewAuditEntry[] = [];
  const applied: (string | null)[] = [];
  const service = new ConfigurationService({
    store,
    engine,
    audit: (entry) => void audit.push(entry),
    alarms,
    clock,
    log: pino({ level: "silent" }),
    devices: () => ["lo"],
    onEvent: () => {},
    onApplied: (_active, refused) => void applied.push(refused),
  });
  await service.open();
  const commit = async (text: string) => {
    await service.load(admin, { text, mode: "replace" });
    expect(await service.commit(admin, {})).toMatchObject({ ok: true, value: { ok: true } });
  };
  return { service, engine, disk, alarms, audit, applied, clock, commit };
}

function virtualClock(startMs: number): Clock & { pass(ms: number): Promise<void> } {
  let now = startMs;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    now: () => now,
    at(atMs, wake) {
      const sleeper = { atMs, wake };
      sleepers.add(sleeper);
      return () => sleepers.delete(sleeper);
    },
    async pass(ms) {
      now += ms;
      for (const sleeper of [...sleepers].filter((one) => one.atMs <= now)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await settled();
    },
  };
}

/** Lets everything that waits for nothing but its turn run. */
async function settled() {
  for (let n = 0; n < 50; n++) await Promise.resolve();
}
