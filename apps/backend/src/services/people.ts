import type { Answer, Principal, Role, Services, TokenView, UserView } from "@leasewire/api";
import type { Database } from "@leasewire/db";
import { type Auth, tokenNameLengthMax } from "../auth/auth.ts";
import { hashToken, readRole } from "../auth/caller.ts";
import type { SetupLink } from "../auth/setup-link.ts";
import { refusal, value } from "./answer.ts";
import type { WriteAudit } from "./audit.ts";
import { newId } from "./id.ts";
import { oneAtATime } from "./one-at-a-time.ts";

export const usersMax = 1000;
export const tokensPerUserMax = 50;
/** Attempts with a wrong set-up token before the link is worth nothing: somebody guesses. */
export const setupAttemptsMax = 20;

export interface PeopleParts {
  readonly database: Database;
  readonly auth: Auth;
  readonly setupLink: SetupLink;
  readonly audit: WriteAudit;
  readonly now: () => number;
  /** Sessions, role or tokens of the user changed: connections are looked at again. */
  readonly credentialsChanged: (userId: string) => void;
}

/** The people who may use the program, their tokens, and how the first of them comes in. */
export class People {
  readonly #parts: PeopleParts;
  // The last administrator must not go because two requests each saw another one left.
  readonly #alone = oneAtATime();
  #setupAttempts = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  async administrators(): Promise<number> {
    return this.#parts.database.client.user.count({ where: { role: "administrator", NOT: { banned: true } } });
  }

  readonly users: Services["users"] = {
    list: async () => {
      const users = await this.#parts.database.client.user.findMany({ orderBy: { email: "asc" }, take: usersMax });
      return value(users.map(userView));
    },

    create: (who, input) =>
      this.#alone(async () => {
        const result = await this.createAccount(input.email, input.name, input.password, input.role);
        const outcome = result.ok ? "done" : "refused";
        this.#audit(who, "user.create", input.email, outcome, `role ${input.role}`);
        return result;
      }),

    update: (who, input) =>
      this.#alone(async (): Promise<Answer<UserView>> => {
        const { client } = this.#parts.database;
        const user = await client.user.findUnique({ where: { id: input.id } });
        if (user === null)
          return refusal("NOT_FOUND", "There is no such user; the list may be older than this change.");
        const detail = describeUpdate(input);
        const refuse = (message: string): Answer<UserView> => {
          this.#audit(who, "user.update", user.email, "refused", message);
          return refusal("CONFLICT", message);
        };
        const losesRole = input.role !== undefined && input.role !== "administrator";
        if (user.id === who.userId && input.disabled === true)
          return refuse("You cannot disable your own account: another administrator can.");
        if (user.role === "administrator" && !user.banned && (losesRole || input.disabled === true)) {
          if ((await this.administrators()) <= 1)
            return refuse(`${user.email} is the only administrator left: make somebody else one first.`);
        }
        if (input.password !== undefined) await this.#setPassword(user.id, input.password);
        const changed = await client.user.update({
          where: { id: user.id },
          data: {
            ...(input.role !== undefined && { role: input.role }),
            ...(input.disabled !== undefined && {
              banned: input.disabled,
              banReason: input.disabled ? `by ${who.email}` : null,
              banExpires: null,
            }),
          },
        });
        // Whoever changes his own password here keeps the page he did it on.
        if (user.id !== who.userId) await client.session.deleteMany({ where: { userId: user.id } });
        this.#parts.credentialsChanged(user.id);
        this.#audit(who, "user.update", user.email, "done", detail);
        return value(userView(changed));
      }),

    tokens: async (who) => {
      const rows = await this.#parts.database.client.apikey.findMany({
        where: { referenceId: who.userId },
        orderBy: { createdAt: "desc" },
        take: tokensPerUserMax,
      });
      return value(rows.map(tokenView));
    },

    createToken: (who, input) =>
      this.#alone(async () => {
        const { client } = this.#parts.database;
        if ((await client.apikey.count({ where: { referenceId: who.userId } })) >= tokensPerUserMax)
          return refusal("CONFLICT", `There are ${tokensPerUserMax} tokens of yours already: revoke one first.`);
        const name = input.name.slice(0, tokenNameLengthMax);
        const expiresIn = input.expiresInDays === undefined ? null : input.expiresInDays * 24 * 3600;
        const made = await this.#parts.auth.api.createApiKey({ body: { userId: who.userId, name, expiresIn } });
        const row = await client.apikey.findUniqueOrThrow({ where: { id: made.id } });
        this.#audit(who, "token.create", name, "done", row.expiresAt?.toISOString() ?? "does not expire");
        return value({ token: tokenView(row), secret: made.key });
      }),

    revokeToken: async (who, id) => {
      const { client } = this.#parts.database;
      const row = await client.apikey.findUnique({ where: { id } });
      // An administrator may revoke anybody's; others do not learn that the token exists.
      if (row === null || (row.referenceId !== who.userId && who.role !== "administrator"))
        return refusal("NOT_FOUND", "There is no such token; it may have been revoked already.");
      await client.apikey.delete({ where: { id } });
      this.#parts.credentialsChanged(row.referenceId);
      this.#audit(who, "token.revoke", row.name ?? id, "done", "");
      return value({ revoked: true as const });
    },
  };

  readonly setup: Services["setup"] = {
    needed: async () => (await this.administrators()) === 0,

    complete: (input) =>
      this.#alone(async () => {
        const wrong = refusal(
          "FORBIDDEN",
          "This set-up link is not valid any more: restart Leasewire and open the link it prints, or sign in.",
          "token",
        );
        if ((await this.administrators()) > 0 || !this.#parts.setupLink.matches(input.token)) {
          if (++this.#setupAttempts >= setupAttemptsMax) this.#parts.setupLink.used();
          this.#parts.audit({
            actor: input.email,
            via: "set-up link",
            action: "setup",
            subject: input.email,
            outcome: "refused",
            detail: "the link is not valid",
          });
          return wrong;
        }
        const made = await this.createAccount(input.email, input.name, input.password, "administrator");
        if (!made.ok) return made;
        this.#parts.setupLink.used();
        this.#parts.audit({
          actor: made.value.email,
          via: "set-up link",
          action: "setup",
          subject: made.value.email,
          outcome: "done",
          detail: "first administrator",
        });
        return value({ email: made.value.email });
      }),
  };

  async createAccount(email: string, name: string, password: string, role: Role): Promise<Answer<UserView>> {
    const { client } = this.#parts.database;
    const address = email.toLowerCase();
    if ((await client.user.findUnique({ where: { email: address } })) !== null)
      return refusal("CONFLICT", `There is an account for ${address} already.`, "email");
    if ((await client.user.count()) >= usersMax)
      return refusal("CONFLICT", `There are ${usersMax} accounts already, and no more are kept.`);
    const now = new Date(this.#parts.now());
    const context = await this.#parts.auth.$context;
    const hash = await context.password.hash(password);
    const id = newId(this.#parts.now());
    const user = await client.user.create({
      data: {
        id,
        email: address,
        name,
        role,
        emailVerified: true,
        createdAt: now,
        updatedAt: now,
        accounts: {
          create: {
            id: newId(this.#parts.now()),
            accountId: id,
            providerId: "credential",
            password: hash,
            updatedAt: now,
          },
        },
      },
    });
    return value(userView(user));
  }

  /** Gives the account of the environment what it says; what is there already stays as it is. */
  async ensureAdministrator(settings: { email: string; password: string | null; token: string | null }) {
    const { client } = this.#parts.database;
    let user = await client.user.findUnique({ where: { email: settings.email } });
    let created = false;
    if (user === null) {
      if (settings.password === null) return { kind: "password-missing" } as const;
      await this.createAccount(settings.email, "Administrator", settings.password, "administrator");
      user = await client.user.findUniqueOrThrow({ where: { email: settings.email } });
      created = true;
      this.#parts.audit({
        actor: "leasewire",
        via: "environment",
        action: "user.create",
        subject: user.email,
        outcome: "done",
        detail: "first administrator",
      });
    }
    if (settings.token !== null) await this.#ensureToken(user.id, settings.token);
    return {
      kind: created ? "created" : "present",
      role: readRole(user.role),
      disabled: user.banned === true,
    } as const;
  }

  async #ensureToken(userId: string, token: string): Promise<void> {
    const { client } = this.#parts.database;
    const key = hashToken(token);
    const rows = await client.apikey.findMany({ where: { referenceId: userId, name: environmentTokenName } });
    if (rows.some((row) => row.key === key)) return;
    // Another value in the environment takes the place of the one before.
    await client.apikey.deleteMany({ where: { referenceId: userId, name: environmentTokenName } });
    const now = new Date(this.#parts.now());
    await client.apikey.create({
      data: {
        id: newId(this.#parts.now()),
        name: environmentTokenName,
        start: token.slice(0, 4),
        referenceId: userId,
        key,
        enabled: true,
        rateLimitEnabled: false,
        createdAt: now,
        updatedAt: now,
      },
    });
  }

  async #setPassword(userId: string, password: string): Promise<void> {
    const context = await this.#parts.auth.$context;
    const hash = await context.password.hash(password);
    const { client } = this.#parts.database;
    const where = { userId, providerId: "credential" };
    const { count } = await client.account.updateMany({ where, data: { password: hash } });
    if (count > 0) return;
    const id = newId(this.#parts.now());
    await client.account.create({ data: { ...where, id, accountId: userId, password: hash } });
  }

  #audit(who: Principal, action: string, subject: string, outcome: "done" | "refused", detail: string) {
    this.#parts.audit({ actor: who.email, via: who.via, action, subject, outcome, detail });
  }
}

const environmentTokenName = "LEASEWIRE_ADMIN_TOKEN";

function userView(user: {
  id: string;
  email: string;
  name: string;
  role: string | null;
  banned: boolean | null;
  createdAt: Date;
}): UserView {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: readRole(user.role),
    disabled: user.banned === true,
    createdAtMs: user.createdAt.getTime(),
  };
}

function tokenView(row: {
  id: string;
  name: string | null;
  start: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastRequest: Date | null;
}): TokenView {
  return {
    id: row.id,
    name: row.name ?? "",
    start: row.start,
    createdAtMs: row.createdAt.getTime(),
    expiresAtMs: row.expiresAt?.getTime() ?? null,
    lastUsedAtMs: row.lastRequest?.getTime() ?? null,
  };
}

function describeUpdate(input: { role?: Role; disabled?: boolean; password?: string }): string {
  const parts: string[] = [];
  if (input.role !== undefined) parts.push(`role ${input.role}`);
  if (input.disabled !== undefined) parts.push(input.disabled ? "disabled" : "enabled");
  if (input.password !== undefined) parts.push("new password");
  return parts.join(", ");
}
