import { initTRPC, TRPCError } from "@trpc/server";
import superjson, { type SuperJSONResult } from "superjson";
import { z } from "zod";
import { type Principal, type Role, roles } from "./common.ts";
import type { Answer, Services } from "./services.ts";

/** What each request brings along: who asks, and the program behind the interface. */
export interface ApiContext {
  readonly principal: Principal | null;
  readonly services: Services;
}

/**
 * Answers and the inputs of our clients are superjson. A script may send its input as plain JSON, without the envelope
 * `{"json": …}`: no procedure takes an object with a field of that name.
 */
const transformer = {
  input: {
    serialize: superjson.serialize,
    deserialize: (input: unknown) =>
      typeof input === "object" && input !== null && "json" in input
        ? superjson.deserialize(input as unknown as SuperJSONResult)
        : input,
  },
  output: superjson,
};

const t = initTRPC.context<ApiContext>().create({
  transformer,
  errorFormatter({ shape, error }) {
    const issues = error.cause instanceof z.ZodError ? error.cause.issues : undefined;
    const { stack: _stack, ...data } = shape.data;
    const field = error.cause instanceof RefusalCause ? error.cause.field : issues?.[0]?.path.join(".");
    return {
      ...shape,
      message: issues ? issues.map((issue) => describeIssue(issue)).join(" ") : describeError(error, shape.message),
      data: field === undefined || field === "" ? data : { ...data, field },
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

/** One sentence a person can act on, instead of the library's or the fault's own words. */
function describeError(error: TRPCError, message: string): string {
  if (error.cause instanceof SyntaxError) return "The input is not valid JSON.";
  switch (error.code) {
    case "PARSE_ERROR":
      return "The input is not valid JSON.";
    case "PAYLOAD_TOO_LARGE":
      return "The request body is too large.";
    case "INTERNAL_SERVER_ERROR":
      return "Leasewire failed to answer this call; its log says why.";
    default:
      return message;
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join(".");
  return where === "" ? issue.message : `${where}: ${issue.message}`;
}
