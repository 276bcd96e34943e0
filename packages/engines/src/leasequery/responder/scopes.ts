import type { LeasequeryGuard } from "@leasewire/config";
import type { InstanceName, Ipv4Address, Ipv4Prefix, Ipv6Address, Ipv6Prefix } from "@leasewire/net";

/** What a server of either family tells whom. */
export interface ResponderPolicy {
  readonly instance: InstanceName;
  /** Codes that are withheld though asked for (RFC 4388 §6.4.2, RFC 5007 §4.4.2). */
  readonly sensitiveOptions?: readonly number[];
  /**
   * Whose bindings are told: `own` are those that this server has leased or taken over by an import; absent: all of the
   * table.
   */
  readonly origins?: "own" | "all";
  /** Individual queries: only the originator of a binding is told of it. */
  readonly restrictedRequestor?: boolean;
  /** Source addresses that may ask one by one; absent: all. */
  readonly requestorAddresses?: readonly (Ipv4Prefix | Ipv6Prefix)[];
  readonly bulk?: BulkPolicy;
  readonly active?: ActivePolicy;
  /** Certificates are configured: connections can be secured. */
  readonly tls?: boolean;
  readonly guard?: LeasequeryGuard;
}

export interface BulkPolicy {
  /** Connections of this instance and family that carry no active query. */
  readonly connectionsMax: number;
  /** Answers in a row without a binding, after which the connection is closed. */
  readonly emptyRepliesMax: number;
  /** How long a connection may be idle, or blocked. */
  readonly timeoutSeconds: number;
  readonly restrictedRequestor: boolean;
  /** Queries answered at a time on one connection; the others wait unread. */
  readonly queriesParallelMax: number;
  /** Source addresses that may connect; absent: all. */
  readonly requestorAddresses?: readonly (Ipv4Prefix | Ipv6Prefix)[];
}

export interface ActivePolicy {
  /** How long a connection may be blocked. */
  readonly timeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  /** `secure`: over TLS only. `insecure`: without TLS only (RFC 7724 §8.1, RFC 7653 §9.1). */
  readonly mode: "secure" | "insecure";
}

/** What a DHCPv4 server manages, and what it tells whom. */
export interface ResponderScopes4 extends ResponderPolicy {
  readonly serverIdentifier: Ipv4Address;
  /** Addresses this server manages: outside of them it answers DHCPLEASEUNKNOWN. */
  readonly managed: readonly { readonly address: Ipv4Address; readonly length: number }[];
  /** "All configured addresses" of a bulk query, in order, without overlap; absent: those of bindings only. */
  readonly configured?: readonly AddressRange4[];
  /** Gateway addresses that may ask; absent = all. */
  readonly requestors?: readonly { readonly address: Ipv4Address; readonly length: number }[];
  /** DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN without option 54 (RFC 4388 §6.4 to the letter). */
  readonly strictReplies?: boolean;
}

export interface AddressRange4 {
  readonly low: number;
  /** Included. */
  readonly high: number;
}

/** A link of a DHCPv6 server: its addresses and the prefixes delegated on it. */
export interface ResponderLink6 {
  /** What LQ_CLIENT_LINK names it by. */
  readonly linkAddress: Ipv6Address;
  readonly prefixes: readonly { readonly address: Ipv6Address; readonly length: number }[];
}

export interface ResponderScopes6 extends ResponderPolicy {
  readonly serverDuid: Uint8Array;
  readonly links: readonly ResponderLink6[];
  /** DUIDs of requestors that may ask; absent = all. The others get NotAllowed. */
  readonly requestors?: readonly Uint8Array[];
}

/** An answer to send, or why there is none. */
export type Response =
  | {
      readonly kind: "reply";
      readonly bytes: Uint8Array;
      /** Nothing was found: what the storm guard counts as an answer "unknown". */
      readonly unknown: boolean;
    }
  | { readonly kind: "drop"; readonly reason: string; readonly message: string };

export function drop(reason: string, message: string): Response {
  return { kind: "drop", reason, message };
}
