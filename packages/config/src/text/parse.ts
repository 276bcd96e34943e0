import { type Finding, hasErrors } from "../finding.ts";
import { LIMITS } from "../limits.ts";
import { setStatements } from "../print-set.ts";
import { type ConfigTree, copyTree, EMPTY_TREE } from "../tree.ts";
import { applyStatement } from "./apply.ts";
import { readBraceText } from "./brace-text.ts";
import { type Line, readSetText } from "./set-text.ts";
import { type Statement, type TextFinding, textError } from "./tokens.ts";

export interface Parsed {
  /** The new configuration; the one that came in, unchanged, if any finding is an error. */
  readonly tree: ConfigTree;
  readonly findings: Finding[];
}

/** A whole configuration from text: statements one a line, or Junos curly braces. Never throws. */
export function parseConfiguration(text: string): Parsed {
  return applyStatements(EMPTY_TREE, text);
}

/**
 * The configuration after the statements of `text`. An error anywhere applies nothing.
 * Deleting, activating or deactivating what is not there is a warning.
 */
export function applyStatements(tree: ConfigTree, text: string): Parsed {
  const tooBig = checkSize(text);
  if (tooBig !== undefined) return { tree, findings: [tooBig] };
  const { statements, findings } = readStatements(text);
  if (statements.length > LIMITS.statementsMax) {
    const first = statements[LIMITS.statementsMax] as Statement;
    const message = `the text has ${statements.length} statements, more than ${LIMITS.statementsMax}: load it in parts`;
    return { tree, findings: [textError("text-statements-max", first.start, message)] };
  }
  const changed = copyTree(tree);
  for (const statement of statements) {
    const finding = applyStatement(changed, statement);
    if (finding !== undefined) findings.push(finding);
  }
  if (findings.some((finding) => finding.severity === "error")) return { tree, findings: firstOf(findings) };
  const grown = checkGrowth(changed);
  return grown === undefined
    ? { tree: changed, findings: firstOf(findings) }
    : { tree, findings: [...firstOf(findings), grown] };
}

function readStatements(text: string): { statements: Statement[]; findings: TextFinding[] } {
  const lines: Line[] = [];
  const findings: TextFinding[] = [];
  let number = 0;
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  for (const line of body.split(/\r\n|\n|\r/)) {
    number += 1;
    if (line.length > LIMITS.lineLengthMax) {
      const message = `this line has ${line.length} characters, more than ${LIMITS.lineLengthMax}: split it`;
      findings.push(textError("text-line-length-max", { line: number, column: LIMITS.lineLengthMax + 1 }, message));
    } else {
      lines.push({ text: line, number });
    }
  }
  // Without every line there is no telling what the others mean.
  if (findings.length > 0) return { statements: [], findings };
  return isBraceText(lines) ? readBraceText(lines) : readSetText(lines);
}

/** Decided by the first line that says anything. */
function isBraceText(lines: readonly Line[]): boolean {
  for (const { text } of lines) {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (/^(?:set|delete|activate|deactivate)(?:\s|$)/.test(line)) return false;
    return line.startsWith("/*") || /[{};]\s*(?:#.*|\/\*.*)?$/.test(line);
  }
  return false;
}

function checkSize(text: string): TextFinding | undefined {
  const bytes = text.length * 3 <= LIMITS.textBytesMax ? 0 : utf8Length(text);
  if (bytes <= LIMITS.textBytesMax) return undefined;
  const message = `the text has ${bytes} octets, more than ${LIMITS.textBytesMax}: load it in parts`;
  return textError("text-bytes-max", { line: 1, column: 1 }, message);
}

function checkGrowth(tree: ConfigTree): Finding | undefined {
  const statements = setStatements(tree);
  if (statements.length > LIMITS.statementsMax) {
    return {
      severity: "error",
      rule: "text-statements-max",
      path: "",
      message: `the whole configuration would have ${statements.length} statements, more than ${LIMITS.statementsMax}`,
    };
  }
  let bytes = 0;
  for (const statement of statements) bytes += utf8Length(statement) + 1;
  if (bytes <= LIMITS.textBytesMax) return undefined;
  return {
    severity: "error",
    rule: "text-bytes-max",
    path: "",
    message: `the whole configuration would have ${bytes} octets as set statements, more than ${LIMITS.textBytesMax}`,
  };
}

function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is four octets: two for each half.
    if (unit < 0x80) length += 1;
    else if (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff)) length += 2;
    else length += 3;
  }
  return length;
}

function firstOf(findings: readonly TextFinding[]): Finding[] {
  const ordered = [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
  if (ordered.length <= LIMITS.findingsMax) return ordered;
  const shown: Finding[] = ordered.slice(0, LIMITS.findingsMax);
  const rest = ordered.slice(LIMITS.findingsMax);
  shown.push({
    severity: hasErrors(rest) ? "error" : "warning",
    rule: "text-findings-max",
    path: "",
    message: `${rest.length} further findings are not shown: mend these first`,
  });
  return shown;
}
