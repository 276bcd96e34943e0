import { applyStatements, type Finding, hasErrors, parseConfiguration, printBraces, printSet } from "@leasewire/config";

/** How a configuration is written: statements one a line, or Junos curly braces. Both can be edited. */
export const textViews = ["set", "braces"] as const;
export type TextView = (typeof textViews)[number];

export type Rewritten =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly finding: Finding };

/** The same configuration in the other notation; refused while the text has an error, since half of it would be lost. */
export function rewrite(text: string, view: TextView): Rewritten {
  const { tree, findings } = parseConfiguration(text);
  const error = findings.find((finding) => finding.severity === "error");
  if (error !== undefined) return { ok: false, finding: error };
  return { ok: true, text: view === "set" ? printSet(tree) : printBraces(tree) };
}

/**
 * The text with a finding mended. A statement that cannot be read is replaced where it stands; anything else is entered
 * as a person would.
 */
export function mended(text: string, finding: Finding, view: TextView): Rewritten {
  const { remedy = "", line } = finding;
  if (line === undefined || !replacesStatement(text, finding)) return withRemedy(text, remedy, view);
  const lines = text.split("\n");
  lines[line - 1] = remedy;
  return { ok: true, text: lines.join("\n") };
}

/** Whether the remedy takes the place of the statement it is about. */
export function replacesStatement(text: string, finding: Finding): boolean {
  const { line, statement } = finding;
  return line !== undefined && statement !== undefined && text.split("\n")[line - 1]?.trim() === statement.trim();
}

/**
 * The text with a remedy carried out. A `set` statement goes behind the line it has most words in common
 * with, so that comments and order stay; everything else is applied to the whole and written anew.
 */
export function withRemedy(text: string, remedy: string, view: TextView): Rewritten {
  const placed = view === "set" && remedy.startsWith("set ") ? insertStatement(text, remedy) : undefined;
  // The inserted line has to be understood where it stands; if not, the other way says why.
  const read = placed === undefined ? undefined : parseConfiguration(placed);
  if (placed !== undefined && read !== undefined && !hasErrors(read.findings)) {
    return { ok: true, text: withoutOverridden(placed, remedy, printSet(read.tree)) };
  }
  const before = parseConfiguration(text);
  // A text with an error of its own can still get a line; the remedy is often what mends that error.
  if (hasErrors(before.findings) && placed !== undefined) return { ok: true, text: placed };
  const after = applyStatements(before.tree, remedy);
  const error = [...before.findings, ...after.findings].find((finding) => finding.severity === "error");
  if (error !== undefined) return { ok: false, finding: error };
  return { ok: true, text: view === "set" ? printSet(after.tree) : printBraces(after.tree) };
}

function insertStatement(text: string, statement: string): string {
  const lines = text.split("\n");
  if (lines.some((line) => line.trim() === statement)) return text;
  const words = statement.split(" ");
  let best = { at: -1, common: 1 };
  lines.forEach((line, at) => {
    const common = commonWords(words, line.trim().split(/\s+/));
    if (common >= best.common && common > 1) best = { at, common };
  });
  const end = lines[lines.length - 1] === "" ? lines.length - 1 : lines.length;
  lines.splice(best.at < 0 ? end : best.at + 1, 0, statement);
  return lines.join("\n");
}

/** A value that the remedy replaces would stay as a line without effect: only its last word differs, and it is not in force. */
function withoutOverridden(text: string, remedy: string, canonical: string): string {
  const inForce = new Set(canonical.split("\n"));
  const head = remedy.slice(0, remedy.lastIndexOf(" ") + 1);
  const overridden = (line: string) =>
    line !== remedy && line.startsWith(head) && !line.slice(head.length).includes(" ") && !inForce.has(line);
  return text
    .split("\n")
    .filter((line) => !overridden(line.trim()))
    .join("\n");
}

function commonWords(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count += 1;
  return count;
}

/** Where a finding belongs in the text: 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** False: the nearest line, since the finding is about something that is not written. */
  readonly exact: boolean;
}

/** A finding about the text knows its place; one of the commit check knows a path, which is looked up. */
export function placeOf(finding: Finding, text: string): Place | null {
  if (finding.line !== undefined) return { line: finding.line, column: finding.column ?? 1, exact: true };
  if (finding.path === "") return null;
  const words = finding.path.split(" ");
  let best: { line: number; common: number } | null = null;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const [verb, ...rest] = line.trim().split(/\s+/);
    if (verb !== "set") continue;
    const common = commonWords(words, rest);
    if (common > (best?.common ?? 0)) best = { line: index + 1, common };
  }
  if (best === null) return null;
  const indent = /^\s*/.exec(lines[best.line - 1] ?? "")?.[0].length ?? 0;
  return { line: best.line, column: indent + 1, exact: best.common === words.length };
}

/** Whether two texts say the same; spacing, order and comments aside. Texts that cannot be read are compared letter by letter. */
export function saysTheSame(one: string, other: string): boolean {
  if (one === other) return true;
  const first = rewrite(one, "set");
  const second = rewrite(other, "set");
  return first.ok && second.ok && first.text === second.text;
}
