import { type Ipv4Address, parseHex, parseIpv4 } from "@leasewire/net";
import { defaultOf } from "../schema/walk.ts";
import { type ContainerNode, leafValue } from "../tree.ts";

/** Values of statements as engines take them. */

/** The configured number, or the default of the schema at `path`. */
export function integer(node: ContainerNode | undefined, path: readonly string[], word: string): number {
  return Number(leafValue(node, word) ?? defaultOf([...path, word]));
}

export function optionalInteger(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

export function octets(hex: string | undefined): Uint8Array | undefined {
  if (hex === undefined) return undefined;
  const bytes = parseHex(hex);
  return bytes.ok ? bytes.value : undefined;
}

export function ipv4(text: string | undefined): Ipv4Address | undefined {
  const address = text === undefined ? undefined : parseIpv4(text);
  return address?.ok ? address.value : undefined;
}

/** Where DHCP servers and relay agents listen (RFC 2131 §4.1, RFC 9915 §7.2). */
export function usualPort(family: 4 | 6): number {
  return family === 4 ? 67 : 547;
}
