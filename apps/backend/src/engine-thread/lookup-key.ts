import type { Family, LookupKind } from "@leasewire/api";
import {
  formatClientIdentifier,
  formatDuid,
  formatIpv4,
  formatIpv4Prefix,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  ipv4ToBytes,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  type Result,
} from "@leasewire/net";

/** What one line of a look-up asks for. */
export interface LookupKey {
  readonly kind: LookupKind;
  /** In its one notation. */
  readonly text: string;
  /** Octets to look for in the bindings of each family; absent: it can be no key of that family. */
  readonly octets: Readonly<Partial<Record<Family, Uint8Array>>>;
  /** Of a prefix. */
  readonly length?: number;
}

type Read = { readonly ok: true; readonly key: LookupKey } | { readonly ok: false; readonly message: string };

/**
 * Told apart by its form in this order: an address or prefix; six pairs of hex digits, which are a MAC address; anything else
 * a client identifier or DUID. `0x…` and `ascii:…` are always identifiers.
 */
export function readLookupKey(line: string, family: Family | undefined): Read {
  const text = line.trim();
  const read = keyOf(text);
  if (!read.ok || family === undefined || read.key.octets[family] !== undefined) return read;
  const other = family === 4 ? "DHCPv6" : "DHCPv4";
  return { ok: false, message: `${read.key.text} can only be found among bindings of ${other}.` };
}

function keyOf(text: string): Read {
  if (text.includes("/")) {
    return text.includes(":")
      ? from(parseIpv6Prefix(text), (prefix) => ({
          kind: "prefix",
          text: formatIpv6Prefix(prefix),
          octets: { 6: prefix.address },
          length: prefix.length,
        }))
      : from(parseIpv4Prefix(text), (prefix) => ({
          kind: "prefix",
          text: formatIpv4Prefix(prefix),
          octets: { 4: ipv4ToBytes(prefix.address) },
          length: prefix.length,
        }));
  }
  if (/^[0-9]{1,3}(\.[0-9]{1,3})+$/.test(text)) {
    return from(parseIpv4(text), (address) => ({
      kind: "address",
      text: formatIpv4(address),
      octets: { 4: ipv4ToBytes(address) },
    }));
  }
  const six = parseIpv6(text);
  if (six.ok || text.includes("::")) {
    return from(six, (address) => ({ kind: "address", text: formatIpv6(address), octets: { 6: address } }));
  }
  const mac = parseMac(text);
  // Longer ones, and what says that it is one, are identifiers.
  if (mac.ok && mac.value.length === 6 && !/^(0x|ascii:)/i.test(text)) {
    return { ok: true, key: { kind: "mac", text: formatMac(mac.value), octets: { 4: mac.value, 6: mac.value } } };
  }
  const clientId = parseClientIdentifier(text);
  const duid = parseDuid(text);
  if (!clientId.ok && !duid.ok) return { ok: false, message: clientId.error.message };
  return {
    ok: true,
    key: {
      kind: "client-id",
      text: clientId.ok ? formatClientIdentifier(clientId.value) : formatDuid(duid.ok ? duid.value : new Uint8Array()),
      octets: {
        ...(clientId.ok ? { 4: clientId.value } : {}),
        ...(duid.ok ? { 6: duid.value } : {}),
      },
    },
  };
}

function from<T>(parsed: Result<T>, key: (value: T) => LookupKey): Read {
  return parsed.ok ? { ok: true, key: key(parsed.value) } : { ok: false, message: parsed.error.message };
}
