import { leaseFileLimits } from "./limits.ts";

export interface StatementHandler {
  /** One statement of the outermost level, whole, each octet as one character. `line` is that of its first word. */
  statement(text: string, line: number): void;
  /** A statement that does not end, or not as it should; `text` is what there is of it. */
  broken(text: string, line: number, what: "unfinished" | "too-long" | "string"): void;
}

/**
 * Words with which dhcpd begins a statement at the beginning of a line, and only there. One of them inside a block means
 * that what went before was cut off: dhcpd was stopped while it wrote, and went on behind it later.
 */
const openers = new Set(["lease", "ia-na", "ia-ta", "ia-pd", "server-duid", "authoring-byte-order", "failover"]);
const openerLengthMax = 20;

/** Takes a dhcpd lease file apart into the statements of its outermost level; it holds one at a time. */
export class StatementReader {
  readonly #text: Uint8Array = new Uint8Array(leaseFileLimits.statementOctetsMax);
  #length = 0;
  #line = 1;
  #startLine = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inComment = false;
  /** What was too long or broken is left out up to the next opener. */
  #skipping = false;
  /** Where in `#text` the line began; 0: with the statement itself. */
  #wordAt = 0;
  /** The same while what is read is not kept. */
  #skippedWord = "";
  #atLineStart = true;
  #started = false;

  get line(): number {
    return this.#line;
  }

  feed(chunk: Uint8Array, handler: StatementHandler): void {
    let from = 0;
    if (!this.#started) from = this.#byteOrderMark(chunk, handler);
    for (let i = from; i < chunk.length; i += 1) this.#octet(chunk[i] as number, handler);
  }

  end(handler: StatementHandler): void {
    if (!this.#started) for (const octet of this.#mark) this.#octet(octet, handler);
    if (this.#length > 0) this.#break("unfinished", handler);
  }

  #mark: number[] = [];

  /** A mark may come in pieces; gives where in the chunk to go on. */
  #byteOrderMark(chunk: Uint8Array, handler: StatementHandler): number {
    const mark = [0xef, 0xbb, 0xbf];
    let at = 0;
    while (at < chunk.length && this.#mark.length < 3 && chunk[at] === mark[this.#mark.length]) {
      this.#mark.push(chunk[at] as number);
      at += 1;
    }
    if (this.#mark.length === 3) {
      this.#started = true;
      this.#mark = [];
    } else if (at < chunk.length) {
      this.#started = true;
      for (const octet of this.#mark) this.#octet(octet, handler);
      this.#mark = [];
    }
    return at;
  }

  #octet(octet: number, handler: StatementHandler): void {
    if (octet === 10) {
      if (this.#inString) this.#break("string", handler);
      this.#inComment = false;
      if (this.#depth > 0 || this.#length > 0) this.#add(octet, handler);
      this.#line += 1;
      this.#atLineStart = true;
      this.#wordAt = this.#length;
      this.#skippedWord = "";
      return;
    }
    if (this.#skipping) {
      this.#lookForOpener(octet);
      if (this.#skipping) return;
    } else if (this.#atLineStart && this.#wordAt > 0 && !this.#inString) {
      this.#checkOpener(octet, handler);
    }
    if (this.#inComment) return;
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (octet === 0x5c) this.#escaped = true;
      else if (octet === 0x22) this.#inString = false;
      this.#add(octet, handler);
      return;
    }
    switch (octet) {
      case 0x23: // #
        this.#inComment = true;
        return;
      case 0x22: // "
        this.#inString = true;
        break;
      case 0x7b: // {
        this.#depth += 1;
        break;
      case 0x7d: // }
        if (this.#depth > 0) this.#depth -= 1;
        this.#add(octet, handler);
        if (this.#depth === 0) this.#finish(handler);
        return;
      case 0x3b: // ;
        this.#add(octet, handler);
        if (this.#depth === 0) this.#finish(handler);
        return;
      case 0x20:
      case 0x09:
      case 0x0d:
        if (this.#length === 0) return;
    }
    this.#add(octet, handler);
  }

  /** While a line inside a block may begin with an opener: once its first word has ended, decides. */
  #checkOpener(octet: number, handler: StatementHandler): void {
    if (isWordOctet(octet)) {
      if (this.#length - this.#wordAt >= openerLengthMax) this.#atLineStart = false;
      return;
    }
    this.#atLineStart = false;
    if (octet !== 0x20 && octet !== 0x09) return;
    const word = characters(this.#text, this.#wordAt, this.#length);
    if (!openers.has(word)) return;
    this.#length = this.#wordAt;
    this.#break("unfinished", handler);
    this.#restart(word);
  }

  #lookForOpener(octet: number): void {
    if (!this.#atLineStart) return;
    if (isWordOctet(octet)) {
      this.#skippedWord += String.fromCharCode(octet);
      if (this.#skippedWord.length > openerLengthMax) this.#atLineStart = false;
      return;
    }
    this.#atLineStart = false;
    if ((octet === 0x20 || octet === 0x09) && openers.has(this.#skippedWord)) this.#restart(this.#skippedWord);
  }

  #restart(word: string): void {
    this.#skipping = false;
    this.#startLine = this.#line;
    for (let i = 0; i < word.length; i += 1) this.#text[i] = word.charCodeAt(i);
    this.#length = word.length;
    this.#skippedWord = "";
  }

  #add(octet: number, handler: StatementHandler): void {
    if (this.#skipping) return;
    if (this.#length === 0) this.#startLine = this.#line;
    if (this.#length === this.#text.length) {
      this.#break("too-long", handler);
      return;
    }
    this.#text[this.#length] = octet;
    this.#length += 1;
  }

  #finish(handler: StatementHandler): void {
    const length = this.#length;
    this.#length = 0;
    if (length > 0 && !this.#skipping) handler.statement(characters(this.#text, 0, length), this.#startLine);
  }

  #break(what: "unfinished" | "too-long" | "string", handler: StatementHandler): void {
    const text = characters(this.#text, 0, Math.min(this.#length, 512));
    this.#length = 0;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#skipping = true;
    this.#skippedWord = "";
    this.#atLineStart = false;
    handler.broken(text, this.#startLine, what);
  }
}

function isWordOctet(octet: number): boolean {
  return (octet >= 0x61 && octet <= 0x7a) || octet === 0x2d;
}

function characters(octets: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at += 4096) {
    text += String.fromCharCode(...octets.subarray(at, Math.min(to, at + 4096)));
  }
  return text;
}
