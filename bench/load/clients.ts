import { put32 } from "./octets.ts";

/**
 * Who client N is, the same in every run with the same seed, so that leases of one run can be asked for in the next.
 *
 *   hardware address   02:SS:NN:NN:NN:NN   seed and number
 *   client identifier  01 and the hardware address (RFC 2132 §9.14)
 *   DUID               00 03 00 01 and the hardware address (DUID-LL, RFC 9915 §11.4)
 *   circuit-id         "lw-" and the number in 8 hex digits;  remote-id: "r-" and the same
 */
export const hardwareLength = 6;
export const clientIdLength = 7;
export const duidLength = 10;
export const circuitIdLength = 11;
export const remoteIdLength = 10;

export function putHardware(bytes: Uint8Array, at: number, seed: number, client: number): void {
  bytes[at] = 2;
  bytes[at + 1] = seed;
  put32(bytes, at + 2, client);
}

export function putClientId(bytes: Uint8Array, at: number, seed: number, client: number): void {
  bytes[at] = 1;
  putHardware(bytes, at + 1, seed, client);
}

export function putDuid(bytes: Uint8Array, at: number, seed: number, client: number): void {
  put32(bytes, at, 0x0003_0001);
  putHardware(bytes, at + 4, seed, client);
}

export function putCircuitId(bytes: Uint8Array, at: number, client: number): void {
  bytes[at] = 0x6c;
  bytes[at + 1] = 0x77;
  bytes[at + 2] = 0x2d;
  putHex(bytes, at + 3, client);
}

export function putRemoteId(bytes: Uint8Array, at: number, client: number): void {
  bytes[at] = 0x72;
  bytes[at + 1] = 0x2d;
  putHex(bytes, at + 2, client);
}

function putHex(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 8; i += 1) {
    const digit = (value >>> (28 - i * 4)) & 15;
    bytes[at + i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
  }
}
