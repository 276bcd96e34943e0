import type { LookupAnswer } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import { renderLookup } from "../render/lookup.ts";
import { type CommandContext, CommandRefusal, type ExitCode, printJson } from "./context.ts";
import { instanceSelector } from "./instance.ts";

/** As the API takes them. */
const linesMax = 10_000;
const askedAtOnce = 100;

/** One answer for each line, in order. */
export async function lookup(context: CommandContext): Promise<ExitCode> {
  const lines = await linesOf(context);
  const answers = context.arguments.get(parameters.askServers)
    ? await ask(context, lines)
    : await table(context, lines);
  if (context.json) printJson(context, answers);
  else context.output.stdout(renderLookup(answers, context.now() / 1000));
  return answers.some(({ result }) => result === "unreadable" || result === "failed") ? 1 : 0;
}

async function linesOf({ arguments: given, readFile }: CommandContext): Promise<readonly string[]> {
  const key = given.get(parameters.lookupKey);
  if (key !== undefined) return [key];
  const lines = (await readFile(given.get(parameters.lookupFile)!)).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new CommandRefusal("there is nothing to look up: write one key a line.");
  if (lines.length > linesMax) {
    throw new CommandRefusal(
      `the file has ${lines.length} lines, and ${linesMax} are looked up at a time: cut it in parts.`,
    );
  }
  return lines;
}

async function table(context: CommandContext, lines: readonly string[]): Promise<readonly LookupAnswer[]> {
  const { answers } = await context.client.lookups.run.mutate({ lines: [...lines], ...selector(context) });
  return answers;
}

/** Servers are asked for a few lines at a time, so that one sees how far it is and may stop. */
async function ask(context: CommandContext, lines: readonly string[]): Promise<readonly LookupAnswer[]> {
  const { client, arguments: given, output } = context;
  const interrupted = context.listenForInterrupt();
  const answers: LookupAnswer[] = [];
  for (let from = 0; from < lines.length; from += askedAtOnce) {
    if (interrupted.aborted) {
      output.stderr(`leasewire: stopped after ${from} of ${lines.length} lines.\n`);
      break;
    }
    const more = await client.lookups.ask.mutate({
      lines: lines.slice(from, from + askedAtOnce),
      ...selector(context),
      serverAddress: given.get(parameters.serverAddress),
      serverGroup: given.get(parameters.serverGroup),
      gatewayAddress: given.get(parameters.gatewayAddress),
    });
    answers.push(...more.answers);
    if (output.progressOnStderr) {
      output.stderr(`\r\u001b[2K${Math.min(from + askedAtOnce, lines.length)} of ${lines.length} lines`);
    }
  }
  if (output.progressOnStderr) output.stderr("\r\u001b[2K");
  return answers;
}

function selector({ arguments: given }: CommandContext) {
  const family = given.get(parameters.exportFamily);
  return {
    ...instanceSelector(given),
    family: family === undefined ? undefined : family === "4" ? (4 as const) : (6 as const),
  };
}
