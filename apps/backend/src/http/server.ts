import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../log.ts";
import { reasonOf, StartFailure } from "../start-failure.ts";
import type { createMetrics } from "./metrics.ts";
import type { Pages } from "./pages.ts";
import { pathOf, sendJson, sendText } from "./request.ts";
import { setSecurityHeaders } from "./security-headers.ts";

export const httpConnectionsMax = 2000;
const headerBytesMax = 16 * 1024;
const headersTimeoutMs = 10_000;
/** From the head of a request to the last of its body; a file takes its time. */
const requestTimeoutMs = 30_000;
const keepAliveTimeoutMs = 10_000;

export interface HttpParts {
  readonly auth: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly api: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Files of bindings, in and out. */
  readonly files: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly pages: Pages;
  readonly metrics: ReturnType<typeof createMetrics>;
  /** What the program still waits for; empty when ready. */
  readonly readiness: () => Promise<readonly string[]>;
  readonly https: boolean;
  readonly log: Log;
}

/** One port for everything; socket.io attaches itself to the server. */
export function createHttpServer(parts: HttpParts): Server {
  const server = createServer({ maxHeaderSize: headerBytesMax }, (request, response) => {
    setSecurityHeaders(response, parts.https);
    if (!isFile(pathOf(request))) limitTime(request);
    route(request, response).catch((error: unknown) => {
      parts.log.error({ part: "http", err: error, path: pathOf(request) }, "request failed");
      sendJson(response, 500, { message: "Leasewire failed to answer this request; its log says why." });
    });
  });
  // Pages have no use for other protocols than socket.io's; what nobody answers would stay open for ever.
  server.on("upgrade", (request, socket) => {
    if (!pathOf(request)?.startsWith("/socket.io/")) socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
  });
  server.headersTimeout = headersTimeoutMs;
  // One for all requests would cut off files that are sent for longer.
  server.requestTimeout = 0;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.maxConnections = httpConnectionsMax;
  return server;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path === null) return sendText(response, 400, "The request line holds no path.");
    if (path.startsWith("/api/trpc/")) return parts.api(request, response);
    if (path.startsWith("/api/auth/")) return parts.auth(request, response);
    if (isFile(path)) return parts.files(request, response);
    if (path === "/api" || path.startsWith("/api/"))
      return sendJson(response, 404, { message: "There is nothing at this address." });
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendText(response, 405, "Pages take GET and HEAD only; the API is at /api/trpc.");
    }
    if (path === "/healthz") return sendText(response, 200, "ok");
    if (path === "/readyz") {
      const reasons = await parts.readiness();
      return reasons.length === 0 ? sendText(response, 200, "ready") : sendText(response, 503, reasons.join("\n"));
    }
    if (path === "/metrics") {
      const text = await parts.metrics.text();
      response.setHeader("cache-control", "no-store");
      response.setHeader("content-type", parts.metrics.contentType);
      response.end(text);
      return;
    }
    return parts.pages.handle(request, response);
  }
}

function isFile(path: string | null): boolean {
  return path !== null && (path.startsWith("/api/import/") || path.startsWith("/api/export/"));
}

function limitTime(request: IncomingMessage): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, requestTimeoutMs);
  const done = () => clearTimeout(timer);
  request.once("end", done);
  request.once("close", done);
}

/** Throws StartFailure when the address cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenFailure(error, host, port)));
    server.listen({ host, port }, () => {
      const address = server.address();
      server.removeAllListeners("error");
      resolve({ host, port: typeof address === "object" && address !== null ? address.port : port });
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): StartFailure {
  const where = formatListen(host, port);
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use by another program: stop it, or set LEASEWIRE_LISTEN to another port`,
    EACCES: `ports below 1024 need a privilege: set LEASEWIRE_LISTEN to another port, or grant CAP_NET_BIND_SERVICE`,
    EADDRNOTAVAIL: "this host has no such address: set LEASEWIRE_LISTEN to one it has",
    ENOTFOUND: "the name cannot be resolved: set LEASEWIRE_LISTEN to an address",
    EAI_AGAIN: "the name cannot be resolved: set LEASEWIRE_LISTEN to an address",
  };
  return new StartFailure(`Cannot listen on ${where}: ${reasons[error.code ?? ""] ?? reasonOf(error)}.`);
}

export function formatListen(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
