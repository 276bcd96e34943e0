import { apiKey } from "@better-auth/api-key";
import type { Role } from "@leasewire/api";
import type { Database } from "@leasewire/db";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { betterAuth } from "better-auth/minimal";
import { createAccessControl } from "better-auth/plugins/access";
import { admin } from "better-auth/plugins/admin";
import { clientAddressHeader, originsOf } from "../http/request.ts";
import type { Log } from "../log.ts";

export const sessionLifetimeSeconds = 7 * 24 * 3600;
const sessionRefreshSeconds = 24 * 3600;
export const tokenNameLengthMax = 64;
export const tokenLifetimeDaysMax = 3650;

export const disabledAccountMessage =
  "This account is disabled. An administrator can enable it again under Settings, Users.";

/**
 * E-mail and password, sessions in cookies, API tokens. People are managed over the API, where each change is written to
 * the audit log; of better-auth's own endpoints only those in `http/auth-routes.ts` are reachable.
 */
export function createAuth(parts: {
  readonly database: Database;
  readonly secret: string;
  /** Where people reach the pages, as far as it is known before listening. */
  readonly origin: string;
  readonly publicUrl: URL | null;
  readonly log: Log;
}) {
  const { database, secret, origin, publicUrl, log } = parts;
  const access = createAccessControl({ user: [], session: [] });
  const nothing = access.newRole({ user: [], session: [] });
  const roles: Record<Role, typeof nothing> = { viewer: nothing, operator: nothing, administrator: nothing };
  return betterAuth({
    appName: "Leasewire",
    basePath: "/api/auth",
    baseURL: origin,
    secret,
    database: prismaAdapter(database.client, { provider: database.provider }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128 },
    session: { expiresIn: sessionLifetimeSeconds, updateAge: sessionRefreshSeconds },
    // Each of our origins: whatever name the operator reaches this host by. Cookies are bound to that name anyhow.
    trustedOrigins: (request) => originsOf(request?.headers.get("host") ?? undefined, publicUrl),
    // Sign-in is limited by sign-in-limit.ts, which can say how long to wait and looks at accounts too.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: "leasewire",
      useSecureCookies: publicUrl?.protocol === "https:",
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    plugins: [
      admin({ defaultRole: "viewer", adminRoles: ["administrator"], roles, bannedUserMessage: disabledAccountMessage }),
      // Tokens are made and kept in this plugin's form and looked up by token.ts, once for HTTP and WebSocket alike.
      apiKey({
        defaultPrefix: "lw_",
        maximumNameLength: tokenNameLengthMax,
        keyExpiration: { defaultExpiresIn: null, minExpiresIn: 1, maxExpiresIn: tokenLifetimeDaysMax },
        rateLimit: { enabled: false },
      }),
    ],
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message, ...details) => {
        const text = details.map((detail) => (detail instanceof Error ? detail.message : String(detail))).join(" ");
        log[level === "error" ? "error" : level === "warn" ? "warn" : "debug"]({ part: "auth", text }, message);
      },
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
