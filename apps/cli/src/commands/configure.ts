import type { CandidateView, CheckResult } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import { renderFindings, renderHistory } from "../render/configuration.ts";
import { utcTextMs } from "../render/time.ts";
import { safeLine, safeText } from "../safe-text.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";

export async function configureLoad(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const text = await context.readFile(given.get(parameters.file)!);
  const mode = given.get(parameters.setMode) ? "apply" : "replace";
  const result = await client.configuration.load.mutate({ text, mode });
  const done = result.candidate.changed
    ? "load complete: `configure compare` shows the changes, `configure commit` puts them into effect."
    : "load complete: the candidate equals the active configuration.";
  return reportChecked(context, result, done, "load refused: nothing was changed.");
}

export async function configureCheck(context: CommandContext): Promise<ExitCode> {
  const result = await context.client.configuration.check.mutate({});
  return reportChecked(context, result, "configuration check succeeds", "configuration check failed");
}

export async function configureCompare(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const rollback = given.get(parameters.compareRollback) ?? 0;
  const result = await client.configuration.compare.mutate({ rollback });
  if (context.json) printJson(context, result);
  else if (result.diff === "") context.output.stdout("No difference.\n");
  else context.output.stdout(withLineEnd(safeText(result.diff)));
  return 0;
}

export async function configureCommit(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const result = await client.configuration.commit.mutate({
    comment: given.get(parameters.comment),
    confirmedMinutes: given.get(parameters.confirmed),
  });
  const until = result.confirmBeforeMs;
  const done =
    until === null
      ? "commit complete"
      : `commit complete: it goes back by itself at ${utcTextMs(until)} unless \`configure commit\` confirms it before.`;
  return reportChecked(context, result, done, "commit refused: the active configuration is unchanged.");
}

export async function configureRollback(context: CommandContext): Promise<ExitCode> {
  const candidate = await context.client.configuration.rollback.mutate({
    number: context.arguments.get(parameters.rollbackNumber)!,
  });
  return reportCandidate(context, candidate, "load complete");
}

export async function configureDiscard(context: CommandContext): Promise<ExitCode> {
  return reportCandidate(context, await context.client.configuration.discard.mutate(), "changes discarded");
}

export async function configureShow(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const [active, candidate] = await Promise.all([
    client.configuration.active.query({}),
    client.configuration.candidate.query({}),
  ]);
  if (given.get(parameters.candidate)) {
    if (context.json) printJson(context, candidate);
    else output.stdout(withLineEnd(safeText(candidate.text)));
    return 0;
  }
  if (context.json) {
    printJson(context, active);
    return 0;
  }
  output.stdout(withLineEnd(safeText(given.get(parameters.showSet) ? active.text : active.braces)));
  if (candidate.changed) {
    const who = candidate.changedBy === null ? "" : ` by ${safeLine(candidate.changedBy)}`;
    output.stderr(`The candidate was changed${who} and is not in effect yet: \`configure compare\` shows how.\n`);
  }
  return 0;
}

export async function configureHistory(context: CommandContext): Promise<ExitCode> {
  const history = await context.client.configuration.history.query();
  if (context.json) printJson(context, history);
  else context.output.stdout(history.length === 0 ? "Nothing was committed yet.\n" : renderHistory(history));
  return 0;
}

function reportChecked(context: CommandContext, result: CheckResult, done: string, refused: string): ExitCode {
  if (context.json) {
    printJson(context, result);
  } else {
    const { output } = context;
    if (result.findings.length > 0) output.stderr(renderFindings(result.findings));
    if (result.ok) output.stdout(`${done}\n`);
    else output.stderr(`${refused}\n`);
  }
  return result.ok ? 0 : 1;
}

function reportCandidate(context: CommandContext, candidate: CandidateView, done: string): ExitCode {
  if (context.json) printJson(context, candidate);
  else {
    const state = candidate.changed
      ? "`configure compare` shows the changes, `configure commit` puts them into effect."
      : "the candidate equals the active configuration.";
    context.output.stdout(`${done}: ${state}\n`);
  }
  return 0;
}

function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
