import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Family, importFormats, roles } from "@leasewire/api";
import { ChangeBatchReader } from "@leasewire/db/change-batch";
import { csvHeader, formatCsvRow } from "@leasewire/leasefile";
import { type InstanceName, parseInstance } from "@leasewire/net";
import type { Authenticate, Caller } from "../auth/caller.ts";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { ImportRequest } from "../import/import-run.ts";
import type { Imports } from "../import/imports.ts";
import { formatJsonRow } from "../import/json-row.ts";
import { importLimits } from "../import/limits.ts";
import type { WriteAudit } from "../services/audit.ts";
import { databaseFault } from "../services/database-faults.ts";
import { newId } from "../services/id.ts";
import type { Remote } from "../threads/rpc.ts";
import { isSameOrigin, sendJson } from "./request.ts";

export interface ImportRoutesParts {
  readonly imports: Pick<Imports, "accept" | "refusedRows">;
  readonly engine: Pick<Remote<EngineApi>, "exportBindings">;
  readonly authenticate: Authenticate;
  readonly publicUrl: URL | null;
  readonly audit: WriteAudit;
  readonly now: () => number;
}

/** What is refused before anything is read. */
interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 503;
  readonly message: string;
  readonly field?: string | undefined;
}

/** After an answer that came before the end of the file, so long is read on: a browser would not look at it otherwise. */
const lingerMsMax = 2_000;
const exportFamilies: Readonly<Record<string, readonly Family[] | undefined>> = { "": [4, 6], "4": [4], "6": [6] };
const exportFormats = ["csv", "ndjson"] as const;

/**
 * Files of bindings, in and out:
 *
 *   POST /api/import/bindings?format=…&instance=LS:RI&fileName=…&allOrNothing=true&id=…   the body is the file
 *   GET  /api/import/refused?id=…                                                         refused rows, as text
 *   GET  /api/export/bindings?instance=LS:RI&format=csv|ndjson&family=4|6                 both families without one
 */
