import { messageLengthMax } from "../limits.ts";
import { writeUint16, writeUint24 } from "../octets.ts";

export interface Option6 {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface MessageFields6 {
  readonly messageType: number;
  /** 24 bits. */
  readonly transactionId: number;
  readonly options: readonly Option6[];
}

export interface RelayMessageFields6 {
  /** RELAY-FORW or RELAY-REPL. */
  readonly messageType: number;
  readonly hopCount: number;
  readonly linkAddress: Uint8Array;
  readonly peerAddress: Uint8Array;
  readonly options: readonly Option6[];
}

/** A DHCPv6 message (RFC 9915 §8). Longer than 65535 octets is our own bug and throws. */
export function encodeMessage6(fields: MessageFields6): Uint8Array {
  const bytes = new Uint8Array(checkedLength(4 + encodedLength(fields.options)));
  bytes[0] = fields.messageType;
  writeUint24(bytes, 1, fields.transactionId);
  writeOptions(bytes, 4, fields.options);
  return bytes;
}

/** A message of a relay (RFC 9915 §9). */
export function encodeRelayMessage6(fields: RelayMessageFields6): Uint8Array {
  if (fields.linkAddress.length !== 16 || fields.peerAddress.length !== 16)
    throw new RangeError("an IPv6 address has 16 octets");
  const bytes = new Uint8Array(checkedLength(34 + encodedLength(fields.options)));
  bytes[0] = fields.messageType;
  bytes[1] = fields.hopCount;
  bytes.set(fields.linkAddress, 2);
  bytes.set(fields.peerAddress, 18);
  writeOptions(bytes, 34, fields.options);
  return bytes;
}

/** An option area (RFC 9915 §21.1). */
export function encodeOptions6(options: readonly Option6[]): Uint8Array {
  const bytes = new Uint8Array(encodedLength(options));
  writeOptions(bytes, 0, options);
  return bytes;
}

function encodedLength(options: readonly Option6[]): number {
  let length = 0;
  for (const { data } of options) length += 4 + data.length;
  return length;
}

function checkedLength(length: number): number {
  if (length > messageLengthMax) throw new RangeError(`a DHCPv6 message of ${length} octets`);
  return length;
}

function writeOptions(bytes: Uint8Array, start: number, options: readonly Option6[]): void {
  let at = start;
  for (const { code, data } of options) {
    if (data.length > 0xffff) throw new RangeError(`option ${code} of ${data.length} octets`);
    writeUint16(bytes, at, code);
    writeUint16(bytes, at + 2, data.length);
    bytes.set(data, at + 4);
    at += 4 + data.length;
  }
}
