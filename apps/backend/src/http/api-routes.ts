import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiContext, appRouter, type Services } from "@leasewire/api";
import { TRPCError } from "@trpc/server";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import type { Authenticate } from "../auth/caller.ts";
import type { Log } from "../log.ts";
import { databaseFault } from "../services/database-faults.ts";
import { isSameOrigin, pathOf, sendJson } from "./request.ts";

const prefix = "/api/trpc/";
/** A configuration of a million characters, each escaped in JSON, fits. */
export const apiBodyBytesMax = 4 * 1024 * 1024;
/** Calls in one batch. */
export const apiBatchMax = 20;

export interface ApiRoutesParts {
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly publicUrl: URL | null;
  readonly log: Log;
}

/** tRPC over HTTP. A cookie alone is not enough to change something: the request must come from a page of ours. */
export function createApiRoutes(parts: ApiRoutesParts) {
  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("cache-control", "no-store");
    if (Number(request.headers["content-length"] ?? 0) > apiBodyBytesMax)
      return sendJson(response, 413, { message: `The request body is larger than ${apiBodyBytesMax} bytes.` });
    await nodeHTTPRequestHandler({
      req: request,
      res: response,
      path: (pathOf(request) ?? "").slice(prefix.length),
      router: appRouter,
      maxBodySize: apiBodyBytesMax,
      maxBatchSize: apiBatchMax,
      createContext: () => createContext(request),
      onError: ({ error, path }) => {
        if (error.code === "INTERNAL_SERVER_ERROR")
          parts.log.error({ part: "api", path, err: error.cause ?? error }, "call failed");
      },
    });
  };

  async function createContext(request: IncomingMessage): Promise<ApiContext> {
    const who = await parts.authenticate(request.headers).catch((cause: unknown) => {
      const sentence = databaseFault(cause);
      if (sentence === null) throw cause;
      throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: sentence });
    });
    if (who.kind === "refused") throw new TRPCError({ code: "UNAUTHORIZED", message: who.message });
    const principal = who.kind === "caller" ? who.caller : null;
    if (request.method === "POST" && principal?.via === "session" && !isSameOrigin(request, parts.publicUrl))
      throw new TRPCError({
        code: "FORBIDDEN",
        message:
          "This request came with a session, and not from a page of Leasewire. In a script, send an API token in x-api-key, or the header x-leasewire-request: 1.",
      });
    return { principal, services: parts.services };
  }
}
