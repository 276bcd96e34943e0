import type { IncomingMessage, ServerResponse } from "node:http";
import type { Auth } from "../auth/auth.ts";
import type { Authenticate, Caller } from "../auth/caller.ts";
import type { SignInLimit } from "../auth/sign-in-limit.ts";
import type { Log } from "../log.ts";
import { clientAddress, clientAddressHeader, isSameOrigin, pathOf, readBody, sendJson } from "./request.ts";

const prefix = "/api/auth";
export const authBodyBytesMax = 16 * 1024;
/** Each attempt costs a password hash, 16 MiB and tens of milliseconds of a core. */
export const signInsConcurrentMax = 4;

/**
 * better-auth's endpoints that people need, and no other: it brings a hundred, among them ways to change users and
 * tokens past our roles and our audit log. POSTs are those of a page of ours.
 */
const reachable: Readonly<Record<string, "GET" | "POST">> = {
  "/ok": "GET",
  "/get-session": "GET",
  "/list-sessions": "GET",
  "/sign-in/email": "POST",
  "/sign-out": "POST",
  "/change-password": "POST",
  "/revoke-session": "POST",
  "/revoke-sessions": "POST",
  "/revoke-other-sessions": "POST",
};

export interface AuthRoutesParts {
  readonly auth: Auth;
  readonly authenticate: Authenticate;
  readonly limit: SignInLimit;
  readonly publicUrl: URL | null;
  readonly audit: (entry: {
    actor: string;
    via: string;
    action: string;
    subject: string;
    outcome: "done" | "refused" | "failed";
    detail: string;
  }) => void;
  /** Sessions of this user may have ended: whoever is connected with one is looked at again. */
  readonly sessionsChanged: (userId: string) => void;
  readonly now: () => number;
  readonly log: Log;
}

