import type { BindingDraft, BindingInput } from "./binding.ts";

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
/** Where the fields of a record are among its octets. */
export interface FieldPlaces {
  readonly starts: Int32Array;
  /** −1 = absent. */
  readonly lengths: Int32Array;
}

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
  /** Where in `bytes` the fields of the record written last are, as a `RecordReader` would say. */
  readonly starts = new Int32Array(FIELDS);
  readonly lengths = new Int32Array(FIELDS);
  readonly #bytesMax: number;
  readonly #from: Uint8Array[] = new Array(FIELDS).fill(NOTHING);
  readonly #fromAt = new Int32Array(FIELDS);
  /** For a field that lies inside another: where in it; −1: it does not. */
  readonly #insideAt = new Int32Array(FIELDS);
  #at = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    // Seven fields of at most two numbers of at most three octets, header and IAID.
    this.bytes = new Uint8Array(bytesMax + 64);
  }

  /** Length of the record now at the start of `bytes`, or −1 when it is longer than allowed. */
  write(input: BindingInput): number {
    this.#take(Field.clientId, input.clientId);
    this.#take(Field.hardwareAddress, input.hardwareAddress);
    this.#take(Field.circuitId, input.circuitId);
    this.#take(Field.remoteId, input.remoteId);
    this.#take(Field.relayId, input.relayId);
    this.#take(Field.relayAgentInformation, input.relayAgentInformation);
    this.#take(Field.options, input.options);
    return this.#encode(input.iaid);
  }

  /** The same of fields that lie among the octets of the draft. */
  writeDraft({ bytes, starts, lengths, iaid }: BindingDraft): number {
    for (let field = 0; field < FIELDS; field += 1) {
      this.#from[field] = bytes;
      this.#fromAt[field] = starts[field]!;
      this.lengths[field] = lengths[field]!;
    }
    return this.#encode(iaid);
  }

  #take(field: number, value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.lengths[field] = -1;
      return;
    }
    this.#from[field] = value;
    this.#fromAt[field] = 0;
    this.lengths[field] = value.length;
  }

  #encode(iaid: number | undefined): number {
    const { bytes, starts, lengths } = this;
    const insideAt = this.#insideAt;
    insideAt[Field.hardwareAddress] = this.#inside(Field.hardwareAddress, Field.clientId);
    for (let field: number = Field.circuitId; field <= Field.relayId; field += 1) {
      insideAt[field] = this.#inside(field, Field.relayAgentInformation);
    }
    insideAt[Field.clientId] = -1;
    insideAt[Field.relayAgentInformation] = -1;
    insideAt[Field.options] = -1;
    let total = 0;
    for (let field = 0; field < FIELDS; field += 1) {
      if (insideAt[field]! < 0 && lengths[field]! > 0) total += lengths[field]!;
    }
    if (total > this.#bytesMax) return -1;

    let mask = 0;
    this.#at = RECORD_HEADER_BYTES;
    for (let field = 0; field < FIELDS; field += 1) {
      const length = lengths[field]!;
      if (length < 0) continue;
      mask |= 1 << field;
      const inside = insideAt[field]!;
      if (inside >= 0) {
        mask |= 256 << field;
        this.#number(inside);
      }
      this.#number(length);
    }
    let at = this.#at;
    for (let field = 0; field < FIELDS; field += 1) {
      const length = lengths[field]!;
      if (length < 0 || insideAt[field]! >= 0) continue;
      starts[field] = at;
      copyBytes(this.#from[field]!, this.#fromAt[field]!, length, bytes, at);
      at += length;
    }
    for (let field: number = Field.hardwareAddress; field <= Field.relayId; field += 1) {
      if (insideAt[field]! < 0) continue;
      const whole = field === Field.hardwareAddress ? Field.clientId : Field.relayAgentInformation;
      starts[field] = starts[whole]! + insideAt[field]!;
    }
    if (iaid !== undefined) {
      mask |= IAID_BIT;
      bytes[at] = iaid;
      bytes[at + 1] = iaid >>> 8;
      bytes[at + 2] = iaid >>> 16;
      bytes[at + 3] = iaid >>> 24;
      at += 4;
    }
    bytes[4] = at;
    bytes[5] = at >>> 8;
    bytes[6] = mask;
    bytes[7] = mask >>> 8;
    return at;
  }

  /** First place of one field in another, −1 if there is none. An empty field is stored for itself. */
  #inside(part: number, whole: number): number {
    const length = this.lengths[part]!;
    const last = this.lengths[whole]! - length;
    if (length <= 0 || last < 0) return -1;
    const partBytes = this.#from[part]!;
    const partAt = this.#fromAt[part]!;
    const wholeBytes = this.#from[whole]!;
    const wholeAt = this.#fromAt[whole]!;
    const first = partBytes[partAt]!;
    for (let at = 0; at <= last; at += 1) {
      if (
        wholeBytes[wholeAt + at] === first &&
        sameBytes(partBytes, partAt + 1, wholeBytes, wholeAt + at + 1, length - 1)
      ) {
        return at;
      }
    }
    return -1;
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
}

const NOTHING = new Uint8Array(0);

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
