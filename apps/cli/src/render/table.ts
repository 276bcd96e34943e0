import { safeLine } from "../safe-text.ts";

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null | undefined;
  readonly align?: "left" | "right";
}

/** Columns two blanks apart, each as wide as its widest value; no blanks at line ends. Values are made safe. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], indent = ""): string {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => safeLine(String(column.value(row) ?? "-")))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => displayWidth(line[i]!))));
  return cells
    .map((line) => {
      const text = line.map((cell, i) => pad(cell, widths[i]!, columns[i]!.align ?? "left")).join("  ");
      return `${indent}${text}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** `Name:` padded to one width, then the value. Entries without a value are left out. */
export function renderFields(fields: readonly (readonly [string, string | number | null])[], indent = ""): string {
  const present = fields.filter(([, value]) => value !== null);
  const width = Math.max(0, ...present.map(([name]) => name.length + 1));
  return present.map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}  ${safeLine(String(value))}\n`).join("");
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "right" ? blanks + text : text + blanks;
}

/** Characters rather than code units; wide scripts are rare in these tables. */
function displayWidth(text: string): number {
  let width = 0;
  for (const _ of text) width += 1;
  return width;
}
