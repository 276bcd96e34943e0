import { put16, put32 } from "./octets.ts";

/** Options and types of DHCPv6 that the load client uses (RFC 9915, RFC 5007). */
export const option6 = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaAddress: 5,
  optionRequest: 6,
  elapsedTime: 8,
  relayMessage: 9,
  statusCode: 13,
  interfaceId: 18,
  iaPd: 25,
  iaPrefix: 26,
  remoteId: 37,
  query: 44,
  clientData: 45,
} as const;

export const type6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  reply: 7,
  relayForward: 12,
  relayReply: 13,
  leasequery: 14,
  leasequeryReply: 15,
} as const;

export const relayHeaderLength = 34;

/** Begins an option whose length follows with `closeOption`; where its data begins. */
export function openOption(into: Uint8Array, at: number, code: number): number {
  put16(into, at, code);
  return at + 4;
}

/** Writes the length of the option whose data began at `from` and ends before `to`; answers `to`. */
export function closeOption(into: Uint8Array, from: number, to: number): number {
  put16(into, from - 2, to - from);
  return to;
}

/** Type and transaction id: 4 octets. */
export function putHeader(into: Uint8Array, at: number, type: number, transaction: number): number {
  put32(into, at, (type << 24) | transaction);
  return at + 4;
}

/** Where the data of the first option with this code begins between `from` and `to`; -1: there is none. */
export function findOption(bytes: Uint8Array, from: number, to: number, code: number): number {
  for (let at = from; at + 4 <= to; ) {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (at + 4 + length > to) return -1;
    if (((bytes[at]! << 8) | bytes[at + 1]!) === code) return at + 4;
    at += 4 + length;
  }
  return -1;
}

/** Length of the option whose data begins at `at`. */
export function lengthOf(bytes: Uint8Array, at: number): number {
  return (bytes[at - 2]! << 8) | bytes[at - 1]!;
}
