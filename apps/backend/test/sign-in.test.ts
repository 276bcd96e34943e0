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
beforeAll(async () => {
  backend = await startBackend({ environment: administratorEnvironment });
});
afterAll(() => backend.stop());

const admin = () => ({ method: "POST" as const, headers: withToken() });

async function makeUser(email: string, role: string) {
  const made = await call(backend, "users.create", { email, name: email, password, role }, admin());
  expect(made.status).toBe(200);
  return made.data as { id: string; email: string };
}

describe("sign-in", () => {
  test("e-mail and password give a session in a cookie scripts of other sites cannot use", async () => {
    const session = await signIn(backend, adminEmail, password);
    expect(session.status).toBe(200);
    const cookie = session.response.headers.getSetCookie().join("\n");
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    const me = await call(backend, "session.me", undefined, { headers: session.headers });
    expect(me.data).toMatchObject({ email: adminEmail, role: "administrator", via: "session" });
  });

  test("a wrong password is 401 with a sentence, and is in the audit log", async () => {
    const refused = await signIn(backend, "Admin@Example.net", "wrong password");
    expect(refused.status).toBe(401);
    expect(refused.body.message).toBe("E-mail address and password do not belong together.");
    const audit = await call(backend, "audit.list", {}, { headers: withToken() });
    expect(audit.data[0]).toMatchObject({ actor: adminEmail, action: "sign-in", outcome: "refused" });
  });

  test("an unknown address is answered like a wrong password", async () => {
    const refused = await signIn(backend, "nobody@example.net", "wrong password");
    expect([refused.status, refused.body.message]).toEqual([
      401,
      "E-mail address and password do not belong together.",
    ]);
  });

  test("too many failures: 429, a sentence with the seconds, and Retry-After; others still get in", async () => {
    await makeUser("held@example.net", "viewer");
    const attempts = await Promise.all(Array.from({ length: 4 }, () => signIn(backend, "held@example.net", "no")));
    expect(attempts.every((attempt) => attempt.status === 401)).toBe(true);
    expect((await signIn(backend, "held@example.net", "no")).status).toBe(401);
    const limited = await signIn(backend, "held@example.net", password);
    expect(limited.status).toBe(429);
    expect(limited.body.message).toMatch(/^Too many failed attempts to sign in: wait \d+ seconds and try again\.$/);
    expect(Number(limited.response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await signIn(backend, adminEmail, password)).status).toBe(200);
  });

  test("signing out ends the session and is in the audit log", async () => {
    const session = await signIn(backend, adminEmail, password);
    const out = await fetch(`${backend.url}/api/auth/sign-out`, {
      method: "POST",
      headers: { ...session.headers, "content-type": "application/json" },
      body: "{}",
    });
    expect(out.status).toBe(200);
    expect((await call(backend, "session.me", undefined, { headers: session.headers })).data).toBeNull();
    const audit = await call(backend, "audit.list", { limit: 3 }, { headers: withToken() });
    expect(audit.data.map((entry: { action: string }) => entry.action)).toContain("sign-out");
  });

  test("a changed password ends the other sessions; guessing the current one is limited like signing in", async () => {
    const user = await makeUser("changes@example.net", "viewer");
    const other = await signIn(backend, user.email, password);
    const session = await signIn(backend, user.email, password);
    const change = (currentPassword: string, newPassword: string) =>
      fetch(`${backend.url}/api/auth/change-password`, {
        method: "POST",
        headers: { ...session.headers, "content-type": "application/json" },
        body: JSON.stringify({ currentPassword, newPassword, revokeOtherSessions: true }),
      });
    expect((await change(password, "short")).status).toBe(400);
    expect((await change(password, "another password")).status).toBe(200);
    expect((await call(backend, "session.me", undefined, { headers: other.headers })).data).toBeNull();
    const again = await signIn(backend, user.email, "another password");
    session.headers.cookie = again.cookie;
    for (let n = 0; n < 5; n++) await change("guess", "another password");
    expect((await change("guess", "another password")).status).toBe(429);
  });

  test("nobody signs up by himself, and better-auth's other endpoints are not there", async () => {
    for (const path of ["sign-up/email", "admin/create-user", "admin/set-role", "api-key/create", "update-user"]) {
      const response = await fetch(`${backend.url}/api/auth/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: backend.url },
        body: JSON.stringify({ email: "x@example.net", password, name: "x" }),
      });
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  test("a page of another site cannot sign anybody in, or out", async () => {
    const session = await signIn(backend, adminEmail, password);
    for (const path of ["sign-in/email", "sign-out"]) {
      const response = await fetch(`${backend.url}/api/auth/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: "https://evil.example", cookie: session.cookie },
        body: JSON.stringify({ email: adminEmail, password }),
      });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });
});

