import { leaseFileLimits } from "./limits.ts";

/** The beginning of a row as it may be shown anywhere: what is not printable ASCII becomes `\u{…}`. */
export function printableStart(text: string): string {
  let out = "";
  for (const character of text) {
    if (out.length >= leaseFileLimits.refusedTextLengthMax) return `${out}…`;
    const code = character.codePointAt(0) ?? 0;
    out += code >= 0x20 && code <= 0x7e ? character : `\\u{${code.toString(16)}}`;
  }
  return out;
}
