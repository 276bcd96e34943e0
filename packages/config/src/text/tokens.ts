import { quote } from "@leasewire/net";
import type { Finding } from "../finding.ts";
import { LIMITS } from "../limits.ts";

/** A word of configuration text with the place it was written at, 1-based. */
export interface Token {
  readonly text: string;
  /** Written in quotes: never a keyword, always a value. */
  readonly quoted: boolean;
  readonly line: number;
  readonly column: number;
}

export type Verb = "set" | "delete" | "activate" | "deactivate";

/** One change to a configuration. */
export interface Statement {
  readonly verb: Verb;
  readonly words: readonly Token[];
  /** Where the statement begins and, for messages about its end, where it ends. */
  readonly start: Place;
  readonly end: Place;
  readonly text: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface TextFinding extends Finding {
  readonly line: number;
  readonly column: number;
}

export function textError(
  rule: string,
  place: Place,
  message: string,
  more: { path?: string; statement?: string; remedy?: string } = {},
): TextFinding {
  return { severity: "error", rule, path: more.path ?? "", message, line: place.line, column: place.column, ...more };
}

/** Characters that separate or group, so that a word with one of them needs quotes. */
const groupers = "{};[]";

/**
 * The words of one line. `[` and `]` are words of their own; `{`, `}` and `;` too if `braces`, otherwise they are refused.
 * A `#` at the beginning of a word starts a comment.
 */
export function tokenizeLine(
  line: string,
  lineNumber: number,
  braces: boolean,
): { tokens: Token[]; error?: TextFinding } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === " " || character === "\t") {
      at += 1;
      continue;
    }
    if (character === "#") break;
    const place = { line: lineNumber, column: at + 1 };
    if (tokens.length >= LIMITS.wordsMax) {
      return {
        tokens,
        error: textError("text-words-max", place, `one line has more than ${LIMITS.wordsMax} words: split it`),
      };
    }
    if (character === '"') {
      const read = readQuoted(line, at, place);
      if (read.error !== undefined) return { tokens, error: read.error };
      tokens.push({ text: read.text, quoted: true, ...place });
      at = read.next;
      continue;
    }
    if (groupers.includes(character)) {
      if (!braces && character !== "[" && character !== "]") {
        return {
          tokens,
          error: textError(
            "text-unexpected-character",
            place,
            `"${character}" does not belong in a set statement: one statement a line, without braces or semicolon; a value that contains it needs quotes`,
          ),
        };
      }
      tokens.push({ text: character, quoted: false, ...place });
      at += 1;
      continue;
    }
    const read = readWord(line, at, place);
    if (read.error !== undefined) return { tokens, error: read.error };
    tokens.push({ text: read.text, quoted: false, ...place });
    at = read.next;
  }
  return { tokens };
}

interface Read {
  readonly text: string;
  readonly next: number;
  readonly error?: TextFinding;
}

function readWord(line: string, start: number, place: Place): Read {
  let at = start;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === " " || character === "\t" || groupers.includes(character)) break;
    if (character === '"') {
      return failed(
        textError(
          "text-quote",
          { line: place.line, column: at + 1 },
          "a quote begins in the middle of a word: quote the whole value",
        ),
      );
    }
    at += 1;
  }
  const text = line.slice(start, at);
  return badCharacter(text, place) ?? { text, next: at };
}

function readQuoted(line: string, start: number, place: Place): Read {
  let text = "";
  let at = start + 1;
  while (at < line.length) {
    const character = line[at] as string;
    if (character === '"') {
      const following = line[at + 1];
      if (following !== undefined && following !== " " && following !== "\t" && !groupers.includes(following)) {
        return failed(
          textError(
            "text-quote",
            { line: place.line, column: at + 2 },
            'text follows a closing quote without a blank: a quote inside a value is written \\"',
          ),
        );
      }
      return badCharacter(text, place) ?? { text, next: at + 1 };
    }
    if (character === "\\") {
      const escaped = line[at + 1];
      if (escaped !== '"' && escaped !== "\\") {
        return failed(
          textError(
            "text-escape",
            { line: place.line, column: at + 1 },
            'a backslash in quotes stands before " or \\ only: write \\\\ for a backslash',
          ),
        );
      }
      text += escaped;
      at += 2;
      continue;
    }
    text += character;
    at += 1;
  }
  return failed(textError("text-quote", place, 'this quote is not closed: add " at the end of the value'));
}

function badCharacter(text: string, place: Place): Read | undefined {
  const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.exec(text);
  if (control !== null) {
    return failed(
      textError("text-control-character", place, `${quote(text)} contains a control character: values are one line`),
    );
  }
  if (!text.isWellFormed()) {
    return failed(textError("text-unicode", place, `${quote(text)} is not well-formed Unicode: write it again`));
  }
  return undefined;
}

function failed(error: TextFinding): Read {
  return { text: "", next: 0, error };
}

const bareWord = /^[^\s"\\#{};[\]][^\s"\\{};[\]]*$/u;

/** A value as it has to be written: in quotes where it would otherwise be read as something else. */
export function writeWord(text: string): string {
  if (bareWord.test(text) && text !== "inactive:" && !text.includes("/*")) return text;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
