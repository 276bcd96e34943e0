import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Principal, type Role, roles } from "@leasewire/api";
import type { Database } from "@leasewire/db";
import { fromNodeHeaders } from "better-auth/node";
import { type Auth, disabledAccountMessage } from "./auth.ts";

/** Who asks, and by which session or token: when that ends, everything opened with it is closed. */
export interface Caller extends Principal {
  /** Id of the session or of the token. */
  readonly credentialId: string;
  /** null: does not expire. */
  readonly expiresAtMs: number | null;
}

export type Authentication =
  | { readonly kind: "caller"; readonly caller: Caller }
  /** No credentials, or a session that has ended. */
  | { readonly kind: "nobody" }
  /** Credentials were shown and are not good. */
  | { readonly kind: "refused"; readonly message: string };

/** The one way to find out who asks, for HTTP and socket.io alike. */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Authentication>;

/** A token's last use is written down at most this often: a query must not cost a database write. */
const lastUsePeriodMs = 60_000;
const tokenLengthMax = 512;

export function createAuthenticate(database: Database, auth: Auth, now: () => number): Authenticate {
  return async (headers) => {
    const token = tokenOf(headers);
    if (token !== null) return byToken(token);
    if (headers.cookie === undefined) return { kind: "nobody" };
    const found = await auth.api.getSession({ headers: fromNodeHeaders({ cookie: headers.cookie }) });
    if (found === null) return { kind: "nobody" };
    const { user, session } = found;
    if (user.banned) return { kind: "refused", message: disabledAccountMessage };
    const expiresAtMs = session.expiresAt.getTime();
    return { kind: "caller", caller: { ...principal(user, "session"), credentialId: session.id, expiresAtMs } };
  };

  async function byToken(token: string): Promise<Authentication> {
    const unknown = "This API token is unknown, revoked or has expired: make a new one under Settings, Tokens.";
    if (token.length > tokenLengthMax) return { kind: "refused", message: unknown };
    const row = await database.client.apikey.findFirst({ where: { key: hashToken(token) } });
    if (row === null || row.enabled === false) return { kind: "refused", message: unknown };
    if (row.expiresAt !== null && row.expiresAt.getTime() <= now()) return { kind: "refused", message: unknown };
    const user = await database.client.user.findUnique({ where: { id: row.referenceId } });
    if (user === null) return { kind: "refused", message: unknown };
    if (user.banned) return { kind: "refused", message: disabledAccountMessage };
    if (row.lastRequest === null || now() - row.lastRequest.getTime() >= lastUsePeriodMs) {
      await database.client.apikey.updateMany({ where: { id: row.id }, data: { lastRequest: new Date(now()) } });
    }
    const expiresAtMs = row.expiresAt?.getTime() ?? null;
    return { kind: "caller", caller: { ...principal(user, "token"), credentialId: row.id, expiresAtMs } };
  }
}

/** `x-api-key: TOKEN` or `authorization: Bearer TOKEN`. */
export function tokenOf(headers: IncomingHttpHeaders): string | null {
  const key = headers["x-api-key"];
  if (typeof key === "string" && key !== "") return key;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

/** As better-auth's API key plugin stores it. The database never holds a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** A role we do not know gives the least. */
export function readRole(text: string | null | undefined): Role {
  return roles.find((role) => role === text) ?? "viewer";
}

function principal(
  user: { id: string; email: string; name: string; role?: string | null },
  via: Principal["via"],
): Principal {
  return { userId: user.id, email: user.email, name: user.name, role: readRole(user.role), via };
}
