import type { IncomingMessage, ServerResponse } from "node:http";

/** Set by us on every request handed to better-auth; what a client sends under this name is thrown away. */
export const clientAddressHeader = "x-leasewire-client-address";

/** Address of the other end of the connection; an IPv4 client on a dual-stack socket is shown as IPv4. */
export function clientAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
}

/** The path without the query, or null when the request line is not a path we could mean. */
export function pathOf(request: IncomingMessage): string | null {
  const url = request.url ?? "";
  if (!url.startsWith("/")) return null;
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** Origins under which a page of ours can be open: the name the request came to, and the public one. */
export function originsOf(host: string | undefined, publicUrl: URL | null): string[] {
  const origins = publicUrl === null ? [] : [publicUrl.origin];
  if (host !== undefined && /^[A-Za-z0-9.:[\]-]+$/.test(host)) origins.push(`http://${host}`, `https://${host}`);
  return origins;
}

/**
 * Whether a page of ours, and not one of another site, made this request. Browsers send Origin with every POST; a script
 * without one shows with the header `x-leasewire-request` that it is not a form of another site.
 */
export function isSameOrigin(request: IncomingMessage, publicUrl: URL | null): boolean {
  const origin = request.headers.origin;
  if (origin !== undefined) return originsOf(request.headers.host, publicUrl).includes(origin);
  return request.headers["sec-fetch-site"] === "same-origin" || request.headers["x-leasewire-request"] !== undefined;
}

export type BodyResult =
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly status: 400 | 413; readonly message: string };

/** The whole body, up to a limit. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<BodyResult> {
  const tooLarge = {
    ok: false,
    status: 413,
    message: `The request body is larger than ${bytesMax} bytes.`,
  } as const;
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > bytesMax) return tooLarge;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { ok: false, status: 400, message: "The request body ended early." };
  }
  return { ok: true, body: Buffer.concat(chunks) };
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", `${text}\n`);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json; charset=utf-8", JSON.stringify(value));
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.statusCode = status;
  response.setHeader("content-type", contentType);
  response.setHeader("cache-control", "no-store");
  // A body we did not read would otherwise be taken for the next request.
  if (status === 413) response.setHeader("connection", "close");
  response.end(text);
}
