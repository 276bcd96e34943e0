import { formatHex, parseHex } from "./hex.ts";
import { quote, type Result, refuse } from "./result.ts";

const asciiMark = "ascii:";

/**
 * Octets that a client or relay chose, made safe to show. Plain printable ASCII is returned as it is; everything else as `0x…`:
 * control characters, quotes, backslashes, anything above 0x7e (so no bidirectional tricks, no look-alikes), text with a blank at
 * either end, and text that itself begins with `0x` and would read as hex. No octets give the empty text.
 */
export function formatOpaque(bytes: Uint8Array): string {
  return isPlainText(bytes) && !startsLikeHex(bytes)
    ? asciiText(bytes)
    : bytes.length === 0
      ? ""
      : `0x${formatHex(bytes)}`;
}

/**
 * Octets from a person: `ascii:NAME`, or hex in any notation of `parseHex`. `name` is what the refusal calls it.
 * Errors: `opaque-empty`, `opaque-short`, `opaque-long`, `opaque-ascii`, `opaque-hex`.
 */
export function parseOpaque(text: string, name: string, lengthMin: number, lengthMax: number): Result<Uint8Array> {
  const trimmed = text.trim();
  if (trimmed === "") return refuse("opaque-empty", `the ${name} is empty: write hex such as 0x0a1b, or ascii:NAME`);
  const parsed = trimmed.startsWith(asciiMark)
    ? parseAscii(trimmed.slice(asciiMark.length), name)
    : parseHexOf(trimmed, name);
  if (!parsed.ok) return parsed;
  const { length } = parsed.value;
  if (length < lengthMin) {
    return refuse(
      "opaque-short",
      `the ${name} ${quote(text)} has ${octets(length)}: at least ${octets(lengthMin)} are needed`,
    );
  }
  if (length > lengthMax)
    return refuse(
      "opaque-long",
      `the ${name} ${quote(text)} has ${octets(length)}: at most ${octets(lengthMax)} are allowed`,
    );
  return parsed;
}

/** The text that `parseOpaque` reads back to the same octets: `ascii:NAME` where that is safe to show, otherwise hex with colons. */
export function formatOpaqueInput(bytes: Uint8Array): string {
  return bytes.length > 0 && isPlainText(bytes) ? asciiMark + asciiText(bytes) : formatHex(bytes, ":");
}

function parseAscii(body: string, name: string): Result<Uint8Array> {
  const bytes = new Uint8Array(body.length);
  for (let i = 0; i < body.length; i += 1) {
    const code = body.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) {
      return refuse(
        "opaque-ascii",
        `the ${name} ${quote(body)} has a character that is not printable ASCII: give the octets in hex, such as 0x0a1b`,
      );
    }
    bytes[i] = code;
  }
  return { ok: true, value: bytes };
}

function parseHexOf(text: string, name: string): Result<Uint8Array> {
  const parsed = parseHex(text);
  if (parsed.ok) return parsed;
  // Nearly always a name typed without the mark.
  return refuse(
    "opaque-hex",
    `the ${name} ${quote(text)} is not hex: write hex such as 0x0a1b, or ascii:NAME for text (${parsed.error.message})`,
  );
}

function isPlainText(bytes: Uint8Array): boolean {
  for (const octet of bytes) {
    if (octet < 0x20 || octet > 0x7e || octet === 0x22 || octet === 0x27 || octet === 0x5c || octet === 0x60)
      return false;
  }
  return bytes[0] !== 0x20 && bytes[bytes.length - 1] !== 0x20;
}

function startsLikeHex(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && (bytes[1] === 0x78 || bytes[1] === 0x58);
}

function asciiText(bytes: Uint8Array): string {
  let out = "";
  for (const octet of bytes) out += String.fromCharCode(octet);
  return out;
}

function octets(count: number): string {
  return count === 1 ? "1 octet" : `${count} octets`;
}
