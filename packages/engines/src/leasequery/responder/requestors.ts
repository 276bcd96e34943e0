import {
  type Ipv4Prefix,
  type Ipv6Prefix,
  ipv4PrefixContains,
  ipv6PrefixContains,
  parseIpv4,
  parseIpv6,
} from "@leasewire/net";

/** Whether somebody with that source address (canonical text) may ask; without prefixes everybody may. */
export function isRequestorAllowed(
  prefixes: readonly (Ipv4Prefix | Ipv6Prefix)[] | undefined,
  family: 4 | 6,
  address: string,
): boolean {
  if (prefixes === undefined) return true;
  if (family === 4) {
    const parsed = parseIpv4(address);
    return parsed.ok && prefixes.some((prefix) => ipv4PrefixContains(prefix as Ipv4Prefix, parsed.value));
  }
  const parsed = parseIpv6(address);
  return parsed.ok && prefixes.some((prefix) => ipv6PrefixContains(prefix as Ipv6Prefix, parsed.value));
}
