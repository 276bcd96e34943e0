import type { MessageField } from "@leasewire/api";

/** Octets per line of a dump, as tcpdump and Wireshark have them. */
export const octetsPerLine = 16;

export interface HexLine {
  readonly offset: number;
  readonly octets: readonly string[];
  /** The same octets as ASCII, `.` for everything that is not printable. */
  readonly ascii: string;
}

/** Two-digit octets of a hex string in any notation (`0x`, colons, blanks). */
export function octetsOfHex(hex: string): readonly string[] {
  return (
    hex
      .replace(/^0x/i, "")
      .replace(/[^0-9a-f]/gi, "")
      .toLowerCase()
      .match(/../g) ?? []
  );
}

export function hexLines(octets: readonly string[]): readonly HexLine[] {
  const lines: HexLine[] = [];
  for (let offset = 0; offset < octets.length; offset += octetsPerLine) {
    const part = octets.slice(offset, offset + octetsPerLine);
    lines.push({ offset, octets: part, ascii: part.map(printable).join("") });
  }
  return lines;
}

/** The innermost field an octet belongs to. */
export function fieldAt(fields: readonly MessageField[], offset: number): MessageField | null {
  for (const field of fields) {
    const inner = field.children === undefined ? null : fieldAt(field.children, offset);
    if (inner !== null) return inner;
    if (offset >= field.offset && offset < field.offset + field.length) return field;
  }
  return null;
}

function printable(octet: string): string {
  const code = Number.parseInt(octet, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
}
