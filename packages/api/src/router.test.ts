import { describe, expect, test } from "vitest";
import { type Role, roles } from "./common.ts";
import { describePool, type EnginePool } from "./pools.ts";
import { appRouter } from "./router.ts";
import type { Services } from "./services.ts";

/** Answers every call with what it was called with. */
function echo(refused: string[]): Services {
  return new Proxy({} as Services, {
    get: (_, group: string) =>
      new Proxy(
        {},
        {
          get: (_, method: string) => {
            if (group === "audit" && method === "refused") return (_who: unknown, path: string) => refused.push(path);
            return async (...args: unknown[]) => ({
              ok: true,
              value: { called: `${group}.${method}`, with: args.at(-1) },
            });
          },
        },
      ),
  });
}

function callerOf(role: Role | null) {
  const refused: string[] = [];
  const principal =
    role === null ? null : { userId: "u", email: "ann@example.net", name: "Ann", role, via: "session" as const };
  return { refused, caller: appRouter.createCaller({ principal, services: echo(refused) }) };
}
type Caller = ReturnType<typeof callerOf>["caller"];

const reads: Record<string, (caller: Caller) => Promise<unknown>> = {
  "pools.list": (c) => c.pools.list({}),
  "pools.history": (c) => c.pools.history({ id: "4/default:default/p" }),
  "connections.list": (c) => c.connections.list({ family: 6 }),
  "guard.list": (c) => c.guard.list({}),
  "imports.list": (c) => c.imports.list({}),
  "imports.get": (c) => c.imports.get({ id: "i" }),
  "recovery.list": (c) => c.recovery.list({}),
  "recovery.get": (c) => c.recovery.get({ id: "r" }),
  "recovery.groups": (c) => c.recovery.groups({ id: "r" }),
  "recovery.compare": (c) => c.recovery.compare({ first: "r", second: "s" }),
  "streams.list": (c) => c.streams.list({ family: 6 }),
  "streams.history": (c) => c.streams.history({ id: "4|default:default|192.0.2.1" }),
  "templates.list": (c) => c.templates.list(),
  "lookups.run": (c) => c.lookups.run({ lines: ["192.0.2.7"] }),
  "lab.view": (c) => c.lab.view(),
  "statistics.relayBulkConnections": (c) => c.statistics.relayBulkConnections({ family: 4 }),
  "statistics.relayActive": (c) => c.statistics.relayActive({ family: 4 }),
  "statistics.relayBindingStates": (c) => c.statistics.relayBindingStates({ family: 4 }),
  "statistics.server": (c) => c.statistics.server({ family: 4 }),
  "statistics.serverBulkConnections": (c) => c.statistics.serverBulkConnections({ family: 4 }),
  "statistics.serverActive": (c) => c.statistics.serverActive({ family: 4 }),
};
const commands: Record<string, (caller: Caller) => Promise<unknown>> = {
  "bindings.clear": (c) => c.bindings.clear({ family: 4, role: "server", all: true }),
  "bindings.reconfigure": (c) => c.bindings.reconfigure({ target: { kind: "all" } }),
  "connections.close": (c) => c.connections.close({ id: "c1" }),
  "guard.quarantine": (c) => c.guard.quarantine({ family: 4, address: "192.0.2.9", seconds: 60 }),
  "guard.release": (c) => c.guard.release({ family: 4, address: "192.0.2.9" }),
  "imports.cancel": (c) => c.imports.cancel({ id: "i" }),
  "recovery.start": (c) => c.recovery.start({ family: 4, key: { kind: "relay-id" } }),
  "recovery.cancel": (c) => c.recovery.cancel({ id: "r" }),
  "recovery.pause": (c) => c.recovery.pause({ id: "r" }),
  "recovery.resume": (c) => c.recovery.resume({ id: "r" }),
  "recovery.retry": (c) => c.recovery.retry({ id: "r" }),
  "streams.restart": (c) => c.streams.restart({ family: 4, peerAddress: "192.0.2.1" }),
  "templates.save": (c) => c.templates.save({ name: "nightly", input: { family: 4, key: { kind: "relay-id" } } }),
  "templates.remove": (c) => c.templates.remove({ id: "t" }),
  "templates.run": (c) => c.templates.run({ id: "t" }),
  "lookups.ask": (c) => c.lookups.ask({ lines: ["192.0.2.7"] }),
  "statistics.clear": (c) => c.statistics.clear({ family: 4, what: "bulk-leasequery-connections" }),
  "statistics.clearServer": (c) => c.statistics.clearServer({ family: 4, what: "bulk-leasequery-connections" }),
};

const forAdministrators: Record<string, (caller: Caller) => Promise<unknown>> = {
  "lab.restartRelay": (c) => c.lab.restartRelay({ name: "bng-a" }),
};

