// Reads the environment, starts the program, and ends it on a signal. Everything else is in program.ts.
import process from "node:process";
import { createLog } from "./log.ts";
import { type Program, startProgram } from "./program.ts";
import { readSettings } from "./settings.ts";
import { printable, reasonOf, StartFailure } from "./start-failure.ts";

/** Stopping takes at most this long; what is not stored by then was never shown as stored. */
const stopMsMax = 10_000;

let program: Program | null = null;
let stopping = false;

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (error) => fail(error));

try {
  const settings = readSettings(process.env, process.cwd());
  const log = createLog(settings.logLevel);
  program = await startProgram({
    settings,
    log,
    print: (line) => process.stdout.write(`${line}\n`),
    onFatal: (reason) => {
      log.fatal({ reason }, "stopping: a part of the program ended");
      end(`Leasewire stops: ${printable(reason.split("\n")[0] ?? "")}. The log says more.`);
    },
  });
  if (stopping) {
    await program.stop();
    process.exit(0);
  }
} catch (error) {
  fail(error);
}

async function stop(signal: string): Promise<void> {
  if (stopping) return end(`Leasewire stops at once: ${signal} a second time.`);
  stopping = true;
  // While starting: program.stop() follows when that is done.
  if (program === null) return;
  const impatience = setTimeout(
    () => end(`Leasewire did not stop within ${stopMsMax / 1000} s and was ended.`),
    stopMsMax,
  );
  await program.stop();
  clearTimeout(impatience);
  process.exit(0);
}

/** A start failure is one line; anything else is a fault of ours, and its stack is what helps. */
function fail(error: unknown): never {
  if (error instanceof StartFailure) end(`Leasewire cannot start. ${printable(error.message)}`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  end(`Leasewire stops by a fault of its own: ${reasonOf(error)}\n${stack}`);
}

function end(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
