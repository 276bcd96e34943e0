import { formatHex, parseHex } from "./hex.ts";
import { quote, type Result, refuse } from "./result.ts";

/** chaddr has room for 16 octets (RFC 2131 §2). */
export const hardwareAddressLengthMax = 16;

const forms = "write octets such as 00:11:22:33:44:55";

/**
 * A hardware address of 1 to 16 octets in any usual notation: `00:11:22:33:44:55`, `00-11-22-33-44-55`, `0011.2233.4455`,
 * `001122334455`. Errors: `mac-empty`, `mac-syntax`, `mac-length`.
 */
export function parseMac(text: string): Result<Uint8Array> {
  const trimmed = text.trim();
  if (trimmed === "") return refuse("mac-empty", `the MAC address is empty: ${forms}`);
  if (trimmed.includes(".") && !/^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4})+$/.test(trimmed)) {
    return refuse(
      "mac-syntax",
      `${quote(text)} is not a MAC address: between dots come four hex digits, such as 0011.2233.4455`,
    );
  }
  const bytes = parseHex(trimmed.replaceAll(".", ""));
  if (!bytes.ok) return refuse("mac-syntax", `${quote(text)} is not a MAC address: ${forms} (${bytes.error.message})`);
  if (bytes.value.length > hardwareAddressLengthMax) {
    return refuse(
      "mac-length",
      `${quote(text)} has ${bytes.value.length} octets: a hardware address has at most ${hardwareAddressLengthMax}, an Ethernet address 6`,
    );
  }
  if (bytes.value.length === 0) return refuse("mac-empty", `${quote(text)} has no octets: ${forms}`);
  return bytes;
}

/** Lower case with colons. */
export function formatMac(bytes: Uint8Array): string {
  return formatHex(bytes, ":");
}
