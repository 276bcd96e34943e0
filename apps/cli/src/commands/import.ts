import { randomUUID } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import path from "node:path";
import type { Readable } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import type { ImportJob, ImportJobDetail } from "@leasewire/api";
import type { Connection } from "../client.ts";
import { parameters } from "../grammar.ts";
import { safeLine } from "../safe-text.ts";
import { type CommandContext, CommandRefusal, type ExitCode, printJson } from "./context.ts";

const progressPeriodMs = 1_000;

/** Sends a lease file to the server as it is read, and tells what became of its rows. */
export async function importBindings(context: CommandContext): Promise<ExitCode> {
  const { arguments: given, output } = context;
  const name = given.get(parameters.leaseFile)!;
  const format = given.get(parameters.importFormat)!;
  const id = randomUUID();
  const query = new URLSearchParams({
    id,
    format,
    instance: instanceOf(context),
    fileName: name === "-" ? "standard input" : path.basename(name),
    allOrNothing: String(given.get(parameters.allOrNothing) === true),
  });
  const { file, octets } = await openFile(name);
  const interrupt = context.listenForInterrupt();
  const answered = send(context.connection, `/api/import/bindings?${query}`, file, octets);
  let ended = false;
  const onInterrupt = () => {
    context.client.imports.cancel.mutate({ id }).catch(() => file.destroy());
  };
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  const watching = output.progressOnStderr ? showProgress(context, id, () => ended) : Promise.resolve();
  try {
    const answer = await answered;
    ended = true;
    await watching;
    if (answer.statusCode !== 200) throw new CommandRefusal(await refusalOf(answer));
    answer.resume();
    return await report(context, id);
  } finally {
    ended = true;
    interrupt.removeEventListener("abort", onInterrupt);
    file.destroy();
  }
}

/** Writes the bindings of an instance to standard output as they come. */
export async function exportBindings(context: CommandContext): Promise<ExitCode> {
  const { arguments: given, output, connection } = context;
  const query = new URLSearchParams({
    format: given.get(parameters.exportFormat)!,
    instance: instanceOf(context),
  });
  const family = given.get(parameters.exportFamily);
  if (family !== undefined) query.set("family", family);
  const answer = await send(connection, `/api/export/bindings?${query}`);
  if (answer.statusCode !== 200) throw new CommandRefusal(await refusalOf(answer));
  answer.setEncoding("utf8");
  try {
    for await (const text of answer) {
      output.stdout(text);
      await output.drained();
    }
  } catch {
    throw new CommandRefusal("the connection ended before the end of the export: what was written is not complete.");
  }
  return 0;
}

async function report(context: CommandContext, id: string): Promise<ExitCode> {
  const { output, connection, json, client } = context;
  const job: ImportJobDetail = await client.imports.get.query({ id });
  if (job.rowsRefused > job.refusals.length) await printAllRefused(context, connection, id);
  else {
    for (const { line, message, text } of job.refusals) {
      output.stderr(`line ${line}: ${safeLine(message)}${text === "" ? "" : ` | ${safeLine(text)}`}\n`);
    }
  }
  if (json) printJson(context, job);
  else output.stdout(`${safeLine(job.outcome)}\n`);
  return job.state === "done" && job.rowsRefused === 0 ? 0 : 1;
}

async function printAllRefused({ output }: CommandContext, connection: Connection, id: string): Promise<void> {
  const answer = await send(connection, `/api/import/refused?id=${id}`);
  answer.setEncoding("utf8");
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) output.stderr(`${safeLine(line)}\n`);
  }
}

async function showProgress(context: CommandContext, id: string, ended: () => boolean): Promise<void> {
  const { output, sleep, client, now } = context;
  let shown = false;
  while (!ended()) {
    const job = await client.imports.get.query({ id }).catch(() => null);
    if (job !== null) {
      output.stderr(`\r\u001b[2K${progressLine(job, now())}`);
      shown = true;
    }
    await sleep(progressPeriodMs);
  }
  if (shown) output.stderr("\r\u001b[2K");
}

/** `12,000 rows read, 11,990 taken, 10 refused; 4,000 rows/s, 35 s left`. */
export function progressLine(job: ImportJob, nowMs: number): string {
  const seconds = Math.max((nowMs - job.startedAtMs) / 1000, 0.001);
  const count = (number: number) => number.toLocaleString("en-US");
  const share = job.octetsTotal === null || job.octetsTotal === 0 ? null : job.octetsRead / job.octetsTotal;
  const left = share === null || share === 0 ? "" : `, ${Math.ceil((seconds / share) * (1 - share))} s left`;
  const doing =
    job.state === "storing" ? "taking them in" : `${count(Math.round(job.rowsRead / seconds))} rows/s${left}`;
  return `${count(job.rowsRead)} rows read, ${count(job.rowsTaken)} taken, ${count(job.rowsRefused)} refused; ${doing}`;
}

function instanceOf({ arguments: given }: CommandContext): string {
  return `${given.get(parameters.logicalSystem) ?? "default"}:${given.get(parameters.routingInstance) ?? "default"}`;
}

async function openFile(name: string): Promise<{ file: Readable; octets: number | undefined }> {
  if (name === "-") return { file: process.stdin, octets: undefined };
  let handle: FileHandle;
  try {
    handle = await open(name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const reasons: Record<string, string> = { ENOENT: "there is no such file", EACCES: "it may not be read" };
    throw new CommandRefusal(`cannot read ${name}: ${reasons[code] ?? code}.`);
  }
  const status = await handle.stat();
  if (status.isDirectory()) {
    await handle.close();
    throw new CommandRefusal(`cannot read ${name}: it is a folder.`);
  }
  const file: ReadStream = createReadStream("", { fd: handle });
  // A pipe has no size to tell.
  return { file, octets: status.isFile() ? status.size : undefined };
}

/** Not by `fetch`, which gives up on an answer that comes minutes after the body. */
function send({ url, token }: Connection, target: string, body?: Readable, octets?: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const address = `${url.replace(/\/+$/, "")}${target}`;
    const headers: Record<string, string> = { "x-leasewire-request": "1" };
    if (token !== undefined) headers["x-api-key"] = token;
    if (body !== undefined) headers["content-type"] = "application/octet-stream";
    if (octets !== undefined) headers["content-length"] = String(octets);
    const asked = (address.startsWith("https:") ? httpsRequest : httpRequest)(address, {
      method: body === undefined ? "GET" : "POST",
      headers,
    });
    let answer: IncomingMessage | undefined;
    asked.on("response", (response) => {
      answer = response;
      body?.unpipe(asked);
      resolve(response);
    });
    asked.on("error", (error) => {
      // The server may close while we still send; what it said counts.
      if (answer === undefined) reject(new CommandRefusal(`${url} does not answer: ${error.message}.`));
    });
    body?.on("error", (error) => {
      asked.destroy();
      reject(new CommandRefusal(`the file cannot be read on: ${error.message}.`));
    });
    if (body === undefined) asked.end();
    else body.pipe(asked);
  });
}

async function refusalOf(answer: IncomingMessage): Promise<string> {
  const text = await readAll(answer).catch(() => "");
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not ours: a proxy in between.
  }
  return `the server answered ${answer.statusCode}: set LEASEWIRE_URL to where Leasewire runs.`;
}
