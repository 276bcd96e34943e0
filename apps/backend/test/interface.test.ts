import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../src/services/clock.ts";
import {
  adminEmail,
  administratorEnvironment,
  type Backend,
  call,
  password,
  signIn,
  startBackend,
  withToken,
} from "./support/backend.ts";
import { EngineDouble } from "./support/engine-double.ts";

const relay = (port: number) => `set forwarding-options dhcp-relay server-group core 192.0.2.1 port ${port}\n`;

const patience = { timeout: 15_000 };

describe("health", () => {
  test("healthz at once, readyz when bindings are restored and the configuration is in force", async () => {
    const engine = new EngineDouble();
    engine.restoreAtOnce = false;
    const backend = await startBackend({ engine });
    const ready = async () => {
      const response = await fetch(`${backend.url}/readyz`);
      return [response.status, (await response.text()).trim()];
    };
    expect((await fetch(`${backend.url}/healthz`)).status).toBe(200);
    expect(await ready()).toEqual([
      503,
      "The bindings are being restored from the database.\nThe configuration is not in force yet.",
    ]);
    engine.refuse = "127.0.0.1 port 67 is in use";
    engine.emit({ kind: "restored", bindings: 3, tookMs: 10 });
    await expect
      .poll(ready, patience)
      .toEqual([503, "The engines refused the configuration: 127.0.0.1 port 67 is in use."]);
    engine.emit({ kind: "storage-refusing", refusing: true, reason: "disk full" });
    expect((await ready())[1]).toContain("The database refuses writes: disk full.");
    await backend.stop();

    const healthy = await startBackend();
    await expect.poll(async () => (await fetch(`${healthy.url}/readyz`)).status, patience).toBe(200);
    await healthy.stop();
  });

  test("metrics of process and engines, labels escaped", async () => {
    const backend = await startBackend();
    const text = await (await fetch(`${backend.url}/metrics`)).text();
    expect(text).toContain("process_cpu_seconds_total");
    expect(text).toContain('leasewire_drops_total{reason="a\\"b\\n"} 3');
    await backend.stop();
  });

  test("without pages, a line of text says so; every answer carries the security headers", async () => {
    const backend = await startBackend();
    const response = await fetch(`${backend.url}/bindings`);
    expect([response.status, await response.text()]).toEqual([
      503,
      "The pages are switched off (LEASEWIRE_WEB=off). The API answers at /api/trpc.\n",
    ]);
    for (const path of ["/", "/healthz", "/api/trpc/session.me", "/api/auth/ok", "/api/nothing"]) {
      const { headers } = await fetch(`${backend.url}${path}`);
      expect([path, headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual([
        path,
        "nosniff",
        "same-origin",
      ]);
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
    await backend.stop();
  });
});

describe("set-up link", () => {
  test("makes the first administrator, once", async () => {
    const backend = await startBackend();
    const link = backend.printed.find((line) => line.includes("/setup?token="));
    const token = link?.split("token=")[1] ?? "";
    expect(token.length).toBeGreaterThan(40);
    expect((await call(backend, "setup.needed", undefined)).data).toBe(true);
    const input = { token, email: "First@Example.net", name: "First", password };
    const post = (value: object) => call(backend, "setup.complete", value, { method: "POST" });
    expect((await post({ ...input, token: "guess" })).status).toBe(403);
    expect((await post({ ...input, password: "short" })).message).toContain("at least 10 characters");
    expect((await post(input)).data).toEqual({ email: "first@example.net" });
    expect((await post({ ...input, email: "second@example.net" })).message).toContain("not valid any more");
    expect((await signIn(backend, "first@example.net", password)).status).toBe(200);
    expect((await call(backend, "setup.needed", undefined)).data).toBe(false);
    await backend.stop();
  });

  test("is not printed where there is an administrator, and is worth nothing after many wrong tokens", async () => {
    const settled = await startBackend({ environment: administratorEnvironment });
    expect(settled.printed.join()).not.toContain("/setup");
    await settled.stop();
    const guessed = await startBackend();
    const token = guessed.printed.join().split("token=")[1];
    const input = { email: "x@example.net", name: "x", password };
    for (let n = 0; n < 20; n++)
      await call(guessed, "setup.complete", { ...input, token: `guess ${n}` }, { method: "POST" });
    expect((await call(guessed, "setup.complete", { ...input, token }, { method: "POST" })).status).toBe(403);
    await guessed.stop();
  });
});

describe("configuration", () => {
  test("candidate, commit and history survive a restart; a waiting commit reverts after it", async () => {
    let ahead = 0;
    const clock = { now: () => Date.now() + ahead, at: systemClock.at };
    const first = await startBackend({ environment: administratorEnvironment, clock });
    const { data } = first;
    const post = (backend: Backend, procedure: string, input: unknown) =>
      call(backend, `configuration.${procedure}`, input, { method: "POST", headers: withToken() });
    const get = (backend: Backend, procedure: string) =>
      call(backend, `configuration.${procedure}`, undefined, { headers: withToken() });
    expect((await post(first, "load", { text: relay(1067) })).data.ok).toBe(true);
    expect((await post(first, "commit", { comment: "one" })).data.commit).toMatchObject({ number: 0, via: "cli" });
    await post(first, "load", { text: relay(1068) });
    expect((await post(first, "commit", { confirmedMinutes: 5 })).data.confirmBeforeMs).toBeGreaterThan(clock.now());
    await post(first, "load", { text: relay(1069) });
    await first.program.stop();

    const second = await startBackend({ data, environment: administratorEnvironment, clock });
    expect((await get(second, "active")).data).toMatchObject({ text: relay(1068), commit: { by: adminEmail } });
    expect((await get(second, "candidate")).data).toMatchObject({ text: relay(1069), changedBy: adminEmail });
    expect((await get(second, "history")).data.map((commit: { comment: string }) => commit.comment)).toEqual([
      null,
      "one",
      `from ${data}/first.set`,
    ]);
    await second.program.stop();

    ahead = 6 * 60_000;
    const third = await startBackend({ data, environment: administratorEnvironment, clock });
    expect((await get(third, "active")).data).toMatchObject({
      text: relay(1067),
      commit: { via: "automatic rollback" },
      confirmBeforeMs: null,
    });
    expect((await get(third, "candidate")).data).toMatchObject({ text: relay(1069), changed: true });
    await third.stop();
  });

  test("a text with an error: where it is and what to do, as a value", async () => {
    const backend = await startBackend({ environment: administratorEnvironment });
    const checked = await call(
      backend,
      "configuration.check",
      { text: "set forwarding-options dhcp-rely" },
      { method: "POST", headers: withToken() },
    );
    expect(checked.data).toMatchObject({ ok: false, findings: [{ severity: "error", line: 1 }] });
    await backend.stop();
  });
});

test("an expired token is 401", async () => {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, at: systemClock.at };
  const backend = await startBackend({ environment: administratorEnvironment, clock });
  const made = await call(
    backend,
    "users.createToken",
    { name: "short", expiresInDays: 1 },
    { method: "POST", headers: withToken() },
  );
  const me = () => call(backend, "session.me", undefined, { headers: withToken(made.data.secret) });
  expect((await me()).status).toBe(200);
  ahead = 24 * 3_600_000 + 1000;
  expect((await me()).status).toBe(401);
  await backend.stop();
});

describe("hostile input", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await startBackend({ environment: administratorEnvironment });
  });
  afterAll(async () => {
    expect((await fetch(`${backend.url}/healthz`)).status).toBe(200);
    await backend.stop();
  });

  const post = (path: string, body: string, headers: Record<string, string> = withToken()) =>
    fetch(`${backend.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });

  test("a body that is not JSON", async () => {
    const response = await post("/api/trpc/configuration.load", "{nonsense");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("The input is not valid JSON.");
    const signIn = await post("/api/auth/sign-in/email", "{nonsense", {});
    expect(signIn.status).toBe(400);
  });

  test("a query that is not JSON", async () => {
    const response = await fetch(`${backend.url}/api/trpc/bindings.list?input={nonsense`, { headers: withToken() });
    expect(response.status).toBe(400);
  });

  test("inputs of the wrong type or out of bounds: 400 with a sentence and the field", async () => {
    const listed = await call(backend, "bindings.list", { family: 5 }, { headers: withToken() });
    expect([listed.status, listed.message]).toEqual([400, expect.stringContaining("family")]);
    const huge = await call(backend, "bindings.list", { family: 4, limit: 1e9 }, { headers: withToken() });
    expect([huge.status, huge.message]).toEqual([400, expect.stringContaining("limit")]);
  });

  test("an unknown procedure and an unknown address", async () => {
    expect((await call(backend, "no.such", undefined, { headers: withToken() })).status).toBe(404);
    expect((await call(backend, "__proto__", undefined, { headers: withToken() })).status).toBe(404);
    expect((await fetch(`${backend.url}/api/other`)).status).toBe(404);
  });

  test("a body over the limit, announced and not announced", async () => {
    const announced = await post("/api/trpc/configuration.load", JSON.stringify({ text: "x".repeat(5_000_000) }));
    expect(announced.status).toBe(413);
    expect(await chunked(backend, "/api/trpc/configuration.load", 6_000_000)).toBe(413);
    expect(await chunked(backend, "/api/auth/sign-in/email", 200_000)).toBe(413);
    const text = await post("/api/trpc/configuration.load", JSON.stringify({ text: "x".repeat(1_000_001) }));
    expect(text.status).toBe(400);
  });

  test("a batch of too many calls", async () => {
    const many = Array.from({ length: 21 }, () => "session.me").join(",");
    const response = await fetch(`${backend.url}/api/trpc/${many}?batch=1&input={}`, { headers: withToken() });
    expect(response.status).toBe(400);
  });

  test("methods and request lines that make no sense", async () => {
    expect((await fetch(`${backend.url}/bindings`, { method: "DELETE" })).status).toBe(405);
    expect(await raw(backend, "GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n")).toContain("400");
    expect(await raw(backend, "NONSENSE\r\n\r\n")).toContain("400");
    expect(await raw(backend, `GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`)).toContain("431");
    expect(await raw(backend, "GET /api/trpc/session.me HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n")).toMatch(
      / (400|200) /,
    );
  });

  test("a fault inside is not shown to whoever asks", async () => {
    // The double knows no statistics: calling them is a fault of ours.
    const failed = await call(backend, "statistics.relay", { family: 4 }, { headers: withToken() });
    expect([failed.status, failed.message]).toEqual([500, "Leasewire failed to answer this call; its log says why."]);
  });
});

/** Sends a body without saying how long it is; resolves with the status. */
function chunked(backend: Backend, path: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${backend.url}${path}`,
      { method: "POST", headers: { ...withToken(), "content-type": "application/json" } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    let answered = false;
    outgoing.on("response", () => {
      answered = true;
    });
    outgoing.on("error", (error) => {
      if (!answered) reject(error);
    });
    outgoing.write(`{"text":"`);
    outgoing.end("x".repeat(bytes));
  });
}

function raw(backend: Backend, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(backend.program.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", () => resolve(answer));
  });
}
