import type { LeasequeryRun, LeasequeryRunServer } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { type Column, renderTable } from "./table.ts";

const columns: readonly Column<LeasequeryRunServer>[] = [
  { title: "Server", value: serverText },
  { title: "Instance", value: (server) => server.instance },
  { title: "State", value: (server) => server.state },
  { title: "Attempts", value: (server) => `${server.attempts} of ${server.attemptsMax}` },
  { title: "Round trip", value: (server) => milliseconds(server.roundTripMs), align: "right" },
];

/** A finished run: one line for each server with its explanation below, then the outcome. */
export function renderRun(run: LeasequeryRun): string {
  const table = renderTable(columns, run.servers).split("\n");
  const lines = [table[0]!];
  run.servers.forEach((server, i) => {
    lines.push(table[i + 1]!);
    if (server.explanation !== "") lines.push(`    ${safeLine(server.explanation)}`);
  });
  const servers = run.servers.length === 0 ? "" : `${lines.join("\n")}\n\n`;
  return `${servers}${safeLine(run.outcome)}${storedText(run)}\n`;
}

/** What is going on, drawn over itself while the servers answer. */
export function renderProgress(run: LeasequeryRun, nowMs: number): string {
  if (run.finishedAtMs !== null) return "Answered; waiting for the database.\n";
  return run.servers.map((server) => `${safeLine(serverText(server))}  ${serverProgress(server, nowMs)}\n`).join("");
}

function serverProgress(server: LeasequeryRunServer, nowMs: number): string {
  if (server.state !== "querying") return server.state;
  const attempt = `attempt ${server.attempts} of ${server.attemptsMax}`;
  if (server.nextAttemptAtMs === null) return attempt;
  const seconds = Math.max(0, Math.ceil((server.nextAttemptAtMs - nowMs) / 1000));
  return `${attempt}, next in ${seconds} s`;
}

function storedText(run: LeasequeryRun): string {
  if (run.bindingIds.length === 0) return "";
  return run.stored ? " Stored." : " Not stored yet: the database has not confirmed it.";
}

function serverText(server: LeasequeryRunServer): string {
  return `${server.serverAddress}#${server.serverPort}`;
}

function milliseconds(ms: number | null): string | null {
  if (ms === null) return null;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
