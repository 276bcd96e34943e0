import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BindingRow, ImportFormat, ImportJobDetail } from "@leasewire/api";
import type { Backend } from "../../support/backend.ts";
import type { ApiClient } from "../../support/client.ts";

export const samples = path.join(import.meta.dirname, "../../../packages/leasefile/test/samples");
const cli = path.join(import.meta.dirname, "../../../apps/cli/bin/leasewire.mjs");

/** A folder for the files of a test. */
export function workFolder(): { file(name: string, text: string): string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "leasewire-import-"));
  return {
    file(name, text) {
      const place = path.join(folder, name);
      writeFileSync(place, text);
      return place;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The `leasewire` command as a process of its own. */
export function leasewire(
  backend: Backend,
  ...words: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], {
      env: { PATH: process.env.PATH ?? "", LEASEWIRE_URL: backend.url, LEASEWIRE_TOKEN: backend.token },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

export const keaHeader4 =
  "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n";

/** A row of client n: 10.64.0.0 + n, with relay data. It ends in ten years. */
export function keaRow4(n: number, endsSeconds = Math.floor(Date.now() / 1000) + 315_000_000): string {
  const mac = `02:00:${[n >>> 24, n >>> 16, n >>> 8, n].map((octet) => (octet & 255).toString(16).padStart(2, "0")).join(":")}`;
  const remoteId = `0201${n.toString(16).padStart(8, "0")}`;
  const context = `{"ISC":{"relay-agent-info":{"sub-options":"0x0104657468300206${remoteId}"}}}`;
  return `${addressOf(n)},${mac},01:${mac},315360000,${endsSeconds},1,0,0,,0,${context},0\n`;
}

export function addressOf(n: number): string {
  const address = 0x0a40_0000 + n;
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function keaFile4(count: number, endsSeconds?: number): string {
  let text = keaHeader4;
  for (let n = 1; n <= count; n += 1) text += keaRow4(n, endsSeconds);
  return text;
}

/** Sends a file as the page does; gives what became of it. */
export async function upload(
  backend: Backend,
  api: ApiClient,
  body: string | Uint8Array | ReadableStream,
  query: { format: ImportFormat; allOrNothing?: boolean; instance?: string; id?: string },
): Promise<ImportJobDetail> {
  const parameters = new URLSearchParams({ format: query.format, fileName: "test" });
  if (query.allOrNothing === true) parameters.set("allOrNothing", "true");
  if (query.instance !== undefined) parameters.set("instance", query.instance);
  if (query.id !== undefined) parameters.set("id", query.id);
  const response = await fetch(`${backend.url}/api/import/bindings?${parameters}`, {
    method: "POST",
    headers: { "x-api-key": backend.token },
    body: body as never,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return await api.imports.get.query({ id });
}

export async function allBindings(api: ApiClient, family: 4 | 6): Promise<BindingRow[]> {
  const rows: BindingRow[] = [];
  let view: string | undefined;
  for (let offset = 0; ; offset += 500) {
    const page = await api.bindings.list.query({
      family,
      sort: { column: "address", direction: "asc" },
      offset,
      limit: 500,
      view,
    });
    view = page.view;
    rows.push(...page.rows);
    if (rows.length >= page.total) return rows;
  }
}
