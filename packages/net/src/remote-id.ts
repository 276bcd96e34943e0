import { formatOpaqueInput, parseOpaque } from "./opaque.ts";
import { quote, type Result, refuse } from "./result.ts";

/** Sub-option 2 of option 82 (RFC 3046 §3.2), or the opaque part of option 37 (RFC 4649 §3): at least one octet to ask for it. */
export function parseRemoteId(text: string): Result<Uint8Array> {
  return parseOpaque(text, "remote ID", 1, 255);
}

export function formatRemoteId(bytes: Uint8Array): string {
  return formatOpaqueInput(bytes);
}

/**
 * Option 37 as a whole (RFC 4649 §3): four octets of enterprise number, then the remote ID. Written as hex of all octets,
 * as bindings show it, or as `NUMBER:0x…` and `NUMBER:ascii:NAME`. Errors: those of `parseOpaque`, `enterprise-range`.
 */
export function parseRemoteId6(text: string): Result<Uint8Array> {
  const [, number, value] = /^\s*([0-9]+):((?:0x|ascii:).*)$/is.exec(text) ?? [];
  if (number === undefined || value === undefined) return parseOpaque(text, "remote ID", 5, 255);
  const enterprise = Number(number);
  if (!(enterprise <= 0xffff_ffff))
    return refuse("enterprise-range", `${quote(number)} is no enterprise number: it is at most 4294967295`);
  const rest = parseOpaque(value, "remote ID", 1, 251);
  if (!rest.ok) return rest;
  const octets = new Uint8Array(4 + rest.value.length);
  new DataView(octets.buffer).setUint32(0, enterprise);
  octets.set(rest.value, 4);
  return { ok: true, value: octets };
}

/** The text that `parseRemoteId6` reads back to the same octets. */
export function formatRemoteId6(octets: Uint8Array): string {
  if (octets.length < 5) return formatOpaqueInput(octets);
  const enterprise = new DataView(octets.buffer, octets.byteOffset).getUint32(0);
  const rest = formatOpaqueInput(octets.subarray(4));
  return rest.startsWith("ascii:") ? `${enterprise}:${rest}` : `${enterprise}:0x${rest.replaceAll(":", "")}`;
}
