import type { InstanceName, Ipv4Address, Ipv6Address } from "@leasewire/net";

/** What a DHCPv4 server manages, and what it tells whom. */
export interface ResponderScopes4 {
  readonly instance: InstanceName;
  readonly serverIdentifier: Ipv4Address;
  /** Addresses this server manages: outside of them it answers DHCPLEASEUNKNOWN. */
  readonly managed: readonly { readonly address: Ipv4Address; readonly length: number }[];
  /** Gateway addresses that may ask; absent = all. */
  readonly requestors?: readonly { readonly address: Ipv4Address; readonly length: number }[];
  /** Codes that are never told, though asked for (RFC 4388 §6.4.2: not on the list of non-sensitive options). */
  readonly sensitiveOptions?: readonly number[];
}

/** A link of a DHCPv6 server: its addresses and the prefixes delegated on it. */
export interface ResponderLink6 {
  /** What LQ_CLIENT_LINK names it by. */
  readonly linkAddress: Ipv6Address;
  readonly prefixes: readonly { readonly address: Ipv6Address; readonly length: number }[];
}

export interface ResponderScopes6 {
  readonly instance: InstanceName;
  readonly serverDuid: Uint8Array;
  readonly links: readonly ResponderLink6[];
  /** DUIDs of requestors that may ask; absent = all. The others get NotAllowed. */
  readonly requestors?: readonly Uint8Array[];
  /** Codes that are withheld though asked for (RFC 5007 §4.4.2). */
  readonly sensitiveOptions?: readonly number[];
}

/** An answer to send, or why there is none. */
export type Response =
  | { readonly kind: "reply"; readonly bytes: Uint8Array }
  | { readonly kind: "drop"; readonly reason: string; readonly message: string };

export function drop(reason: string, message: string): Response {
  return { kind: "drop", reason, message };
}
