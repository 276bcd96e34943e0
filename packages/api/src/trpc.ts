import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import { type Principal, type Role, roles } from "./common.ts";
import type { Answer, Services } from "./services.ts";

/** What each request brings along: who asks, and the program behind the interface. */
export interface ApiContext {
  readonly principal: Principal | null;
  readonly services: Services;
}

const t = initTRPC.context<ApiContext>().create({
  transformer: superjson,
  errorFormatter({ shape, error }) {
    const issues = error.cause instanceof z.ZodError ? error.cause.issues : undefined;
    return {
      ...shape,
      // One sentence a person can act on, instead of the validator's dump.
      message: issues ? issues.map((issue) => describeIssue(issue)).join(" ") : shape.message,
      data: {
        ...shape.data,
        stack: undefined,
        field: error.cause instanceof RefusalCause ? error.cause.field : issues?.[0]?.path.join("."),
      },
    };
  },
});

export const router = t.router;
export const publicProcedure = t.procedure;

/** Which role may call, said to whoever may not. */
function requireRole(role: Role) {
  return t.procedure.use(({ ctx, path, next }) => {
    const who = ctx.principal;
    if (who === null) {
      throw new TRPCError({
        code: "UNAUTHORIZED",
        message: "Nobody is signed in, or the session or token has expired: sign in again, or make a new token.",
      });
    }
    if (roles.indexOf(who.role) < roles.indexOf(role)) {
      const message = `${path} needs the role ${role}; ${who.email} is ${who.role}. An administrator can change this under Settings.`;
      ctx.services.audit.refused(who, path, message);
      throw new TRPCError({ code: "FORBIDDEN", message });
    }
    return next({ ctx: { ...ctx, principal: who } });
  });
}

export const viewerProcedure = requireRole("viewer");
export const operatorProcedure = requireRole("operator");
export const administratorProcedure = requireRole("administrator");

class RefusalCause extends Error {
  readonly field: string | undefined;
  constructor(message: string, field: string | undefined) {
    super(message);
    this.field = field;
  }
}

const refusalCodes = {
  BAD_REQUEST: "BAD_REQUEST",
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "CONFLICT",
  FORBIDDEN: "FORBIDDEN",
  UNAVAILABLE: "SERVICE_UNAVAILABLE",
} as const;

/** Turns a refusal of a service into the answer of the API. */
export async function answer<T>(pending: Promise<Answer<T>>): Promise<T> {
  const result = await pending;
  if (result.ok) return result.value;
  const { code, message, field } = result.refusal;
  throw new TRPCError({ code: refusalCodes[code], message, cause: new RefusalCause(message, field) });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join(".");
  return where === "" ? issue.message : `${where}: ${issue.message}`;
}