describe("roles", () => {
  test("a viewer who commits is told which role it takes, and it is in the audit log", async () => {
    await makeUser("viewer@example.net", "viewer");
    const viewer = await signIn(backend, "viewer@example.net", password);
    const options = { method: "POST" as const, headers: viewer.headers };
    const refused = await call(backend, "configuration.commit", {}, options);
    expect(refused.status).toBe(403);
    expect(refused.message).toBe(
      "configuration.commit needs the role administrator; viewer@example.net is viewer. An administrator can change this under Settings.",
    );
    expect((await call(backend, "configuration.active", undefined, { headers: viewer.headers })).status).toBe(200);
    const run = { family: 4, key: { kind: "address", address: "192.0.2.1" }, gatewayAddress: "192.0.2.254" };
    expect((await call(backend, "leasequery.start", run, options)).status).toBe(403);
    const audit = await call(backend, "audit.list", {}, { headers: withToken() });
    expect(audit.data[1]).toMatchObject({
      action: "configuration.commit",
      actor: "viewer@example.net",
      outcome: "refused",
    });
  });

  test("nobody signed in: 401 with a sentence", async () => {
    const refused = await call(backend, "bindings.list", { family: 4 });
    expect(refused.status).toBe(401);
    expect(refused.message).toContain("sign in");
  });

  test("an operator runs queries and does not commit", async () => {
    await makeUser("operator@example.net", "operator");
    const operator = await signIn(backend, "operator@example.net", password);
    const options = { method: "POST" as const, headers: operator.headers };
    expect((await call(backend, "bindings.clear", { family: 4, all: true }, options)).status).toBe(200);
    expect((await call(backend, "configuration.discard", undefined, options)).status).toBe(403);
  });

  test("a changed role or a disabled account ends the sessions", async () => {
    const user = await makeUser("moves@example.net", "administrator");
    const session = await signIn(backend, user.email, password);
    expect((await call(backend, "users.list", undefined, { headers: session.headers })).status).toBe(200);
    await call(backend, "users.update", { id: user.id, role: "viewer" }, admin());
    expect((await call(backend, "users.list", undefined, { headers: session.headers })).status).toBe(401);
    await call(backend, "users.update", { id: user.id, disabled: true }, admin());
    const refused = await signIn(backend, user.email, password);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain("disabled");
  });

  test("the last administrator cannot be disabled or demoted", async () => {
    const users = (await call(backend, "users.list", undefined, { headers: withToken() })).data;
    const last = users.find((user: { email: string }) => user.email === adminEmail);
    const refused = await call(backend, "users.update", { id: last.id, role: "viewer" }, admin());
    expect(refused.status).toBe(409);
    expect(refused.message).toContain("only administrator left");
    expect((await call(backend, "users.update", { id: last.id, disabled: true }, admin())).status).toBe(409);
  });
});

describe("tokens", () => {
  test("a new token works until it is revoked, in both headers; the list shows its beginning only", async () => {
    const made = await call(backend, "users.createToken", { name: "script" }, admin());
    const secret = made.data.secret as string;
    expect(secret).toMatch(/^lw_/);
    expect(secret.startsWith(made.data.token.start)).toBe(true);
    expect(made.data.token.start.length).toBeLessThan(10);
    expect((await call(backend, "users.list", undefined, { headers: withToken(secret) })).status).toBe(200);
    const bearer = { authorization: `Bearer ${secret}` };
    expect((await call(backend, "session.me", undefined, { headers: bearer })).data).toMatchObject({ via: "token" });
    await call(backend, "users.revokeToken", { id: made.data.token.id }, admin());
    const refused = await call(backend, "users.list", undefined, { headers: withToken(secret) });
    expect(refused.status).toBe(401);
    expect(refused.message).toContain("unknown, revoked or has expired");
  });

  test("a token is no way into the sign-in's own endpoints", async () => {
    const response = await fetch(`${backend.url}/api/auth/get-session`, { headers: withToken() });
    expect(await response.text()).toBe("null");
  });

  test("a token needs no origin", async () => {
    const refused = await call(backend, "configuration.discard", undefined, admin());
    expect(refused.status).toBe(200);
  });

  test("somebody else's token is not there", async () => {
    const made = await call(backend, "users.createToken", { name: "mine" }, admin());
    const viewer = await signIn(backend, "viewer@example.net", password);
    const options = { method: "POST" as const, headers: viewer.headers };
    expect((await call(backend, "users.revokeToken", { id: made.data.token.id }, options)).status).toBe(404);
  });
});

describe("a session alone does not change anything", () => {
  test("a POST from another site, or from nowhere, is refused; a header of a script is enough", async () => {
    const { cookie } = await signIn(backend, adminEmail, password);
    const post = (headers: Record<string, string>) =>
      call(backend, "configuration.discard", undefined, { method: "POST", headers: { cookie, ...headers } });
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({})).status).toBe(403);
    expect((await post({ "x-leasewire-request": "1" })).status).toBe(200);
    expect((await post({ origin: backend.url })).status).toBe(200);
  });
});

test("the token of the environment works, also after a restart with the same value, and another value replaces it", async () => {
  const first = await startBackend({ environment: administratorEnvironment });
  const { data } = first;
  await first.program.stop();
  for (const token of [adminToken, "another-token-0123456789"]) {
    const again = await startBackend({
      data,
      environment: { ...administratorEnvironment, LEASEWIRE_ADMIN_TOKEN: token },
    });
    expect((await call(again, "session.me", undefined, { headers: withToken(token) })).data.email).toBe(adminEmail);
    expect((await call(again, "users.tokens", undefined, { headers: withToken(token) })).data).toHaveLength(1);
    await again.program.stop();
  }
  const last = await startBackend({ data });
  expect((await call(last, "session.me", undefined, { headers: withToken(adminToken) })).status).toBe(401);
  await last.program.stop();
});
