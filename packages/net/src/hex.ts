import { quote, type Result, refuse } from "./result.ts";

/** Longest text accepted as hex: more than any option, identifier or raw message needs (65535 octets with separators). */
export const hexTextLengthMax = 200_000;

const digits = "0123456789abcdef";

/**
 * Octets from hex in any usual notation: `0x0a1b`, `0a1b`, `0a:1b`, `0a-1b`, `0a 1b`; with a separator an octet may have one digit.
 * The empty text gives no octets. Errors: `hex-digit`, `hex-odd`, `hex-separator`, `hex-long`.
 */
export function parseHex(text: string): Result<Uint8Array> {
  const trimmed = text.trim();
  if (trimmed.length > hexTextLengthMax)
    return refuse("hex-long", `hex text is longer than ${hexTextLengthMax} characters: shorten it`);
  const body = trimmed.startsWith("0x") || trimmed.startsWith("0X") ? trimmed.slice(2) : trimmed;
  const separator = /[:\- ]/.exec(body)?.[0];
  return separator === undefined ? parsePlain(body, text) : parseSeparated(body, separator, text);
}

/** Lower-case hex, two digits an octet. */
export function formatHex(bytes: Uint8Array, separator = ""): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 1) {
    const octet = bytes[i] as number;
    if (i > 0) out += separator;
    out += (digits[octet >> 4] as string) + (digits[octet & 15] as string);
  }
  return out;
}

function parsePlain(body: string, whole: string): Result<Uint8Array> {
  if (body.length % 2 !== 0 && /^[0-9a-fA-F]+$/.test(body)) {
    return refuse(
      "hex-odd",
      `${quote(whole)} has an odd number of hex digits: write two digits for each octet, such as 0a`,
    );
  }
  const bytes = new Uint8Array(body.length >> 1);
  for (let i = 0; i < body.length; i += 1) {
    const nibble = hexNibble(body.charCodeAt(i));
    if (nibble < 0) return refuseDigit(whole, body, i);
    bytes[i >> 1] = ((bytes[i >> 1] as number) << 4) | nibble;
  }
  return { ok: true, value: bytes };
}

function parseSeparated(body: string, separator: string, whole: string): Result<Uint8Array> {
  const groups = body.split(separator);
  const bytes = new Uint8Array(groups.length);
  for (const [i, group] of groups.entries()) {
    if (group.length === 0) {
      return refuse(
        "hex-separator",
        `${quote(whole)} has a "${separator}" without an octet beside it: remove it or write the missing octet`,
      );
    }
    for (let j = 0; j < group.length; j += 1) {
      const nibble = hexNibble(group.charCodeAt(j));
      if (nibble < 0) {
        return /[:\- ]/.test(group[j] as string)
          ? refuse("hex-separator", `${quote(whole)} mixes separators: use either ":" or "-" throughout`)
          : refuseDigit(whole, group, j);
      }
      bytes[i] = ((bytes[i] as number) << 4) | nibble;
    }
    if (group.length > 2) {
      return refuse(
        "hex-separator",
        `${quote(whole)} has the group ${quote(group)} of ${group.length} digits: write one octet (two digits) between separators`,
      );
    }
  }
  return { ok: true, value: bytes };
}

function refuseDigit(whole: string, body: string, at: number): Result<never> {
  const character = String.fromCodePoint(body.codePointAt(at) ?? 0);
  return refuse("hex-digit", `${quote(whole)} is not hex: ${quote(character)} is not one of 0-9 and a-f`);
}

/** Value of one hex digit by its character code, -1 for any other character. */
export function hexNibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}
