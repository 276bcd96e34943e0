import type { Family } from "@leasewire/api";
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseClientIdentifier,
  parseIpv4,
  parseIpv6,
  parseMac,
} from "@leasewire/net";
import { paths } from "#lib/paths.ts";

/** Something the palette can do with what was typed. */
export interface Lookup {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly href: string;
}

/**
 * What typed text can be looked up as: an address, a MAC, a client identifier, or just part of one. An address comes
 * first, since it is the most particular reading.
 */
export function lookups(text: string): readonly Lookup[] {
  const typed = text.trim();
  if (typed.length < 2) return [];
  const found: Lookup[] = [];

  const address4 = parseIpv4(typed);
  if (address4.ok) found.push(...ofAddress(4, formatIpv4(address4.value)));
  const address6 = typed.includes(":") ? parseIpv6(typed) : undefined;
  if (address6?.ok) found.push(...ofAddress(6, formatIpv6(address6.value)));

  const mac = parseMac(typed);
  if (mac.ok && mac.value.length === 6) found.push(...ofMac(formatMac(mac.value)));
  else if (!address4.ok && !address6?.ok && looksLikeIdentifier(typed)) found.push(...ofClientIdentifier(typed));

  found.push(ofText(4, typed), ofText(6, typed));
  return found;
}

/** Short words are page names; `ascii:…` and longer hex are client identifiers. */
function looksLikeIdentifier(typed: string): boolean {
  const isAscii = typed.startsWith("ascii:");
  const isHex = /^(0x)?[0-9a-f]{2}([:-]?[0-9a-f]{2}){3,}$/i.test(typed);
  return (isAscii || isHex) && parseClientIdentifier(typed).ok;
}

function ofAddress(family: Family, address: string): Lookup[] {
  return [
    {
      id: `binding-${family}-address`,
      label: `Show bindings of ${address}`,
      description: `Bindings, DHCPv${family}`,
      href: paths.bindings({ family, prefix: address }),
    },
    {
      id: `leasequery-${family}-address`,
      label: `Ask by leasequery for ${address}`,
      description: `Leasequery by address, DHCPv${family}`,
      href: paths.leasequery({ family, kind: "address", key: address }),
    },
  ];
}

function ofMac(mac: string): Lookup[] {
  return [
    {
      id: "binding-4-mac",
      label: `Show bindings of MAC ${mac}`,
      description: "Bindings, DHCPv4",
      href: paths.bindings({ family: 4, mac }),
    },
    {
      id: "binding-6-mac",
      label: `Show bindings of MAC ${mac}`,
      description: "Bindings, DHCPv6",
      href: paths.bindings({ family: 6, mac }),
    },
    {
      id: "leasequery-4-mac",
      label: `Ask by leasequery for MAC ${mac}`,
      description: "Leasequery by MAC, DHCPv4",
      href: paths.leasequery({ family: 4, kind: "mac", key: mac }),
    },
  ];
}

function ofClientIdentifier(clientId: string): Lookup[] {
  return ([4, 6] as const).flatMap((family) => [
    {
      id: `binding-${family}-client`,
      label: `Show bindings of ${family === 4 ? "client identifier" : "DUID"} ${clientId}`,
      description: `Bindings, DHCPv${family}`,
      href: paths.bindings({ family, client: clientId }),
    },
    {
      id: `leasequery-${family}-client`,
      label: `Ask by leasequery for ${family === 4 ? "client identifier" : "DUID"} ${clientId}`,
      description: `Leasequery by client identifier, DHCPv${family}`,
      href: paths.leasequery({ family, kind: "client-id", key: clientId }),
    },
  ]);
}

function ofText(family: Family, text: string): Lookup {
  return {
    id: `binding-${family}-text`,
    label: `Search bindings for “${text}”`,
    description: `Any address or identifier containing it, DHCPv${family}`,
    href: paths.bindings({ family, q: text }),
  };
}
