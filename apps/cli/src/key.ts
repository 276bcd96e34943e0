import {
  formatClientIdentifier,
  formatDuid,
  formatIpv4,
  formatIpv4Prefix,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  type Result,
} from "@leasewire/net";

/**
 * The one positional word of a query, told apart by its form in this order: an address; six pairs of hex digits, which are
 * a MAC address; anything else a client identifier or DUID. `0x…` and `ascii:…` are always identifiers, so that six octets
 * of identifier can be asked for too. Texts are in canonical form.
 */
export type QueryKey4 =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "mac"; readonly mac: string }
  | { readonly kind: "client-id"; readonly clientId: string };

export type QueryKey6 =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "client-id"; readonly duid: string };

export type BindingKey =
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "mac"; readonly mac: string }
  | { readonly kind: "client-id"; readonly clientId: string };

/** A client of a DHCPv6 server: by a lease, or by its DUID. */
export type ClientKey6 =
  | { readonly kind: "lease"; readonly prefix: string }
  | { readonly kind: "client"; readonly duid: string };

export function parseQueryKey4(text: string): Result<QueryKey4> {
  if (looksLikeIpv4(text))
    return map(parseIpv4(text), (address) => ({ kind: "address", address: formatIpv4(address) }));
  if (isMac(text)) return map(parseMac(text), (bytes) => ({ kind: "mac", mac: formatMac(bytes) }));
  return map(parseClientIdentifier(text), (bytes) => ({ kind: "client-id", clientId: formatClientIdentifier(bytes) }));
}

/** A prefix is asked for by its first address: option 44 carries an IAADDR (RFC 5007 §4.1.2.1). */
export function parseQueryKey6(text: string): Result<QueryKey6> {
  if (text.includes("/")) {
    return map(parseIpv6Prefix(text), (prefix) => ({ kind: "address", address: formatIpv6(prefix.address) }));
  }
  if (looksLikeIpv6(text))
    return map(parseIpv6(text), (address) => ({ kind: "address", address: formatIpv6(address) }));
  return map(parseDuid(text), (bytes) => ({ kind: "client-id", duid: formatDuid(bytes) }));
}

/** The positional word of a bulk query. DHCPv4 has none by address: that is asked for by an individual query. */
export function parseBulkKey6(text: string): Result<QueryKey6> {
  if (text.includes("/")) {
    return map(parseIpv6Prefix(text), (prefix) => ({ kind: "address", address: formatIpv6Prefix(prefix) }));
  }
  return parseQueryKey6(text);
}

export function parseBindingKey4(text: string): Result<BindingKey> {
  if (looksLikeIpv4(text) && text.includes("/")) {
    return map(parseIpv4Prefix(text), (prefix) => ({ kind: "prefix", prefix: formatIpv4Prefix(prefix) }));
  }
  const key = parseQueryKey4(text);
  return key.ok && key.value.kind === "address"
    ? { ok: true, value: { kind: "prefix", prefix: key.value.address } }
    : (key as Result<BindingKey>);
}

export function parseBindingKey6(text: string): Result<BindingKey> {
  if (text.includes("/")) {
    return map(parseIpv6Prefix(text), (prefix) => ({ kind: "prefix", prefix: formatIpv6Prefix(prefix) }));
  }
  if (looksLikeIpv6(text)) return map(parseIpv6(text), (address) => ({ kind: "prefix", prefix: formatIpv6(address) }));
  if (isMac(text)) return map(parseMac(text), (bytes) => ({ kind: "mac", mac: formatMac(bytes) }));
  return map(parseDuid(text), (bytes) => ({ kind: "client-id", clientId: formatDuid(bytes) }));
}

export function parseClientKey6(text: string): Result<ClientKey6> {
  if (text.includes("/")) {
    return map(parseIpv6Prefix(text), (prefix) => ({ kind: "lease", prefix: formatIpv6Prefix(prefix) }));
  }
  if (looksLikeIpv6(text)) return map(parseIpv6(text), (address) => ({ kind: "lease", prefix: formatIpv6(address) }));
  return map(parseDuid(text), (bytes) => ({ kind: "client", duid: formatDuid(bytes) }));
}

/** Digits with single dots between them were meant as an address, right or wrong: its parser words the refusal. */
function looksLikeIpv4(text: string): boolean {
  return /^[0-9]{1,3}(\.[0-9]{1,3})+(\/.*)?$/.test(text.trim()) || /\//.test(text);
}

/** Whatever reads as an address is one; and what can be nothing else ("::" or an IPv4 tail) is refused as one. */
function looksLikeIpv6(text: string): boolean {
  return parseIpv6(text).ok || text.includes("::") || /:[0-9]+\.[0-9]/.test(text);
}

function isMac(text: string): boolean {
  if (/^(0x|ascii:)/i.test(text.trim())) return false;
  const parsed = parseMac(text);
  return parsed.ok && parsed.value.length === 6;
}

function map<T, U>(result: Result<T>, change: (value: T) => U): Result<U> {
  return result.ok ? { ok: true, value: change(result.value) } : result;
}
