import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Place } from "./place.ts";

/**
 * Debian's perfdhcp (package kea-admin), as a relay like our own load client: exchanges are begun at a fixed rate, each of a
 * new client. It sends nothing again: an exchange one message of which is not answered within a second has failed.
 */
export interface PerfdhcpReport {
  /** Exchanges that went well, in a second. */
  readonly perSecond: number;
  readonly begun: number;
  readonly completed: number;
  /** Mean of each of the two halves: it tells no percentiles. */
  readonly meanMs: readonly [number, number];
  readonly maxMs: readonly [number, number];
}

const program = "/usr/sbin/perfdhcp";
/** Answers that are late still count. */
const exitWaitUs = 1_000_000;

/** Why perfdhcp cannot be used here; null when it can. */
export function perfdhcpAbsence(): string | null {
  return existsSync(program) ? null : "perfdhcp is not here (Debian package kea-admin)";
}

export async function runPerfdhcp(
  place: Place,
  family: 4 | 6,
  { rate, seconds, seed }: { readonly rate: number; readonly seconds: number; readonly seed: number },
): Promise<PerfdhcpReport> {
  const device = place.loadNamespace === undefined ? `${place.link.namespace}r` : "s0";
  // Clients of another run have other hardware addresses.
  const base = `mac=02:${seed.toString(16).padStart(2, "0")}:00:00:00:00`;
  const common = ["-r", `${rate}`, "-p", `${seconds}`, "-R", "4000000", "-b", base, "-W", `${exitWaitUs}`, "-d", "1"];
  const parameters =
    family === 4
      ? ["-4", "-l", place.network4.relay, ...common, "-u", place.serverAddress4]
      : ["-6", "-l", device, "-A", "1", "-e", "address-and-prefix", ...common, "-u", place.serverAddress6];
  const [command, ...all] =
    place.loadNamespace === undefined
      ? [program, ...parameters]
      : ["ip", "netns", "exec", place.loadNamespace, program, ...parameters];
  return readReport(await outputOf(command!, all));
}

/** perfdhcp ends with 3 where something was dropped, which its report says as well. */
function outputOf(command: string, parameters: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"] });
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("exit", end);
      if (code === 0 || code === 3) resolve(output);
      else reject(new Error(`perfdhcp ended with code ${code}:\n${output}`));
    });
  });
}

/** Reads what it prints at its end. Throws where that is not what we know. */
export function readReport(output: string): PerfdhcpReport {
  const halves = output.split(/^\*\*\*Statistics for: /m).slice(1);
  const number = (text: string | undefined, name: string): number => {
    const value = new RegExp(`^${name}: ([\\d.]+)`, "m").exec(text ?? "")?.[1];
    if (value === undefined) throw new Error(`perfdhcp told no "${name}":\n${output}`);
    return Number(value);
  };
  const [first, second] = halves;
  const unique = number(first, "non unique addresses") + number(second, "non unique addresses");
  if (unique > 0) throw new Error(`${unique} addresses were given twice.`);
  return {
    perSecond: number(output, "Rate"),
    begun: number(first, "sent packets"),
    completed: number(second, "received packets") - number(second, "rejected leases"),
    meanMs: [number(first, "avg delay"), number(second, "avg delay")],
    maxMs: [number(first, "max delay"), number(second, "max delay")],
  };
}
