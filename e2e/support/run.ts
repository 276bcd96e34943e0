import { type ChildProcess, execFileSync } from "node:child_process";

const stopTimeoutMs = 5_000;

/** Runs a command to its end; throws with what it wrote to standard error when it fails. */
export function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Runs commands of `ip` in a network namespace, one a line: a process for each would take long on a busy machine. */
export function runBatch(namespace: string | null, lines: readonly string[]): void {
  const where = namespace === null ? [] : ["-n", namespace];
  execFileSync("ip", [...where, "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
    stdio: ["pipe", "ignore", "pipe"],
  });
}

/** `run` for cleaning up: what is to be removed may not be there. */
export function runQuietly(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: "ignore" });
  } catch {
    // It was not there.
  }
}

/** Ends a process with SIGTERM, and with SIGKILL if it does not heed that. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await exit;
  clearTimeout(impatience);
}
