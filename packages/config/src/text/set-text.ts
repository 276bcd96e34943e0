import { quote } from "@leasewire/net";
import { LIMITS } from "../limits.ts";
import { nearest } from "./nearest.ts";
import { type Statement, type TextFinding, textError, tokenizeLine, type Verb } from "./tokens.ts";

const verbs: readonly Verb[] = ["set", "delete", "activate", "deactivate"];

/** One line of text and its number. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** Statements written one a line. What is wrong with a line is found once, and the other lines are read all the same. */
export function readSetText(lines: readonly Line[]): { statements: Statement[]; findings: TextFinding[] } {
  const statements: Statement[] = [];
  const findings: TextFinding[] = [];
  for (const line of lines) {
    const { tokens, error } = tokenizeLine(line.text, line.number, false);
    const text = line.text.trim();
    const [first, ...words] = tokens;
    if (error !== undefined) {
      findings.push({ ...error, statement: shortened(text) });
      continue;
    }
    if (first === undefined) continue;
    const verb = first.quoted ? undefined : verbs.find((known) => known === first.text);
    if (verb === undefined) {
      findings.push(
        textError("text-verb", first, verbMessage(first.text), {
          statement: shortened(text),
        }),
      );
      continue;
    }
    const end = { line: line.number, column: line.text.trimEnd().length + 1 };
    if (words.length === 0) {
      findings.push(
        textError("text-incomplete", end, `"${verb}" needs a statement after it`, { statement: shortened(text) }),
      );
      continue;
    }
    statements.push({ verb, words, start: first, end, text: shortened(text) });
  }
  return { statements, findings };
}

/** A statement as shown in a finding. */
export function shortened(text: string): string {
  return text.length > LIMITS.valueLengthMax ? `${text.slice(0, LIMITS.valueLengthMax)}…` : text;
}

function verbMessage(word: string): string {
  const near = nearest(word, verbs);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return `a statement begins with ${verbs.join(", ")}; ${quote(word)} is none of them${hint}`;
}
