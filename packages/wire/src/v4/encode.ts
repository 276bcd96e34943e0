import { messageLengthMax } from "../limits.ts";
import { writeUint16, writeUint32 } from "../octets.ts";
import { OptionCode4 } from "./codes.ts";

export interface Option4 {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface MessageFields4 {
  readonly op: number;
  readonly htype?: number;
  /** Only where it differs from the length of chaddr. */
  readonly hlen?: number;
  readonly hops?: number;
  readonly xid: number;
  readonly secs?: number;
  readonly flags?: number;
  readonly ciaddr?: number;
  readonly yiaddr?: number;
  readonly siaddr?: number;
  readonly giaddr?: number;
  readonly chaddr?: Uint8Array;
  readonly sname?: Uint8Array;
  readonly file?: Uint8Array;
  readonly options: readonly Option4[];
  /** Options that are already in wire form, without pad or End; written before option 82. */
  readonly encodedOptions?: Uint8Array;
  /** Pads with zeros after End up to this length: 300 for relays that keep BOOTP's minimum (RFC 1542 §2.1). */
  readonly lengthMin?: number;
}

const optionsOffset = 240;

/**
 * A DHCPv4 message (RFC 2131 §2). Options keep their order, except that option 82 goes last before End (RFC 3046 §2.1). A value
 * longer than 255 octets becomes several instances of its code (RFC 3396 §6).
 *
 * Fields that do not fit (a chaddr of 17 octets, a message of more than 65535) are our own bug and throw.
 */
export function encodeMessage4(fields: MessageFields4): Uint8Array {
  const { chaddr, sname, file, encodedOptions } = fields;
  if (chaddr !== undefined && chaddr.length > 16) throw new RangeError(`chaddr of ${chaddr.length} octets`);
  if (sname !== undefined && sname.length > 64) throw new RangeError(`sname of ${sname.length} octets`);
  if (file !== undefined && file.length > 128) throw new RangeError(`file of ${file.length} octets`);

  let length = optionsOffset + 1 + (encodedOptions?.length ?? 0);
  for (const option of fields.options) length += encodedLength(option);
  if (length > messageLengthMax) throw new RangeError(`a DHCPv4 message of ${length} octets`);

  const bytes = new Uint8Array(Math.max(length, fields.lengthMin ?? 0));
  bytes[0] = fields.op;
  bytes[1] = fields.htype ?? 0;
  bytes[2] = fields.hlen ?? chaddr?.length ?? 0;
  bytes[3] = fields.hops ?? 0;
  writeUint32(bytes, 4, fields.xid);
  writeUint16(bytes, 8, fields.secs ?? 0);
  writeUint16(bytes, 10, fields.flags ?? 0);
  writeUint32(bytes, 12, fields.ciaddr ?? 0);
  writeUint32(bytes, 16, fields.yiaddr ?? 0);
  writeUint32(bytes, 20, fields.siaddr ?? 0);
  writeUint32(bytes, 24, fields.giaddr ?? 0);
  if (chaddr !== undefined) bytes.set(chaddr, 28);
  if (sname !== undefined) bytes.set(sname, 44);
  if (file !== undefined) bytes.set(file, 108);
  writeUint32(bytes, 236, 0x6382_5363);

  let at = optionsOffset;
  for (const option of fields.options)
    if (option.code !== OptionCode4.relayAgentInformation) at = writeOption(bytes, at, option);
  if (encodedOptions !== undefined) {
    bytes.set(encodedOptions, at);
    at += encodedOptions.length;
  }
  for (const option of fields.options)
    if (option.code === OptionCode4.relayAgentInformation) at = writeOption(bytes, at, option);
  bytes[at] = OptionCode4.end;
  return bytes;
}

/** Options in wire form, without End: what `encodedOptions` takes and what the table keeps. Order is kept, long values are split. */
export function encodeOptions4(options: readonly Option4[]): Uint8Array {
  let length = 0;
  for (const option of options) length += encodedLength(option);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const option of options) at = writeOption(bytes, at, option);
  return bytes;
}

function encodedLength({ data }: Option4): number {
  return data.length + 2 * Math.max(1, Math.ceil(data.length / 255));
}

function writeOption(bytes: Uint8Array, start: number, { code, data }: Option4): number {
  let at = start;
  let from = 0;
  do {
    const piece = data.subarray(from, from + 255);
    bytes[at] = code;
    bytes[at + 1] = piece.length;
    bytes.set(piece, at + 2);
    at += 2 + piece.length;
    from += 255;
  } while (from < data.length);
  return at;
}
