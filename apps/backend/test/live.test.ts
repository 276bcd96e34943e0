import type { ClientEvents, ServerEvents, Watch } from "@leasewire/api";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  adminEmail,
  administratorEnvironment,
  adminToken,
  type Backend,
  call,
  password,
  signIn,
  startBackend,
  withToken,
} from "./support/backend.ts";

let backend: Backend;
const sockets: Socket[] = [];
beforeAll(async () => {
  backend = await startBackend({ environment: administratorEnvironment });
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await backend.stop();
});

const batch = (toSequence: number, rows: readonly object[] = []) =>
  ({ family: 4, fromSequence: toSequence, toSequence, rows, removed: [] }) as unknown as Parameters<
    ServerEvents["bindings"]
  >[0];

describe("who may listen", () => {
  test("a session in the cookie, a token in the header or in auth; nobody else", async () => {
    const session = await signIn(backend, adminEmail, password);
    expect(await outcome({ extraHeaders: session.headers })).toBe("connected");
    expect(await outcome({ extraHeaders: withToken() })).toBe("connected");
    expect(await outcome({ auth: { token: adminToken } })).toBe("connected");
    expect(await outcome({})).toContain("Nobody is signed in");
    expect(await outcome({ auth: { token: "wrong-token-0123" } })).toContain("unknown, revoked or has expired");
    expect(await outcome({ auth: { token: { $ne: 1 } } })).toContain("Nobody is signed in");
  });

  test("a page of another site cannot listen with somebody's cookie", async () => {
    const session = await signIn(backend, adminEmail, password);
    expect(await outcome({ extraHeaders: { cookie: session.cookie, origin: "https://evil.example" } })).not.toBe(
      "connected",
    );
  });
});

