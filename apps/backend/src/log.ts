import pino, { type Logger } from "pino";
import type { LogLevel } from "./settings.ts";
import { printable } from "./start-failure.ts";

export type Log = Logger;

/**
 * The program's log, on stderr: JSON for machines, short lines for a terminal. Texts from clients go in as fields, never
 * into the message; both forms escape what could fake a line.
 */
export function createLog(level: LogLevel): Log {
  const options = { level, base: undefined, redact: ["password", "token", "cookie", "authorization"] };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(options, { write: (line: string) => void process.stderr.write(forPeople(line)) });
}

function forPeople(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: number; msg?: string };
  const name = pino.levels.labels[level] ?? String(level);
  const rest = Object.entries(fields)
    .map(([key, value]) => ` ${key}=${printable(JSON.stringify(value) ?? "")}`)
    .join("");
  return `${new Date(time).toISOString().slice(11, 23)} ${name.padEnd(5)} ${printable(msg ?? "")}${rest}\n`;
}
