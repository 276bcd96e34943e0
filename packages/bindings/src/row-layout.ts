import type { Uint32Column } from "./segmented.ts";

/**
 * Where what is in a row. What a lookup or a change touches together lies together (a cache line is 64 octets); what
 * a scan or a sort reads alone has a column of its own. Row 0 is never used, so 0 means none everywhere.
 */
export const LINK_WORDS = 23;
export const Link = {
  addressNext: 0,
  /** The hash beside the chain: walking and splitting a bucket then touches no record. */
  addressHash: 1,
  /** Three words each: A, B, hash (see KeyIndex). */
  clientId: 2,
  hardwareAddress: 5,
  relayId: 8,
  remoteId: 11,
  circuitId: 14,
  linkPrev: 17,
  linkNext: 18,
  chainPrev: 19,
  chainNext: 20,
  duePrev: 21,
  dueNext: 22,
} as const;

export const Core = {
  WORDS: 9,
  recordRef: 0,
  linkAddressId: 1,
  serverIdentifierId: 2,
  interfaceNameId: 3,
  /** instance id × 65536 + server-address id */
  instanceAndServer: 4,
  /** hardware type × 65536 + generation of the row */
  hardwareTypeAndGeneration: 5,
  changedAtSeconds: 6,
  sequenceLow: 7,
  sequenceHigh: 8,
} as const;

export function instanceIdOf(core: Uint32Column, row: number): number {
  return core.get(row * Core.WORDS + Core.instanceAndServer) >>> 16;
}

/** state 0–3, origin 4–6, prefix 7, data source 8–15, prefix length 16–23, preferred lifetime given 24, row in use 25 */
export const FLAG_PREFIX = 1 << 7;
export const FLAG_PREFERRED = 1 << 24;
export const FLAG_USED = 1 << 25;

export function stateOfFlags(flags: number): number {
  return flags & 15;
}

export function originOfFlags(flags: number): number {
  return (flags >>> 4) & 7;
}

export function prefixLengthOfFlags(flags: number): number {
  return (flags >>> 16) & 255;
}
