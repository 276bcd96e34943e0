import type { Family } from "@leasewire/bindings";
import type { Ipv4Address, Ipv6Address } from "@leasewire/net";

/** What one query asks for. Exactly one key, as the RFCs have it (RFC 4388 §6.3, RFC 5007 §4.1.2.1). */
export type Question = Question4 | Question6;

export type Question4 = {
  readonly family: 4;
  /** Return address of the answer, never 0 (RFC 4388 §6.4.3). */
  readonly gatewayAddress: Ipv4Address;
} & (
  | { readonly kind: "address"; readonly address: Ipv4Address }
  | { readonly kind: "mac"; readonly hardwareType: number; readonly hardwareAddress: Uint8Array }
  | { readonly kind: "client-id"; readonly clientId: Uint8Array }
);

export type Question6 = {
  readonly family: 6;
  /** Limits the query to one link; absent: all links. */
  readonly linkAddress?: Ipv6Address | undefined;
} & (
  | { readonly kind: "address"; readonly address: Ipv6Address }
  | { readonly kind: "client-id"; readonly duid: Uint8Array }
);

export type KeyKind = "address" | "mac" | "client-id";

export function questionFamily(question: Question): Family {
  return question.family;
}
