import type { Completion } from "../parse.ts";
import { safeLine } from "../safe-text.ts";

export function renderCompletions(completions: readonly Completion[]): string {
  if (completions.length === 0) return "";
  const width = Math.max(...completions.map((completion) => completion.syntax.length));
  const lines = completions.map(({ syntax, help }) => `  ${syntax.padEnd(width)}  ${safeLine(help)}`.trimEnd());
  return `Possible completions:\n${lines.join("\n")}\n`;
}
