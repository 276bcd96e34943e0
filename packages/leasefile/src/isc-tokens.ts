/** A word, a string (its octets as characters, escapes resolved) or one of `{ } ; = ,`. */
export interface Token {
  readonly kind: "word" | "string" | "mark";
  readonly text: string;
}

/** One statement inside a block: its words up to `;`, or up to `{` and then what the braces hold. */
export interface Statement {
  readonly words: readonly Token[];
  readonly block: readonly Statement[] | undefined;
}

/** Blocks inside one another: deeper ones are left out, and nothing we read stands so deep. */
const depthMax = 8;

/** The statement of a text that `StatementReader` gave: strings are closed, braces match or are missing at the end. */
export function readStatement(text: string): Statement {
  const [statement] = readBlock(tokens(text), { at: 0 }, 0);
  return statement ?? { words: [], block: undefined };
}

function readBlock(list: readonly Token[], place: { at: number }, depth: number): Statement[] {
  const statements: Statement[] = [];
  let words: Token[] = [];
  while (place.at < list.length) {
    const token = list[place.at] as Token;
    place.at += 1;
    if (token.kind === "mark" && token.text === "}") break;
    if (token.kind === "mark" && token.text === ";") {
      if (words.length > 0) statements.push({ words, block: undefined });
      words = [];
    } else if (token.kind === "mark" && token.text === "{") {
      const block = depth < depthMax ? readBlock(list, place, depth + 1) : skipBlock(list, place);
      statements.push({ words, block });
      words = [];
    } else words.push(token);
  }
  if (words.length > 0) statements.push({ words, block: undefined });
  return statements;
}

function skipBlock(list: readonly Token[], place: { at: number }): Statement[] {
  for (let depth = 1; place.at < list.length && depth > 0; place.at += 1) {
    const token = list[place.at] as Token;
    if (token.kind !== "mark") continue;
    if (token.text === "{") depth += 1;
    if (token.text === "}") depth -= 1;
  }
  return [];
}

const word = /[^\s"{};=,]+/y;
const string = /"((?:[^"\\]|\\[\s\S])*)"?/y;

function tokens(text: string): Token[] {
  const list: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string;
    if (character === '"') {
      string.lastIndex = at;
      const found = string.exec(text);
      // A string without an end has been refused before; this keeps the loop from standing still.
      if (found === null) return list;
      list.push({ kind: "string", text: unescapedString(found[1] as string) });
      at = string.lastIndex;
    } else if ("{};=,".includes(character)) {
      list.push({ kind: "mark", text: character });
      at += 1;
    } else {
      word.lastIndex = at;
      const found = word.exec(text);
      if (found === null) at += 1;
      else {
        list.push({ kind: "word", text: found[0] });
        at = word.lastIndex;
      }
    }
  }
  return list;
}

const named: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n", b: "\b" };

/** Escapes of dhcpd's strings: `\ooo` (one to three octal digits), `\xhh`, `\t \r \n \b`, and any other character for itself. */
function unescapedString(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:([0-3][0-7]{0,2}|[4-7][0-7]?)|x([0-9a-fA-F]{1,2})|([\s\S]))/g,
    (_, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return named[other as string] ?? (other as string);
    },
  );
}