describe("what is sent", () => {
  test("only what a page watches, and not after it stopped", async () => {
    const socket = await connected();
    const seen: number[] = [];
    socket.on("bindings", (change) => seen.push(change.toSequence));
    backend.engine.emit({ kind: "bindings", batch: batch(1) });
    await watch(socket, ["bindings4"]);
    backend.engine.emit({ kind: "bindings", batch: batch(2) });
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual([2]);
    const durable = next(socket, "durable");
    backend.engine.emit({ kind: "durable", family: 4, sequence: 2 });
    expect(await durable).toEqual({ family: 4, sequence: 2 });
    socket.emit("unwatch", ["bindings4"]);
    await watch(socket, ["runs"]);
    backend.engine.emit({ kind: "bindings", batch: batch(3) });
    const run = next(socket, "run");
    backend.engine.emit({ kind: "run", run: { id: "r1" } as never });
    expect(await run).toEqual({ id: "r1" });
    expect(seen).toEqual([2]);
  });

  test("candidate and commit reach those who watch the configuration; alarms reach all", async () => {
    const socket = await connected();
    await watch(socket, ["configuration"]);
    const event = next(socket, "configuration");
    await call(
      backend,
      "configuration.load",
      { text: "set forwarding-options dhcp-relay server-group core 192.0.2.1" },
      { method: "POST", headers: withToken() },
    );
    expect(await event).toEqual({ kind: "candidate", by: adminEmail, commitId: null });
    const alarms = next(socket, "alarms");
    backend.engine.emit({ kind: "storage-refusing", refusing: true, reason: "disk full" });
    expect(await alarms).toBe(1);
    backend.engine.emit({ kind: "storage-refusing", refusing: false, reason: "" });
  });

  test("pools are told while somebody looks, when they differ, with their state", async () => {
    const before = backend.engine.poolsAsked;
    const socket = await connected();
    await watch(socket, ["pools"]);
    expect(await next(socket, "pools")).toEqual({ pools: [], servers: [] });
    const counts = { total: 100, active: 95, offered: 0, declined: 0, reserved: 0, free: 5 };
    const named = { id: "4/default:default/p", family: 4, instance: "default:default", name: "p" } as const;
    const pool = { ...named, prefix: "192.0.2.0/24", ranges: [], leaseTimeSeconds: 60, links: [], served: true };
    const told = next(socket, "pools");
    backend.engine.pools = { pools: [{ ...pool, ...counts }], servers: [] };
    expect((await told).pools).toMatchObject([{ name: "p", state: "nearly-empty", usedPercent: 95 }]);
    expect(backend.engine.poolsAsked).toBeGreaterThan(before);
    socket.emit("unwatch", ["pools"]);
    backend.engine.pools = { pools: [], servers: [] };
  });

  test("nonsense from a client ends at most its own connection", async () => {
    const socket = await connected();
    for (const value of [null, 7, "bindings4", { length: 1e9 }, [["bindings4"]], ["__proto__"]]) {
      socket.emit("watch", value as never, undefined as never);
      socket.emit("unwatch", value as never);
    }
    (socket as unknown as Socket).emit("no such event");
    await watch(socket, ["bindings4"]);
    expect((await fetch(`${backend.url}/healthz`)).status).toBe(200);
  });

  test("a browser that does not read is left out, and told once it reads again; the others go on", async () => {
    const slow = await connected();
    const fast = await connected();
    await watch(slow, ["bindings4"]);
    await watch(fast, ["bindings4"]);
    const seen: number[] = [];
    fast.on("bindings", (change) => seen.push(change.toSequence));
    const slowSeen: number[] = [];
    slow.on("bindings", (change) => slowSeen.push(change.toSequence));
    const notices: number[] = [];
    slow.on("bindingsOverflow", (notice) => notices.push(notice.toSequence));
    const raw = underlying(slow);
    raw.pause();
    const rows = Array.from({ length: 500 }, (_, n) => ({ id: `row ${n}`, text: "x".repeat(400) }));
    // 17 MB: more than the kernel keeps for a connection on loopback, so that the program has to notice.
    const batches = 80;
    for (let sequence = 1; sequence <= batches; sequence++) {
      backend.engine.emit({ kind: "bindings", batch: batch(sequence, rows) });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await expect.poll(() => seen.length, { timeout: 40_000 }).toBe(batches);
    raw.resume();
    await expect.poll(() => notices.length, { timeout: 20_000 }).toBe(1);
    expect(notices).toEqual([batches]);
    expect(slowSeen.length).toBeLessThan(batches);
    backend.engine.emit({ kind: "bindings", batch: batch(batches + 1) });
    await expect.poll(() => slowSeen.at(-1), { timeout: 10_000 }).toBe(batches + 1);
  }, 90_000);
});

describe("connections end with what opened them", () => {
  test("signing out, a revoked token, a disabled account, another role", async () => {
    const admin = { method: "POST" as const, headers: withToken() };
    const user = (
      await call(backend, "users.create", { email: "live@example.net", name: "x", password, role: "viewer" }, admin)
    ).data;
    const asUser = () => signIn(backend, user.email, password);

    const first = await asUser();
    const signedOut = ended(await connected({ extraHeaders: first.headers }));
    await fetch(`${backend.url}/api/auth/sign-out`, {
      method: "POST",
      headers: { ...first.headers, "content-type": "application/json" },
      body: "{}",
    });
    expect(await signedOut).toBe("io server disconnect");

    const token = (await call(backend, "users.createToken", { name: "live" }, admin)).data;
    const revoked = ended(await connected({ auth: { token: token.secret } }));
    await call(backend, "users.revokeToken", { id: token.token.id }, admin);
    expect(await revoked).toBe("io server disconnect");

    const promoted = ended(await connected({ extraHeaders: (await asUser()).headers }));
    await call(backend, "users.update", { id: user.id, role: "operator" }, admin);
    expect(await promoted).toBe("io server disconnect");

    const disabled = ended(await connected({ extraHeaders: (await asUser()).headers }));
    await call(backend, "users.update", { id: user.id, disabled: true }, admin);
    expect(await disabled).toBe("io server disconnect");
  });
});

type Live = Socket<ServerEvents, ClientEvents>;

function open(options: object): Live {
  const socket: Live = io(backend.url, { transports: ["websocket"], reconnection: false, forceNew: true, ...options });
  sockets.push(socket as unknown as Socket);
  return socket;
}

function connected(options: object = { auth: { token: adminToken } }): Promise<Live> {
  const socket = open(options);
  return new Promise((resolve, reject) => {
    // The count of alarms is the first thing sent: the connection is complete then.
    socket.once("alarms", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

function outcome(options: object): Promise<string> {
  const socket = open(options);
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("connect_error", (error) => resolve(error.message));
  });
}

function next<Name extends keyof ServerEvents>(socket: Live, name: Name): Promise<Parameters<ServerEvents[Name]>[0]> {
  return new Promise((resolve) => socket.once(name, resolve as never));
}

const ended = (socket: Live) =>
  new Promise<string>((resolve) => socket.once("disconnect", (reason) => resolve(reason)));

const watch = (socket: Live, rooms: Watch[]) => new Promise<void>((resolve) => socket.emit("watch", rooms, resolve));

/** The TCP socket below: pausing it is what a browser does that has no time to read. */
function underlying(socket: Live): { pause(): void; resume(): void } {
  const { ws } = socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } };
  return ws._socket;
}