describe("roles", () => {
  test.each(Object.entries(reads))("%s is for whoever is signed in", async (path, call) => {
    for (const role of roles) expect(await call(callerOf(role).caller)).toMatchObject({ called: path });
    await expect(call(callerOf(null).caller)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  test.each(Object.entries(commands))(
    "%s is for operators, and a viewer's attempt is written down",
    async (path, call) => {
      const viewer = callerOf("viewer");
      await expect(call(viewer.caller)).rejects.toMatchObject({
        code: "FORBIDDEN",
        message: `${path} needs the role operator; ann@example.net is viewer. An administrator can change this under Settings.`,
      });
      expect(viewer.refused).toEqual([path]);
      for (const role of ["operator", "administrator"] as const) {
        expect(await call(callerOf(role).caller)).toMatchObject({ called: path });
      }
    },
  );
});

describe("roles of the lab", () => {
  test.each(Object.entries(forAdministrators))("%s is for administrators", async (path, call) => {
    for (const role of ["viewer", "operator"] as const) {
      const { caller, refused } = callerOf(role);
      await expect(call(caller)).rejects.toMatchObject({ code: "FORBIDDEN" });
      expect(refused).toEqual([path]);
    }
    expect(await call(callerOf("administrator").caller)).toMatchObject({ called: path });
  });
});

describe("inputs", () => {
  const { caller } = callerOf("operator");
  test("a bulk query may have every qualifier", async () => {
    const input = {
      family: 6,
      key: { kind: "link-address", linkAddress: "2001:db8:1::1" },
      serverGroup: "core",
      logicalSystem: "bng-a",
      routingInstance: "retail",
      queryStartTimeSeconds: 1_795_500_000,
      queryEndTimeSeconds: 1_795_500_000,
    } as const;
    expect(await caller.recovery.start(input)).toMatchObject({ called: "recovery.start", with: input });
  });

  test("a template is started by hand unless it says otherwise", async () => {
    const input = { family: 4, key: { kind: "all-configured" } } as const;
    expect(await caller.templates.save({ name: " nightly ", input })).toMatchObject({
      with: { name: "nightly", everyMinutes: null, input },
    });
  });

  test("clearing means the relay unless the server is named", async () => {
    expect(await caller.bindings.clear({ family: 4, all: true })).toMatchObject({
      called: "bindings.clear",
      with: { role: "relay", all: true },
    });
  });

  test("clients are told to renew unless something else is asked of them", async () => {
    const target = { kind: "lease", prefix: "2001:db8::7" } as const;
    expect(await caller.bindings.reconfigure({ target })).toMatchObject({ with: { target, ask: "renew" } });
  });

  test.each([
    ["no lease", () => caller.bindings.reconfigure({ target: { kind: "lease", prefix: "" } }), "Say which lease"],
    ["no client", () => caller.bindings.reconfigure({ target: { kind: "client", duid: "" } }), "Say which client"],
    ["no requestor", () => caller.guard.quarantine({ family: 4, address: "" }), "Say which requestor: its address."],
    [
      "a server and a group at once",
      () =>
        caller.recovery.start({
          family: 4,
          key: { kind: "relay-id" },
          serverAddress: "192.0.2.1",
          serverGroup: "core",
        }),
      "server-address and server-group exclude each other",
    ],
    [
      "two start times",
      () =>
        caller.recovery.start({ family: 4, key: { kind: "relay-id" }, incremental: true, queryStartTimeSeconds: 1 }),
      "keep it or query-start-time",
    ],
    [
      "an end before the start",
      () =>
        caller.recovery.start({
          family: 4,
          key: { kind: "relay-id" },
          queryStartTimeSeconds: 2,
          queryEndTimeSeconds: 1,
        }),
      "query-end-time lies before query-start-time",
    ],
    [
      "a MAC address at a DHCPv6 server",
      () => caller.recovery.start({ family: 6, key: { kind: "mac", mac: "00:11:22:33:44:55" } as never }),
      "Invalid",
    ],
    ["a run and itself", () => caller.recovery.compare({ first: "r", second: "r" }), "Choose two different runs."],
    ["nothing to look up", () => caller.lookups.run({ lines: [] }), "There is nothing to look up"],
    [
      "too many lines",
      () => caller.lookups.run({ lines: Array.from({ length: 10_001 }, () => "x") }),
      "At most 10000 lines are looked up at a time.",
    ],
    [
      "too many lines for the servers",
      () => caller.lookups.ask({ lines: Array.from({ length: 101 }, () => "x") }),
      "At most 100 lines are looked up at a time.",
    ],
    [
      "a name of two lines",
      () => caller.templates.save({ name: "a\nb", input: { family: 4, key: { kind: "relay-id" } } }),
      "A template is named with 1 to 80 characters on one line.",
    ],
    [
      "no time between repetitions",
      () => caller.templates.save({ name: "n", input: { family: 4, key: { kind: "relay-id" } }, everyMinutes: 0 }),
      "A template is repeated every minute at most.",
    ],
    [
      "too long a quarantine",
      () => caller.guard.quarantine({ family: 4, address: "192.0.2.9", seconds: 604_801 }),
      "A quarantine lasts at most 604800 seconds.",
    ],
    [
      "too long a reason",
      () => caller.guard.quarantine({ family: 4, address: "192.0.2.9", reason: "x".repeat(201) }),
      "A reason has at most 200 characters.",
    ],
  ])("%s is refused", async (_, call, sentence) => {
    await expect(call()).rejects.toThrow(sentence);
  });
});

describe("how full a pool is", () => {
  const pool: EnginePool = {
    id: "4/default:default/p",
    family: 4,
    instance: "default:default",
    name: "p",
    prefix: "192.0.2.0/24",
    ranges: [],
    leaseTimeSeconds: 3600,
    links: [],
    served: true,
    total: 100,
    active: 0,
    offered: 0,
    declined: 0,
    reserved: 0,
    free: 100,
  };
  test.each([
    ["untouched", { free: 100 }, "plenty", 0],
    ["89 % is not nearly empty", { active: 80, offered: 3, declined: 3, reserved: 3, free: 11 }, "plenty", 89],
    ["90 % is", { active: 90, free: 10 }, "nearly-empty", 90],
    ["nothing free", { active: 99, declined: 1, free: 0 }, "empty", 100],
    ["no addresses at all", { total: 0, free: 0 }, "empty", 100],
    ["no server gives it out", { served: false }, "disabled", 0],
    ["nor has it any addresses", { served: false, total: 0, free: 0 }, "disabled", 0],
  ] as const)("%s", (_, counts, state, usedPercent) => {
    expect(describePool({ ...pool, ...counts }, [])).toMatchObject({ state, usedPercent });
  });
});
