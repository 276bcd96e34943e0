import type { AppRouter } from "@leasewire/api";
import { createTRPCClient, httpLink, type TRPCClient, TRPCClientError } from "@trpc/client";
import superjson from "superjson";

export type Client = TRPCClient<AppRouter>;

export const urlDefault = "http://127.0.0.1:8067";
const requestTimeoutMs = 60_000;

export interface Connection {
  readonly url: string;
  readonly token: string | undefined;
}

export function connect({ url, token }: Connection): Client {
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${url.replace(/\/+$/, "")}/api/trpc`,
        transformer: superjson,
        headers: token === undefined ? {} : { "x-api-key": token },
        fetch: (input, init) =>
          fetch(input as string, { ...(init as RequestInit), signal: AbortSignal.timeout(requestTimeoutMs) }),
      }),
    ],
  });
}

/** The plain sentence for a failed call: what the API said, or why there was no answer and what to do. */
export function explainFailure(error: unknown, connection: Connection): string {
  if (!(error instanceof TRPCClientError)) throw error;
  const remedy = "start Leasewire there with `npm start`, or set LEASEWIRE_URL to where it runs.";
  if (error.data !== undefined && error.data !== null) {
    const code = (error.data as { code?: string }).code;
    if (code === "UNAUTHORIZED" && connection.token === undefined) {
      return "LEASEWIRE_TOKEN is not set, and this needs someone signed in: make a token in the browser under Settings and set LEASEWIRE_TOKEN to it.";
    }
    if (code === "UNAUTHORIZED") return `LEASEWIRE_TOKEN was not accepted at ${connection.url}: ${error.message}`;
    return error.message;
  }
  const cause = error.cause as (Error & { cause?: { code?: string; message?: string } }) | undefined;
  if (cause?.name === "TimeoutError") {
    return `${connection.url} did not answer within ${requestTimeoutMs / 1000} seconds: look at the log of the backend, then ${remedy}`;
  }
  if (cause instanceof TypeError) return `nothing answers at ${connection.url} (${reason(cause)}): ${remedy}`;
  return `what answers at ${connection.url} is not Leasewire, or a proxy in between refused: set LEASEWIRE_URL to where Leasewire runs.`;
}

function reason(error: Error & { cause?: { code?: string; message?: string } }): string {
  switch (error.cause?.code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "no such host";
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return "connection closed";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return "not reachable";
    default:
      return error.cause?.code ?? error.cause?.message ?? error.message;
  }
}
