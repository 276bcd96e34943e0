import { epoch2000Seconds } from "@leasewire/net";

/**
 * Times in leasequery messages.
 *
 * DHCPv4 (RFC 6926 §2): absolute options 152, 154, 155 count seconds from 1970; options 91 and 153 count seconds *before* base-time.
 * DHCPv6 (RFC 7653 §2): absolute options 100, 101, 102 count seconds from 2000-01-01 UTC, modulo 2^32; option 46 counts seconds ago.
 * Every number is unsigned, 32 bits.
 */

const twoTo32 = 0x1_0000_0000;

/** Seconds of the DHCPv6 epoch from seconds since 1970. */
export function unixToEpoch2000Seconds(unixSeconds: number): number {
  return modulo32(unixSeconds - epoch2000Seconds);
}

/**
 * Seconds since 1970 from seconds of the DHCPv6 epoch. The counter wraps in 2136; the era taken is the one nearest to
 * `nearUnixSeconds` (usually now).
 */
export function epoch2000ToUnixSeconds(epoch2000: number, nearUnixSeconds: number): number {
  return nearUnixSeconds + serialDifference32(epoch2000, unixToEpoch2000Seconds(nearUnixSeconds));
}

/** a − b in serial-number arithmetic (RFC 1982): −2^31 … 2^31 − 1. */
export function serialDifference32(a: number, b: number): number {
  return (a - b) | 0;
}

/** The moment that lay `secondsBefore` before `baseSeconds` (options 91, 153 and 46), not below zero. */
export function momentBefore(baseSeconds: number, secondsBefore: number): number {
  return Math.max(0, baseSeconds - secondsBefore);
}

/** How many seconds before `baseSeconds` a moment lay, as options 91, 153 and 46 want it: 0 if it lies after, at most 2^32 − 1. */
export function secondsBefore(baseSeconds: number, momentSeconds: number): number {
  return Math.min(Math.max(0, baseSeconds - momentSeconds), twoTo32 - 1);
}

function modulo32(value: number): number {
  return ((value % twoTo32) + twoTo32) % twoTo32;
}
