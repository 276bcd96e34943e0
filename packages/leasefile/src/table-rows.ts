import type { LeaseFileParser, LeaseFileSink, LeaseRecord, LeaseRefusal } from "./lease-file.ts";
import { leaseFileLimits } from "./limits.ts";
import { type LineHandler, LineReader } from "./lines.ts";
import { printableStart } from "./printable.ts";
import { Refused, shown } from "./values.ts";

/** Gives the field of that column of a row; the empty text where the file has no such column. */
export type Columns = (name: string) => string;

export interface TableFormat {
  /** As the person calls it. */
  readonly name: string;
  readonly required: readonly string[];
  /** Takes a line apart; undefined where it cannot be. */
  split(line: string): string[] | undefined;
  /** Throws `Refused`. `has` tells whether the header names the column. */
  read(field: Columns, has: (name: string) => boolean, line: number): LeaseRecord;
}

/** A file of lines whose first names the columns; the order of the columns is free. */
export class TableRowsParser implements LeaseFileParser {
  readonly #format: TableFormat;
  readonly #lines = new LineReader();
  readonly #columns = new Map<string, number>();
  #columnCount = 0;
  #fields: readonly string[] = [];
  #sink: LeaseFileSink | undefined;
  wrongFormat: LeaseRefusal | undefined;

  readonly #field: Columns = (name) => {
    const index = this.#columns.get(name);
    return index === undefined ? "" : (this.#fields[index] as string);
  };
  readonly #has = (name: string) => this.#columns.has(name);

  constructor(format: TableFormat) {
    this.#format = format;
  }

  readonly #handler: LineHandler = {
    line: (text, number) => this.#row(text, number),
    tooLong: (start, number) => this.#tooLong(start, number),
  };

  get line(): number {
    return this.#lines.number;
  }

  feed(chunk: Uint8Array, sink: LeaseFileSink): void {
    if (this.wrongFormat !== undefined) return;
    this.#sink = sink;
    this.#lines.feed(chunk, this.#handler);
  }

  end(sink: LeaseFileSink): void {
    if (this.wrongFormat !== undefined) return;
    this.#sink = sink;
    this.#lines.end(this.#handler);
    if (this.#columnCount === 0) this.#refuseFormat("", this.#lines.number || 1, "the file is empty");
  }

  #row(text: string, number: number): void {
    if (this.wrongFormat !== undefined || text === "") return;
    if (this.#columnCount === 0) {
      this.#header(text, number);
      return;
    }
    const fields = this.#format.split(text);
    if (fields === undefined) {
      this.#refuse(text, number, undefined, "a quote is not closed", 'write a quote inside quotes as ""');
      return;
    }
    if (fields.length !== this.#columnCount) {
      this.#refuse(
        text,
        number,
        undefined,
        `the row has ${fields.length} field${fields.length === 1 ? "" : "s"} where the header names ${this.#columnCount}`,
        "the row may have been cut off: give each column a field",
      );
      return;
    }
    this.#fields = fields;
    let record: LeaseRecord;
    try {
      record = this.#format.read(this.#field, this.#has, number);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(text, number, this.#columnOf(error.field, text), error.what, error.remedy);
      return;
    }
    this.#sink?.record(record);
  }

  #tooLong(start: string, number: number): void {
    if (this.wrongFormat !== undefined) return;
    if (this.#columnCount === 0) {
      this.#refuseFormat(start, number, "the first line is too long for a header");
      return;
    }
    this.#refuse(
      start,
      number,
      undefined,
      `the line is longer than ${leaseFileLimits.lineOctetsMax} octets`,
      "shorten it",
    );
  }

  #header(text: string, number: number): void {
    const names = this.#format.split(text)?.map((name) => name.trim()) ?? [];
    const { required, name } = this.#format;
    if (names.length > leaseFileLimits.columnsMax) {
      this.#refuseFormat(text, number, `the header names more than ${leaseFileLimits.columnsMax} columns`);
      return;
    }
    const missing = required.filter((column) => !names.includes(column));
    if (missing.length > 0) {
      this.#refuseFormat(
        text,
        number,
        `the first line is not the header of ${name}: it lacks ${missing.map(shown).join(", ")}`,
      );
      return;
    }
    const twice = names.find((column, index) => names.indexOf(column) !== index);
    if (twice !== undefined) {
      this.#refuseFormat(text, number, `the header names the column ${shown(twice)} twice`);
      return;
    }
    for (const [index, column] of names.entries()) this.#columns.set(column, index);
    this.#columnCount = names.length;
  }

  #refuseFormat(text: string, line: number, what: string): void {
    const remedy = `choose the format the file has, or begin it with the names of the columns (${this.#format.required.join(", ")}, …)`;
    this.wrongFormat = { line, what, remedy, text: printableStart(text) };
  }

  #refuse(text: string, line: number, column: number | undefined, what: string, remedy: string): void {
    this.#sink?.refusal({ line, column, what, remedy, text: printableStart(text) });
  }

  /** Where the field begins, counted in the row as it stands in the file. */
  #columnOf(name: string | undefined, text: string): number | undefined {
    const index = name === undefined ? undefined : this.#columns.get(name);
    if (index === undefined) return undefined;
    let at = 0;
    let quoted = false;
    for (let field = 0; field < index && at < text.length; at += 1) {
      const character = text[at];
      if (character === '"') quoted = !quoted;
      else if (character === "," && !quoted) field += 1;
    }
    return at + 1;
  }
}
