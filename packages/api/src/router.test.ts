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
  "statistics.clearServer": (c) => c.statistics.clearServer({ family: 4, what: "bulk-leasequery-connections" }),
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

describe("inputs", () => {
  const { caller } = callerOf("operator");
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
