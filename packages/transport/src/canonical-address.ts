import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "@leasewire/net";

/** Canonical text, without scope, of an address as the system writes it; a text that is no address stays as it is. */
export function canonicalAddress(family: 4 | 6, text: string): string {
  if (family === 4) {
    const parsed = parseIpv4(text);
    return parsed.ok ? formatIpv4(parsed.value) : text;
  }
  const scope = text.indexOf("%");
  const bare = scope < 0 ? text : text.slice(0, scope);
  const parsed = parseIpv6(bare);
  return parsed.ok ? formatIpv6(parsed.value) : bare;
}
