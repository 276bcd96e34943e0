import { LIMITS } from "../limits.ts";
import { type Line, shortened } from "./set-text.ts";
import { type Place, type Statement, type TextFinding, type Token, textError, tokenizeLine } from "./tokens.ts";

interface Block {
  readonly words: readonly Token[];
  readonly open: Token;
  readonly inactive: boolean;
  empty: boolean;
}

/**
 * Curly-brace text as statements: each `words;` is a set of the enclosing words and its own, an empty block a set of its heading,
 * and `inactive:` a deactivate of what it stands before. Bounded depth, no recursion.
 */
export function readBraceText(lines: readonly Line[]): { statements: Statement[]; findings: TextFinding[] } {
  const reader: Reader = { statements: [], findings: [], blocks: [], prefix: [], words: [], wordsText: 0 };
  let inComment = false;
  for (const line of lines) {
    const uncommented = withoutComments(line.text, inComment);
    inComment = uncommented.open;
    const { tokens, error } = tokenizeLine(uncommented.text, line.number, true);
    for (const token of tokens) {
      if (!readToken(reader, token)) return finish(reader);
    }
    if (error !== undefined) {
      // What follows an unreadable word cannot be placed in the tree.
      reader.findings.push({ ...error, statement: shortened(line.text.trim()) });
      return finish(reader);
    }
  }
  const last = lines[lines.length - 1];
  const end: Place = { line: last?.number ?? 1, column: (last?.text.length ?? 0) + 1 };
  if (inComment) reader.findings.push(textError("text-comment", end, 'a comment is not closed: add "*/"'));
  if (reader.words.length > 0) {
    reader.findings.push(
      textError("text-brace", end, `";" is missing after "${wordsText(reader.words)}"`, {
        statement: wordsText(reader.words),
      }),
    );
  }
  const open = reader.blocks[reader.blocks.length - 1];
  if (open !== undefined) {
    reader.findings.push(
      textError("text-brace", open.open, 'this "{" is not closed: add "}"', { statement: wordsText(open.words) }),
    );
  }
  return finish(reader);
}

interface Reader {
  readonly statements: Statement[];
  readonly findings: TextFinding[];
  readonly blocks: Block[];
  /** Words of all open blocks. */
  prefix: Token[];
  words: Token[];
  wordsText: number;
}

function finish(reader: Reader): { statements: Statement[]; findings: TextFinding[] } {
  return { statements: reader.statements, findings: reader.findings };
}

/** Returns false where reading on makes no sense. */
function readToken(reader: Reader, token: Token): boolean {
  switch (token.quoted ? "" : token.text) {
    case "{":
      return openBlock(reader, token);
    case "}":
      return closeBlock(reader, token);
    case ";":
      return endStatement(reader, token);
    default:
      if (reader.prefix.length + reader.words.length >= LIMITS.wordsMax) {
        reader.findings.push(
          textError(
            "text-words-max",
            token,
            `a statement has more than ${LIMITS.wordsMax} words: check for a missing ";"`,
          ),
        );
        return false;
      }
      reader.words.push(token);
      return true;
  }
}

function openBlock(reader: Reader, token: Token): boolean {
  const { inactive, words } = takeWords(reader);
  if (words.length === 0) {
    reader.findings.push(textError("text-brace", token, '"{" has no heading before it'));
    return false;
  }
  if (reader.blocks.length >= LIMITS.depthMax) {
    reader.findings.push(textError("text-depth-max", token, `blocks are nested deeper than ${LIMITS.depthMax}`));
    return false;
  }
  const outer = reader.blocks[reader.blocks.length - 1];
  if (outer !== undefined) outer.empty = false;
  reader.blocks.push({ words, open: token, inactive, empty: true });
  reader.prefix = [...reader.prefix, ...words];
  return true;
}

function closeBlock(reader: Reader, token: Token): boolean {
  if (reader.words.length > 0) {
    const last = reader.words[reader.words.length - 1] as Token;
    reader.findings.push(
      textError("text-brace", token, `";" is missing after "${last.text}"`, { statement: wordsText(reader.words) }),
    );
    return false;
  }
  const block = reader.blocks.pop();
  if (block === undefined) {
    reader.findings.push(textError("text-brace", token, 'this "}" closes nothing: remove it'));
    return false;
  }
  if (block.empty) push(reader, "set", reader.prefix, token);
  if (block.inactive) push(reader, "deactivate", reader.prefix, token);
  reader.prefix = reader.prefix.slice(0, reader.prefix.length - block.words.length);
  return true;
}

function endStatement(reader: Reader, token: Token): boolean {
  const { inactive, words } = takeWords(reader);
  if (words.length === 0) {
    reader.findings.push(textError("text-brace", token, '";" ends nothing: remove it'));
    return true;
  }
  const outer = reader.blocks[reader.blocks.length - 1];
  if (outer !== undefined) outer.empty = false;
  const all = [...reader.prefix, ...words];
  push(reader, "set", all, token);
  if (inactive) push(reader, "deactivate", all, token);
  return true;
}

function takeWords(reader: Reader): { inactive: boolean; words: Token[] } {
  const taken = reader.words;
  reader.words = [];
  const first = taken[0];
  const inactive = first !== undefined && !first.quoted && first.text === "inactive:";
  return { inactive, words: inactive ? taken.slice(1) : taken };
}

function push(reader: Reader, verb: "set" | "deactivate", words: readonly Token[], end: Token): void {
  const start = words[words.length - 1] ?? end;
  reader.statements.push({ verb, words, start, end, text: "" });
}

function wordsText(words: readonly Token[]): string {
  return shortened(words.map((word) => word.text).join(" "));
}

/** The line with `/* … *\/` comments blanked, so that columns stay; `open` if one runs on into the next line. */
function withoutComments(line: string, inComment: boolean): { text: string; open: boolean } {
  if (!inComment && !line.includes("/*")) return { text: line, open: false };
  let text = "";
  let open = inComment;
  let quoted = false;
  let at = 0;
  while (at < line.length) {
    if (open) {
      const end = line.indexOf("*/", at);
      const next = end < 0 ? line.length : end + 2;
      text += " ".repeat(next - at);
      open = end < 0;
      at = next;
      continue;
    }
    const character = line[at] as string;
    if (!quoted && line.startsWith("/*", at)) {
      open = true;
      text += "  ";
      at += 2;
      continue;
    }
    if (!quoted && character === "#" && (at === 0 || /\s/.test(line[at - 1] as string))) break;
    if (character === "\\" && quoted) {
      text += line.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (character === '"') quoted = !quoted;
    text += character;
    at += 1;
  }
  return { text, open };
}
