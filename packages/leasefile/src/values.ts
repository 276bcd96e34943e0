import { hexNibble, ipv4ToBytes, parseIpv4, parseIpv6 } from "@leasewire/net";
import { printableStart } from "./printable.ts";

/** Why a value of a row is refused; thrown inside a parser only, and caught where the row is read. */
export class Refused extends Error {
  readonly what: string;
  readonly remedy: string;
  /** Name of the column or statement. */
  readonly field: string | undefined;

  constructor(what: string, remedy: string, field?: string) {
    super(what);
    this.what = what;
    this.remedy = remedy;
    this.field = field;
  }
}

const quotedLengthMax = 48;

/** A value inside a sentence. */
export function shown(text: string): string {
  const start = printableStart(text.slice(0, quotedLengthMax));
  return `"${start}${text.length > quotedLengthMax ? "…" : ""}"`;
}

export function address4(text: string, field: string): Uint8Array {
  const parsed = parseIpv4(text);
  if (parsed.ok) return ipv4ToBytes(parsed.value);
  throw new Refused(`${field} ${shown(text)} is not an IPv4 address`, "write it like 192.0.2.7", field);
}

export function address6(text: string, field: string): Uint8Array {
  const parsed = parseIpv6(text);
  if (parsed.ok) return parsed.value;
  throw new Refused(`${field} ${shown(text)} is not an IPv6 address`, "write it like 2001:db8::7", field);
}

/** A whole number from 0 to `max`. */
export function number(text: string, field: string, max: number): number {
  let value = 0;
  const { length } = text;
  if (length === 0 || length > 16) throw notNumber(text, field, max);
  for (let i = 0; i < length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) throw notNumber(text, field, max);
    value = value * 10 + digit;
  }
  if (value > max) throw notNumber(text, field, max);
  return value;
}

function notNumber(text: string, field: string, max: number): Refused {
  return new Refused(`${field} ${shown(text)} is not a number from 0 to ${max}`, "write it in decimal digits", field);
}

/** Hex octets: `0x0a1b`, `0a1b`, or with colons (then a single digit is an octet too). */
export function hexOctets(text: string, field: string, octetsMin: number, octetsMax: number): Uint8Array {
  const octets = text.includes(":") ? separatedHex(text) : plainHex(text);
  if (octets === undefined) {
    throw new Refused(`${field} ${shown(text)} is not hex`, "write two hex digits for each octet", field);
  }
  if (octets.length < octetsMin || octets.length > octetsMax) {
    const wanted = octetsMin === octetsMax ? `${octetsMin}` : `${octetsMin} to ${octetsMax}`;
    throw new Refused(`${field} has ${octets.length} octets where ${wanted} are possible`, "correct the value", field);
  }
  return octets;
}

function plainHex(text: string): Uint8Array | undefined {
  const start = text.charCodeAt(0) === 48 && (text.charCodeAt(1) | 32) === 120 ? 2 : 0;
  const digits = text.length - start;
  if ((digits & 1) !== 0) return undefined;
  const octets = new Uint8Array(digits >> 1);
  for (let i = 0; i < octets.length; i += 1) {
    const high = hexNibble(text.charCodeAt(start + i * 2));
    const low = hexNibble(text.charCodeAt(start + i * 2 + 1));
    if (high < 0 || low < 0) return undefined;
    octets[i] = (high << 4) | low;
  }
  return octets;
}

function separatedHex(text: string): Uint8Array | undefined {
  let groups = 1;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) === 58) groups += 1;
  const octets = new Uint8Array(groups);
  let group = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 58) {
      if (digits === 0) return undefined;
      group += 1;
      digits = 0;
      continue;
    }
    const nibble = hexNibble(code);
    if (nibble < 0 || digits === 2) return undefined;
    octets[group] = ((octets[group] as number) << 4) | nibble;
    digits += 1;
  }
  return digits === 0 ? undefined : octets;
}

/** Text as its octets in UTF-8. */
export function textOctets(text: string): Uint8Array {
  return encoder.encode(text);
}

const encoder = new TextEncoder();
