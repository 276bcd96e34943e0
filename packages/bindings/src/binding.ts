import type { InstanceName } from "@leasewire/net";

export type Family = 4 | 6;

/** How the table came to know of a binding. The position in the list is what a row stores. */
export const BINDING_ORIGINS = ["individual", "bulk", "active", "gleaned", "server", "peer", "import"] as const;
export type BindingOrigin = (typeof BINDING_ORIGINS)[number];

export type BindingKind = "address" | "prefix";

/** States of a binding, numbered as in the dhcp-state option (RFC 6926 §6.2.7). DHCPv6 uses the same numbers. */
export const BindingState = {
  AVAILABLE: 1,
  ACTIVE: 2,
  EXPIRED: 3,
  RELEASED: 4,
  ABANDONED: 5,
  RESET: 6,
  REMOTE: 7,
  TRANSITIONING: 8,
} as const;

/**
 * States in which nobody holds the address any more and nothing else is waiting for it: such a row is kept for the
 * retention, then swept. ABANDONED and TRANSITIONING stay until somebody changes them.
 */
export function isEnded(state: number): boolean {
  return (
    state === BindingState.AVAILABLE ||
    state === BindingState.EXPIRED ||
    state === BindingState.RELEASED ||
    state === BindingState.RESET ||
    state === BindingState.REMOTE
  );
}

/** `expiresAtSeconds` of a lease without end. */
export const EXPIRES_NEVER = 0xffffffff;

/**
 * What a writer (engine, restore, import) hands to the table. Byte arrays are copied; the caller keeps its own.
 * All times are unix seconds, absolute, unsigned 32 bit.
 */
export interface BindingInput {
  instance: InstanceName;
  /** 4 or 16 octets. Host bits of a prefix are ignored. */
  address: Uint8Array;
  /** 32 or 128, or the length of a delegated prefix. */
  prefixLength: number;
  kind: BindingKind;
  /** A `BindingState`. */
  state: number;
  hardwareType: number;
  hardwareAddress?: Uint8Array | undefined;
  /** DHCPv4 option 61; DHCPv6 the client's DUID. */
  clientId?: Uint8Array | undefined;
  iaid?: number | undefined;
  startTimeOfStateSeconds: number;
  /** 0 = unknown. */
  clientLastTransactionTimeSeconds: number;
  /** `EXPIRES_NEVER` = infinite, 0 = none. */
  expiresAtSeconds: number;
  /** DHCPv6. */
  preferredUntilSeconds?: number | undefined;
  /** giaddr (4 octets) or link-address (16 octets). */
  linkAddress?: Uint8Array | undefined;
  /** DHCPv4: data of option 82. DHCPv6: content of LQ_RELAY_DATA (peer-address and RELAY-FORW). */
  relayAgentInformation?: Uint8Array | undefined;
  circuitId?: Uint8Array | undefined;
  remoteId?: Uint8Array | undefined;
  relayId?: Uint8Array | undefined;
  /** Remaining options of the client in the family's wire form. */
  options?: Uint8Array | undefined;
  /** 4 octets or a DUID. */
  serverIdentifier?: Uint8Array | undefined;
  /** Address of whoever told us, as text. */
  serverAddress?: string | undefined;
  /** Bits of the data-source option (RFC 6926 §6.2.8). */
  dataSource: number;
  origin: BindingOrigin;
  /** Local access interface; absent = not placed. */
  interfaceName?: string | undefined;
}

/** What a `BindingInput` says beside the octets of the client and its relay. */
export type BindingFacts = Omit<
  BindingInput,
  "clientId" | "hardwareAddress" | "circuitId" | "remoteId" | "relayId" | "relayAgentInformation" | "options"
>;

/**
 * The same for a writer who has the octets in a buffer of the network: field `f` (see `Field`) is `lengths[f]` octets from
 * `starts[f]` on, −1: absent; both have seven elements. Meant to be one object, written again for each binding.
 */
export interface BindingDraft extends BindingFacts {
  bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}

/** A row of the table, copied out: it does not change when the row does. */
export interface Binding extends BindingInput {
  /** Stable text identity, see `bindingId`. */
  id: string;
  row: number;
  /** Sequence of the last change of this binding. */
  sequence: number;
  /** When the table last changed it, unix seconds, never running backwards along `sequence`. */
  changedAtSeconds: number;
}

export interface Change {
  sequence: number;
  atSeconds: number;
  kind: "put" | "remove";
  /** As it was right after the change; for a removal, as it was right before. */
  binding: Binding;
  cause: string;
}
