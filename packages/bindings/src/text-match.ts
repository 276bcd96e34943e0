import { formatIpv4, formatIpv6 } from "@leasewire/net";
import { Field, type FieldNumber, RecordReader, recordLength } from "./record.ts";
import { FLAG_PREFIX, prefixLengthOfFlags, Row } from "./row-layout.ts";
import type { BindingTable } from "./table.ts";

const FIELDS_SEARCHED: readonly FieldNumber[] = [
  Field.hardwareAddress,
  Field.clientId,
  Field.circuitId,
  Field.remoteId,
  Field.relayId,
];
const LOWER = Uint8Array.from({ length: 256 }, (_, octet) => (octet >= 65 && octet <= 90 ? octet + 32 : octet));

/**
 * What a person typed into the search box, held against rows: part of the address as text, or part of the hardware
 * address, client identifier, circuit-id, remote-id or relay-id, as hexadecimal digits (separators do not matter) or
 * as printable text (capitals do not matter).
 */
export class TextMatcher {
  readonly #table: BindingTable;
  readonly #printable: Uint8Array;
  readonly #digits: Uint8Array | undefined;
  readonly #addressText: string | undefined;
  readonly #record = new RecordReader();
  readonly #addressBytes: Uint8Array;

  constructor(table: BindingTable, text: string) {
    const needle = text.trim().toLowerCase();
    this.#table = table;
    this.#printable = new TextEncoder().encode(needle);
    this.#digits = hexDigits(needle);
    const mayBeAddress = table.family === 4 ? /^[\d./]+$/ : /^[\da-f:./]+$/;
    this.#addressText = mayBeAddress.test(needle) ? needle : undefined;
    this.#addressBytes = new Uint8Array(16);
  }

  matches(row: number): boolean {
    if (this.#printable.length === 0) return true;
    if (this.#addressText !== undefined && this.#addressOf(row).includes(this.#addressText)) return true;
    const { arena, rows } = this.#table;
    const ref = rows.get(row, Row.recordRef);
    const bytes = arena.segment(ref);
    const offset = arena.offset(ref);
    // The fields are one run of octets: looking through it once rules nearly every row out without decoding it.
    const start = offset + 8;
    const end = offset + recordLength(bytes, offset);
    const printable = hasText(bytes, start, end, this.#printable);
    const hexadecimal = this.#digits !== undefined && hasDigits(bytes, start, end, this.#digits);
    if (!printable && !hexadecimal) return false;
    this.#record.read(bytes, offset);
    for (const field of FIELDS_SEARCHED) {
      const length = this.#record.lengths[field]!;
      if (length <= 0) continue;
      const from = this.#record.starts[field]!;
      if (printable && hasText(bytes, from, from + length, this.#printable)) return true;
      if (hexadecimal && hasDigits(bytes, from, from + length, this.#digits!)) return true;
    }
    return false;
  }

  #addressOf(row: number): string {
    const { addressWords, rows } = this.#table;
    const rowFlags = rows.get(row, Row.flags);
    const suffix = (rowFlags & FLAG_PREFIX) === 0 ? "" : `/${prefixLengthOfFlags(rowFlags)}`;
    if (addressWords === 1) return formatIpv4(rows.addressWord(row, 0)) + suffix;
    for (let i = 0; i < 16; i += 1) {
      this.#addressBytes[i] = rows.addressWord(row, i >>> 2) >>> (24 - (i & 3) * 8);
    }
    return formatIpv6(this.#addressBytes) + suffix;
  }
}

/** The hexadecimal digits of `0x1a2b`, `1a2b`, `1a:2b`, `1a-2b`, `1a2b.3c4d`; undefined if it is nothing like that. */
function hexDigits(needle: string): Uint8Array | undefined {
  const text = needle.startsWith("0x") ? needle.slice(2) : needle;
  const looksHexadecimal =
    /^[\da-f]{2,}$/.test(text) ||
    /^[\da-f]{0,2}([:-][\da-f]{2})*[:-][\da-f]{0,2}$/.test(text) ||
    /^(?=.*[\da-f]{4})[\da-f]{0,4}(\.[\da-f]{4})*\.[\da-f]{0,4}$/.test(text);
  if (!looksHexadecimal) return undefined;
  const digits = text.replaceAll(/[:.-]/g, "");
  return digits.length < 2 ? undefined : Uint8Array.from(digits, (digit) => Number.parseInt(digit, 16));
}

function hasText(bytes: Uint8Array, start: number, end: number, needle: Uint8Array): boolean {
  const first = needle[0]!;
  const last = end - needle.length;
  for (let at = start; at <= last; at += 1) {
    if (LOWER[bytes[at]!] !== first) continue;
    let same = 1;
    while (same < needle.length && LOWER[bytes[at + same]!] === needle[same]) same += 1;
    if (same === needle.length) return true;
  }
  return false;
}

function hasDigits(bytes: Uint8Array, start: number, end: number, digits: Uint8Array): boolean {
  const first = digits[0]!;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!;
    if (octet >>> 4 === first && hasDigitsAt(bytes, at * 2, end * 2, digits)) return true;
    if ((octet & 15) === first && hasDigitsAt(bytes, at * 2 + 1, end * 2, digits)) return true;
  }
  return false;
}

function hasDigitsAt(bytes: Uint8Array, nibble: number, end: number, digits: Uint8Array): boolean {
  if (nibble + digits.length > end) return false;
  for (let i = 1; i < digits.length; i += 1) {
    const at = nibble + i;
    const octet = bytes[at >>> 1]!;
    if (((at & 1) === 0 ? octet >>> 4 : octet & 15) !== digits[i]) return false;
  }
  return true;
}
