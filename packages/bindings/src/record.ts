import type { BindingInput } from "./binding.ts";

/**
 * The variable part of a binding as one run of octets.
 *
 *   0  owner, 32 bit (the arena's)
 *   4  length of the whole record, 16 bit little endian
 *   6  mask, 16 bit little endian: bit f = field f is present, bit 8 + f = field f lies inside another field
 *   8  per present field in field order: a field of its own → length; a field inside another → offset in it, length
 *   …  octets of the fields of their own, in field order; then the IAID, 4 octets
 *
 * Numbers after the mask are little-endian base 128. A hardware address that is part of the client identifier, and
 * circuit-id, remote-id and relay-id that are part of the relay information, are not stored twice: relay information
 * stays in wire form and the keys point into it. Encoding is canonical: equal inputs give equal octets.
 */
export const Field = {
  clientId: 0,
  hardwareAddress: 1,
  circuitId: 2,
  remoteId: 3,
  relayId: 4,
  relayAgentInformation: 5,
  options: 6,
} as const;
export type FieldNumber = (typeof Field)[keyof typeof Field];

export const FIELDS = 7;
const IAID_BIT = 1 << FIELDS;
export const RECORD_HEADER_BYTES = 8;

/** Where the fields of one record are. One instance is reused: valid until the next `read`. */
export class RecordReader {
  readonly starts = new Int32Array(FIELDS);
  /** −1 = absent. */
  readonly lengths = new Int32Array(FIELDS);
  iaid: number | undefined = undefined;

  read(bytes: Uint8Array, offset: number): void {
    const mask = bytes[offset + 6]! | (bytes[offset + 7]! << 8);
    const { starts, lengths } = this;
    let at = offset + RECORD_HEADER_BYTES;
    for (let field = 0; field < FIELDS; field += 1) {
      if ((mask & (1 << field)) === 0) {
        lengths[field] = -1;
        continue;
      }
      let value = bytes[at]!;
      at += 1;
      if (value >= 128) {
        at = this.#readLong(bytes, at, value);
        value = this.#long;
      }
      if ((mask & (256 << field)) !== 0) {
        starts[field] = value;
        value = bytes[at]!;
        at += 1;
        if (value >= 128) {
          at = this.#readLong(bytes, at, value);
          value = this.#long;
        }
      }
      lengths[field] = value;
    }
    for (let field = 0; field < FIELDS; field += 1) {
      if ((mask & (1 << field)) === 0 || (mask & (256 << field)) !== 0) continue;
      starts[field] = at;
      at += lengths[field]!;
    }
    for (let field = 1; field <= Field.relayId; field += 1) {
      if ((mask & (256 << field)) === 0) continue;
      starts[field] =
        starts[field]! + starts[field === Field.hardwareAddress ? Field.clientId : Field.relayAgentInformation]!;
    }
    this.iaid =
      (mask & IAID_BIT) === 0
        ? undefined
        : (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  #long = 0;
  #readLong(bytes: Uint8Array, from: number, first: number): number {
    let at = from;
    let value = first & 127;
    for (let shift = 7; ; shift += 7) {
      const octet = bytes[at]!;
      at += 1;
      value |= (octet & 127) << shift;
      if (octet < 128) break;
    }
    this.#long = value;
    return at;
  }
}

/** Writes records into a buffer of its own. */
export class RecordWriter {
  readonly bytes: Uint8Array;
  readonly #bytesMax: number;
  #at = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    // Seven fields of at most two numbers of at most three octets, header and IAID.
    this.bytes = new Uint8Array(bytesMax + 64);
  }

  /** Length of the record now at the start of `bytes`, or −1 when it is longer than allowed. */
  write(input: BindingInput): number {
    const { clientId, hardwareAddress, circuitId, remoteId, relayId, relayAgentInformation: relay, options } = input;
    const hardwareAt = inside(hardwareAddress, clientId);
    const circuitAt = inside(circuitId, relay);
    const remoteAt = inside(remoteId, relay);
    const relayIdAt = inside(relayId, relay);
    const total =
      (clientId?.length ?? 0) +
      (hardwareAt < 0 ? (hardwareAddress?.length ?? 0) : 0) +
      (circuitAt < 0 ? (circuitId?.length ?? 0) : 0) +
      (remoteAt < 0 ? (remoteId?.length ?? 0) : 0) +
      (relayIdAt < 0 ? (relayId?.length ?? 0) : 0) +
      (relay?.length ?? 0) +
      (options?.length ?? 0);
    if (total > this.#bytesMax) return -1;
    let mask = 0;
    this.#at = RECORD_HEADER_BYTES;
    mask |= this.#describe(Field.clientId, clientId, -1);
    mask |= this.#describe(Field.hardwareAddress, hardwareAddress, hardwareAt);
    mask |= this.#describe(Field.circuitId, circuitId, circuitAt);
    mask |= this.#describe(Field.remoteId, remoteId, remoteAt);
    mask |= this.#describe(Field.relayId, relayId, relayIdAt);
    mask |= this.#describe(Field.relayAgentInformation, relay, -1);
    mask |= this.#describe(Field.options, options, -1);
    this.#copy(clientId);
    if (hardwareAt < 0) this.#copy(hardwareAddress);
    if (circuitAt < 0) this.#copy(circuitId);
    if (remoteAt < 0) this.#copy(remoteId);
    if (relayIdAt < 0) this.#copy(relayId);
    this.#copy(relay);
    this.#copy(options);
    if (input.iaid !== undefined) {
      mask |= IAID_BIT;
      for (let shift = 0; shift < 32; shift += 8) {
        this.bytes[this.#at] = input.iaid >>> shift;
        this.#at += 1;
      }
    }
    this.bytes[4] = this.#at;
    this.bytes[5] = this.#at >>> 8;
    this.bytes[6] = mask;
    this.bytes[7] = mask >>> 8;
    return this.#at;
  }

  #describe(field: number, value: Uint8Array | undefined, insideAt: number): number {
    if (value === undefined) return 0;
    if (insideAt < 0) {
      this.#number(value.length);
      return 1 << field;
    }
    this.#number(insideAt);
    this.#number(value.length);
    return (1 << field) | (256 << field);
  }

  #number(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.#at] = (rest & 127) | 128;
      this.#at += 1;
      rest >>>= 7;
    }
    this.bytes[this.#at] = rest;
    this.#at += 1;
  }

  #copy(value: Uint8Array | undefined): void {
    if (value === undefined) return;
    copyBytes(value, 0, value.length, this.bytes, this.#at);
    this.#at += value.length;
  }
}

export function recordLength(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 4]! | (bytes[offset + 5]! << 8);
}

/** A view made for every short copy is garbage for every short copy: short ones go octet by octet. */
export function copyBytes(from: Uint8Array, fromAt: number, length: number, to: Uint8Array, toAt: number): void {
  if (length > 128) {
    to.set(from.subarray(fromAt, fromAt + length), toAt);
    return;
  }
  for (let i = 0; i < length; i += 1) to[toAt + i] = from[fromAt + i]!;
}

export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** First place of `part` in `whole`, −1 if none. An empty part is stored for itself. */
function inside(part: Uint8Array | undefined, whole: Uint8Array | undefined): number {
  if (part === undefined || whole === undefined || part.length === 0) return -1;
  const first = part[0]!;
  const last = whole.length - part.length;
  for (let at = 0; at <= last; at += 1) {
    if (whole[at] === first && sameBytes(part, 1, whole, at + 1, part.length - 1)) return at;
  }
  return -1;
}
