import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "@leasewire/net";

/** Canonical text of an address that somebody wrote; undefined when it is none of this family. */
export function canonicalAddress(family: 4 | 6, text: string): string | undefined {
  if (family === 4) {
    const parsed = parseIpv4(text);
    return parsed.ok ? formatIpv4(parsed.value) : undefined;
  }
  const parsed = parseIpv6(text);
  return parsed.ok ? formatIpv6(parsed.value) : undefined;
}
