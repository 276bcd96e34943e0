import { formatHex, parseHex } from "./hex.ts";
import { formatMac } from "./mac.ts";
import { quote, type Result, refuse } from "./result.ts";
import { formatUtcSeconds } from "./time.ts";

/** A 2-octet type and 1 to 128 octets (RFC 9915 §11.1). */
export const duidLengthMin = 3;
export const duidLengthMax = 130;

/** Seconds from 1970 to 2000, both in UTC: DUID-LLT and the DHCPv6 leasequery options count from 2000. */
export const epoch2000Seconds = 946_684_800;

const example = "such as 00:03:00:01:00:11:22:33:44:55";

/** Hex in any notation. Errors: `duid-empty`, `duid-hex`, `duid-length`. */
export function parseDuid(text: string): Result<Uint8Array> {
  if (text.trim() === "") return refuse("duid-empty", `the DUID is empty: write it in hex, ${example}`);
  const bytes = parseHex(text);
  if (!bytes.ok)
    return refuse("duid-hex", `${quote(text)} is not a DUID: write it in hex, ${example} (${bytes.error.message})`);
  const { length } = bytes.value;
  if (length < duidLengthMin || length > duidLengthMax) {
    return refuse(
      "duid-length",
      `${quote(text)} has ${length} octets: a DUID has ${duidLengthMin} to ${duidLengthMax}, ${example}`,
    );
  }
  return bytes;
}

/** Lower-case hex with colons. */
export function formatDuid(bytes: Uint8Array): string {
  return formatHex(bytes, ":");
}

export interface DuidDescription {
  /** The name for the four types of RFC 9915 §11, the number of any other, -1 if too short to have one. */
  readonly type: "LLT" | "EN" | "LL" | "UUID" | number;
  readonly text: string;
}

/** What a DUID says, for people. Never fails: what does not fit its type is shown in hex. */
export function describeDuid(bytes: Uint8Array): DuidDescription {
  if (bytes.length < 2) return { type: -1, text: `too short for a DUID: ${hexOrNothing(bytes)}` };
  const type = ((bytes[0] as number) << 8) | (bytes[1] as number);
  switch (type) {
    case 1:
      return {
        type: "LLT",
        text: bytes.length > 8 ? linkLayerTime(bytes) : `DUID-LLT cut short: ${formatDuid(bytes)}`,
      };
    case 2:
      return { type: "EN", text: bytes.length > 6 ? enterprise(bytes) : `DUID-EN cut short: ${formatDuid(bytes)}` };
    case 3:
      return {
        type: "LL",
        text: bytes.length > 4 ? `DUID-LL ${linkLayer(bytes, 4)}` : `DUID-LL cut short: ${formatDuid(bytes)}`,
      };
    case 4:
      return {
        type: "UUID",
        text:
          bytes.length === 18
            ? `DUID-UUID ${uuid(bytes.subarray(2))}`
            : `DUID-UUID of wrong length: ${formatDuid(bytes)}`,
      };
    default:
      return { type, text: `DUID of type ${type}: ${hexOrNothing(bytes.subarray(2))}` };
  }
}

function linkLayerTime(bytes: Uint8Array): string {
  const seconds = uint32(bytes, 4) + epoch2000Seconds;
  return `DUID-LLT ${linkLayer(bytes, 8)} made ${formatUtcSeconds(seconds)}`;
}

function linkLayer(bytes: Uint8Array, addressOffset: number): string {
  const hardwareType = ((bytes[2] as number) << 8) | (bytes[3] as number);
  const name = hardwareType === 1 ? "Ethernet" : `hardware type ${hardwareType}`;
  return `${name} ${formatMac(bytes.subarray(addressOffset))}`;
}

function enterprise(bytes: Uint8Array): string {
  return `DUID-EN enterprise ${uint32(bytes, 2)} identifier ${formatHex(bytes.subarray(6), ":")}`;
}

function uuid(bytes: Uint8Array): string {
  const hex = formatHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function uint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

function hexOrNothing(bytes: Uint8Array): string {
  return bytes.length === 0 ? "nothing" : formatHex(bytes, ":");
}