export function createAuthRoutes(parts: AuthRoutesParts) {
  let signInsRunning = 0;

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (pathOf(request) ?? "").slice(prefix.length).replace(/\/$/, "");
    const method = Object.hasOwn(reachable, path) ? reachable[path] : undefined;
    if (method === undefined) return refuse(response, 404, "There is nothing at this address.");
    if (request.method !== method) {
      response.setHeader("allow", method);
      return refuse(response, 405, `${prefix}${path} takes ${method} only.`);
    }
    if (method === "GET") return deliver(response, await toBetterAuth(request, path, null));

    const body = await readBody(request, authBodyBytesMax);
    if (!body.ok) return refuse(response, body.status, body.message);
    if (path === "/sign-in/email") return signIn(request, response, body.body);
    if (!isSameOrigin(request, parts.publicUrl)) return refuse(response, 403, foreignOrigin);
    const who = await parts.authenticate({ cookie: request.headers.cookie });
    if (path === "/change-password" && who.kind === "caller")
      return changePassword(request, response, body.body, who.caller);
    const answer = await toBetterAuth(request, path, body.body);
    if (who.kind === "caller") {
      const actor = who.caller.email;
      const action = path === "/sign-out" ? "sign-out" : `session${path.replace("/", ".")}`;
      const outcome = answer.ok ? "done" : "refused";
      parts.audit({ actor, via: who.caller.via, action, subject: actor, outcome, detail: "" });
      if (answer.ok) parts.sessionsChanged(who.caller.userId);
    }
    return deliver(response, answer);
  };

  async function signIn(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const email = readEmail(body);
    if (email === null) return refuse(response, 400, 'Sign in with a JSON body {"email": …, "password": …}.');
    // Without a cookie there is no session to ride on, and a script may sign in; a page of another site may not.
    if (request.headers.origin !== undefined && !isSameOrigin(request, parts.publicUrl))
      return refuse(response, 403, foreignOrigin);
    const audit = (outcome: "done" | "refused", detail: string) =>
      parts.audit({ actor: email, via: "web", action: "sign-in", subject: email, outcome, detail });
    const address = clientAddress(request);
    if (isHeldUp(response, address, email, audit)) return;
    if (signInsRunning >= signInsConcurrentMax) {
      response.setHeader("retry-after", "1");
      return refuse(response, 503, "Too many people sign in at this moment: try again in a second.");
    }
    parts.limit.failed(address, email, parts.now());
    signInsRunning++;
    let answer: Response;
    try {
      answer = await toBetterAuth(request, "/sign-in/email", body);
    } finally {
      signInsRunning--;
    }
    if (answer.ok) {
      parts.limit.succeeded(address, email);
      audit("done", `from ${address}`);
      return deliver(response, answer);
    }
    if (answer.status >= 500) {
      // No attempt of theirs: better-auth could not look.
      parts.limit.succeeded(address, email);
      return refuse(
        response,
        503,
        "Nobody can sign in at the moment: the database does not answer. The log says more.",
      );
    }
    const reply = (await answer.json().catch(() => null)) as { code?: string; message?: string } | null;
    audit("refused", `from ${address}: ${reply?.message ?? `status ${answer.status}`}`);
    if (answer.status === 401)
      return refuse(response, 401, "E-mail address and password do not belong together.", "INVALID_EMAIL_OR_PASSWORD");
    return refuse(response, answer.status, reply?.message ?? "Signing in was refused.", reply?.code);
  }

  /** Whoever found an open session must not find out the password of its owner by trying. */
  async function changePassword(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    who: Caller,
  ): Promise<void> {
    const audit = (outcome: "done" | "refused", detail: string) =>
      parts.audit({ actor: who.email, via: who.via, action: "password.change", subject: who.email, outcome, detail });
    const address = clientAddress(request);
    if (isHeldUp(response, address, who.email, audit)) return;
    parts.limit.failed(address, who.email, parts.now());
    const answer = await toBetterAuth(request, "/change-password", body);
    if (answer.ok) {
      parts.limit.succeeded(address, who.email);
      parts.sessionsChanged(who.userId);
    }
    audit(answer.ok ? "done" : "refused", `from ${address}`);
    return deliver(response, answer);
  }

  /** Answers with 429 where too many attempts failed of late. */
  function isHeldUp(
    response: ServerResponse,
    address: string,
    account: string,
    audit: (outcome: "refused", detail: string) => void,
  ): boolean {
    const wait = parts.limit.waitSeconds(address, account, parts.now());
    if (wait === 0) return false;
    audit("refused", `from ${address}: too many failed attempts, ${wait} s to wait`);
    response.setHeader("retry-after", String(wait));
    refuse(
      response,
      429,
      `Too many failed attempts to sign in: wait ${wait} second${wait === 1 ? "" : "s"} and try again.`,
    );
    return true;
  }

  async function toBetterAuth(request: IncomingMessage, path: string, body: Buffer | null): Promise<Response> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      // Tokens are for the API; here they would make sessions of themselves.
      if (value === undefined || ["x-api-key", "authorization", "connection", "transfer-encoding"].includes(name))
        continue;
      if (name.startsWith("x-forwarded")) continue;
      headers.set(name, Array.isArray(value) ? value.join(", ") : value);
    }
    headers.set(clientAddressHeader, clientAddress(request));
    const origin = parts.publicUrl?.origin ?? `http://${request.headers.host ?? "localhost"}`;
    const query = (request.url ?? "").split("?")[1];
    const url = `${origin}${prefix}${path}${query === undefined ? "" : `?${query}`}`;
    return parts.auth.handler(
      new Request(url, { method: request.method, headers, body: body === null ? undefined : new Uint8Array(body) }),
    );
  }
}

const foreignOrigin =
  "This request came from a page of another site. If it is your own script, send an API token in x-api-key.";

/** In lower case, as accounts are kept; null when the body is not a sign-in. */
function readEmail(body: Buffer): string | null {
  try {
    const { email, password } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    if (typeof email !== "string" || typeof password !== "string" || email.length > 254) return null;
    return email.trim().toLowerCase();
  } catch {
    return null;
  }
}

async function deliver(response: ServerResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== "set-cookie") response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.setHeader("cache-control", "no-store");
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function refuse(response: ServerResponse, status: number, message: string, code?: string): void {
  sendJson(response, status, { code: code ?? null, message });
}
