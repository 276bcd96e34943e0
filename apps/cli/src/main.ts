import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { text as readAll } from "node:stream/consumers";
import { type Connection, connect, explainFailure, urlDefault } from "./client.ts";
import { type CommandContext, CommandRefusal } from "./commands/context.ts";
import { handlers } from "./commands/index.ts";
import type { Output } from "./output.ts";
import { parseCommandLine } from "./parse.ts";
import { renderCompletions } from "./render/completions.ts";
import { safeLine } from "./safe-text.ts";

/** Everything outside: replaced in tests. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  listenForInterrupt(): AbortSignal;
  now(): number;
  sleep(ms: number): Promise<void>;
  readFile(path: string): Promise<string>;
  /** null where nobody sits at a terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

/** Carries out one command line. Exit codes: 0 done, 1 refused or failed, 2 not understood. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output, environment } = surroundings;
  const parsed = parseCommandLine(argv);
  switch (parsed.kind) {
    case "help":
      output.stdout(renderCompletions(parsed.completions));
      return 0;
    case "usage":
      output.stderr(`leasewire: ${safeLine(parsed.message)}\n${renderCompletions(parsed.completions)}`);
      return 2;
    case "command":
      break;
  }
  const connection: Connection = {
    url: environment.LEASEWIRE_URL || urlDefault,
    token: environment.LEASEWIRE_TOKEN || undefined,
  };
  if (!URL.canParse(connection.url) || !/^https?:/.test(connection.url)) {
    output.stderr(`leasewire: LEASEWIRE_URL is "${safeLine(connection.url)}": write it like ${urlDefault}\n`);
    return 1;
  }
  const context: CommandContext = {
    client: connect(connection),
    connection,
    arguments: parsed.arguments,
    json: parsed.json,
    output,
    now: surroundings.now,
    sleep: surroundings.sleep,
    readFile: surroundings.readFile,
    ask: surroundings.ask,
    listenForInterrupt: surroundings.listenForInterrupt,
  };
  try {
    return await handlers[parsed.command.id](context);
  } catch (error) {
    const sentence = error instanceof CommandRefusal ? error.message : explainFailure(error, connection);
    output.stderr(`leasewire: ${safeLine(sentence)}\n`);
    return 1;
  }
}

/** The command line of this process. */
export async function main(argv: readonly string[]): Promise<number> {
  // The reader went away (`leasewire show … | head`): there is nobody left to write to.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return await run(argv, {
    environment: process.env,
    listenForInterrupt: () => {
      const interrupt = new AbortController();
      process.once("SIGINT", () => interrupt.abort());
      return interrupt.signal;
    },
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    readFile: readConfiguration,
    ask: process.stdin.isTTY === true && process.stderr.isTTY === true ? askOnTerminal : null,
    output: {
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
      drained: () => new Promise((resolve) => process.stdout.write("", () => resolve())),
      progressOnStderr: process.stderr.isTTY === true,
    },
  });
}

/** Only a plain yes is one; the end of input and an interrupt are no. */
async function askOnTerminal(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  lines.once("close", () => ended.abort());
  try {
    return /^y(es)?$/i.test((await lines.question(question, { signal: ended.signal })).trim());
  } catch {
    process.stderr.write("\n");
    return false;
  } finally {
    lines.close();
  }
}

async function readConfiguration(path: string): Promise<string> {
  if (path === "-") return await readAll(process.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = { ENOENT: "there is no such file", EACCES: "it may not be read", EISDIR: "it is a folder" }[
      code ?? ""
    ];
    throw new CommandRefusal(`cannot read ${path}: ${reason ?? code}.`);
  }
}