export function createImportRoutes(parts: ImportRoutesParts) {
  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const refused = await route(url, request, response);
    if (refused === null) return;
    const { status, message, field } = refused;
    if (status === 405) response.setHeader("allow", url.pathname === "/api/import/bindings" ? "POST" : "GET");
    if (!request.complete) response.setHeader("connection", "close");
    sendJson(response, status, field === undefined ? { message } : { message, field });
    readOn(request);
  };

  async function route(url: URL, request: IncomingMessage, response: ServerResponse): Promise<Refusal | null> {
    switch (url.pathname) {
      case "/api/import/bindings":
        if (request.method !== "POST") return { status: 405, message: "Send the file with POST." };
        return await withCaller(request, "operator", (who) => upload(who, url.searchParams, request, response));
      case "/api/import/refused":
        if (request.method !== "GET") return { status: 405, message: "Ask with GET." };
        return await withCaller(request, "viewer", () => refusedRows(url.searchParams, response));
      case "/api/export/bindings":
        if (request.method !== "GET") return { status: 405, message: "Ask with GET." };
        return await withCaller(request, "viewer", (who) => exportBindings(who, url.searchParams, response));
      default:
        return { status: 404, message: "There is nothing at this address." };
    }
  }

  async function withCaller(
    request: IncomingMessage,
    role: (typeof roles)[number],
    work: (who: Caller) => Promise<Refusal | null>,
  ): Promise<Refusal | null> {
    let who: Awaited<ReturnType<Authenticate>>;
    try {
      who = await parts.authenticate(request.headers);
    } catch (error) {
      const sentence = databaseFault(error);
      if (sentence === null) throw error;
      return { status: 503, message: sentence };
    }
    if (who.kind === "refused") return { status: 401, message: who.message };
    if (who.kind === "nobody") {
      return { status: 401, message: "Sign in first, or send an API token in x-api-key." };
    }
    const { caller } = who;
    if (roles.indexOf(caller.role) < roles.indexOf(role)) {
      return { status: 403, message: `This needs the role ${role}; you are ${caller.role}.` };
    }
    if (request.method === "POST" && caller.via === "session" && !isSameOrigin(request, parts.publicUrl)) {
      return {
        status: 403,
        message: "This request came with a session, and not from a page of Leasewire. In a script, send an API token.",
      };
    }
    return await work(caller);
  }

  async function upload(
    who: Caller,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Refusal | null> {
    const read = readUpload(query, request, who, parts.now());
    if ("status" in read) return read;
    const answer = await parts.imports.accept(read, (signal) => bodyOf(request, signal));
    if (!answer.ok) {
      const status = answer.refusal.code === "CONFLICT" ? 409 : 503;
      return { status, message: answer.refusal.message, field: answer.refusal.field };
    }
    if (response.destroyed) return null;
    if (!request.complete) response.setHeader("connection", "close");
    sendJson(response, 200, answer.value);
    readOn(request);
    return null;
  }

  async function refusedRows(query: URLSearchParams, response: ServerResponse): Promise<Refusal | null> {
    const found = parts.imports.refusedRows(query.get("id") ?? "");
    if (found === undefined) {
      return { status: 404, message: "This import is not remembered, or no row of it was refused.", field: "id" };
    }
    asDownload(response, "text/plain; charset=utf-8", "refused-rows.txt");
    await pipeline(createReadStream(found.path), response).catch(() => response.destroy());
    return null;
  }

  async function exportBindings(
    who: Caller,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<Refusal | null> {
    const families = exportFamilies[query.get("family") ?? ""];
    if (families === undefined) return { status: 400, message: "family is 4 or 6.", field: "family" };
    const instance = parseInstance(query.get("instance") ?? "default:default");
    if (!instance.ok) return { status: 400, message: instance.error.message, field: "instance" };
    const format = exportFormats.find((known) => known === (query.get("format") ?? "csv"));
    if (format === undefined) {
      return { status: 400, message: `format is one of ${exportFormats.join(", ")}.`, field: "format" };
    }
    asDownload(
      response,
      format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
      `bindings${families.length === 1 ? families[0] : ""}.${format}`,
    );
    parts.audit({
      actor: who.email,
      via: who.via,
      action: "bindings.export",
      subject: instance.value,
      outcome: "done",
      detail: `${families.map((family) => `DHCPv${family}`).join(" and ")} as ${format}`,
    });
    await pipeline(exportRows(families, instance.value, format), response).catch(() => response.destroy());
    return null;
  }

  async function* exportRows(
    families: readonly Family[],
    instance: InstanceName,
    format: (typeof exportFormats)[number],
  ): AsyncGenerator<string> {
    if (format === "csv") yield csvHeader;
    for (const family of families) {
      for (let after: number | null = 0; after !== null; ) {
        const piece = await parts.engine.exportBindings(family, instance, after);
        const reader = new ChangeBatchReader(piece.bindings);
        let text = "";
        while (reader.next()) {
          const binding = reader.binding();
          text += format === "csv" ? formatCsvRow(binding) : formatJsonRow(binding, reader.sequence, reader.atSeconds);
        }
        if (text !== "") yield text;
        after = piece.next;
      }
    }
  }
}

function readUpload(
  query: URLSearchParams,
  request: IncomingMessage,
  who: Caller,
  nowMs: number,
): ImportRequest | Refusal {
  const format = importFormats.find((known) => known === query.get("format"));
  if (format === undefined) {
    return { status: 400, message: `format is one of ${importFormats.join(", ")}.`, field: "format" };
  }
  const instance = parseInstance(query.get("instance") ?? "default:default");
  if (!instance.ok) return { status: 400, message: instance.error.message, field: "instance" };
  const allOrNothing = { true: true, "1": true, false: false, "0": false, "": false }[query.get("allOrNothing") ?? ""];
  if (allOrNothing === undefined) {
    return { status: 400, message: "allOrNothing is true or false.", field: "allOrNothing" };
  }
  const id = query.get("id") ?? newId(nowMs);
  if (!/^[0-9a-f-]{36}$/.test(id)) return { status: 400, message: "id is a UUID in lower case.", field: "id" };
  const length = request.headers["content-length"];
  const octetsTotal = length === undefined ? null : Number(length);
  if (octetsTotal !== null && octetsTotal > importLimits.fileOctetsMax) {
    return {
      status: 413,
      message: `The file is larger than ${importLimits.fileOctetsMax} octets: import it in parts.`,
    };
  }
  return {
    id,
    format,
    fileName: printableName(query.get("fileName") ?? ""),
    instance: instance.value,
    allOrNothing,
    startedBy: who.email,
    via: who.via,
    startedAtMs: nowMs,
    nowSeconds: Math.floor(nowMs / 1000),
    octetsTotal,
  };
}

function printableName(name: string): string {
  const printable = name.replace(/[^\x20-\x7e]/g, "?").slice(0, importLimits.fileNameLengthMax);
  return printable.trim() === "" ? "unnamed" : printable;
}

/** The body as it comes; ends when the import is cancelled, and throws when the sender goes away or falls silent. */
async function* bodyOf(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let gone: Error | null = null;
  let wake = () => {};
  const onData = (chunk: Uint8Array) => {
    chunks.push(chunk);
    request.pause();
    wake();
  };
  const onClose = () => {
    gone ??= request.readableEnded ? null : senderGone;
    wake();
  };
  const onWake = () => wake();
  const onError = () => {
    gone = senderGone;
    wake();
  };
  request.on("data", onData).on("end", onWake).on("close", onClose).on("error", onError);
  signal.addEventListener("abort", onWake);
  try {
    for (;;) {
      if (signal.aborted) return;
      const chunk = chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
        continue;
      }
      if (gone !== null) throw gone;
      if (request.readableEnded) return;
      const silent = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), importLimits.senderIdleMsMax);
        wake = () => {
          clearTimeout(timer);
          resolve(false);
        };
        request.resume();
      });
      wake = () => {};
      if (silent) throw new Error(`The sender sent nothing for ${importLimits.senderIdleMsMax / 1000} seconds.`);
    }
  } finally {
    request.off("data", onData).off("end", onWake).off("close", onClose);
    signal.removeEventListener("abort", onWake);
  }
}

const senderGone = new Error("The sender went away before the end of the file.");

/** Whoever still sends is not cut off at once. */
function readOn(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.on("error", () => {});
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMsMax);
  request.once("close", () => clearTimeout(timer));
}

function asDownload(response: ServerResponse, contentType: string, fileName: string): void {
  response.setHeader("content-type", contentType);
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-disposition", `attachment; filename="${fileName}"`);
}
