import { type Ipv4Address, ipv4FromBytes } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import { messageLengthMax, messageLengthMin4 } from "../limits.ts";
import { readUint16, readUint32 } from "../octets.ts";
import { OptionCode4, OptionOverload } from "./codes.ts";
import { checkOptionArea4, nextOption4, type OptionInstance4, optionEnd4, options4 } from "./option-area.ts";
import { relayAgentSubOption } from "./relay-agent-information.ts";

const magicCookie = 0x6382_5363;
const chaddrOffset = 28;
const snameOffset = 44;
const fileOffset = 108;
const cookieOffset = 236;
const optionsOffset = 240;
const hardwareAddressLengthMax = 16;

/**
 * Checks a DHCPv4 message (RFC 2131 §2) and wraps it; nothing is copied, and values are read when asked for. `bytes` must not be
 * changed afterwards.
 *
 * After a successful decode every option, those in an overloaded `file` or `sname` included, lies inside the message. What a value
 * means is not looked at: the typed readers do that.
 *
 * Errors: `message-truncated`, `message-too-long`, `cookie-missing` (plain BOOTP), `hardware-address-length`, `option-truncated`,
 * `option-count`, `option-overload`.
 */
export function decodeMessage4(bytes: Uint8Array): WireResult<Message4> {
  if (bytes.length < messageLengthMin4) {
    return wireError(
      "message-truncated",
      bytes.length,
      `a DHCPv4 message has at least ${messageLengthMin4} octets, this one has ${bytes.length}`,
    );
  }
  if (bytes.length > messageLengthMax) {
    return wireError(
      "message-too-long",
      messageLengthMax,
      `a message has at most ${messageLengthMax} octets, this one has ${bytes.length}`,
    );
  }
  if (readUint32(bytes, cookieOffset) !== magicCookie) {
    return wireError(
      "cookie-missing",
      cookieOffset,
      "the magic cookie 63:82:53:63 is missing: this is BOOTP, not DHCP",
    );
  }
  const hlen = bytes[2] as number;
  if (hlen > hardwareAddressLengthMax) {
    return wireError(
      "hardware-address-length",
      2,
      `hlen is ${hlen}: chaddr has room for ${hardwareAddressLengthMax} octets`,
    );
  }
  const main = checkOptionArea4(bytes, optionsOffset, bytes.length);
  if (!main.ok) return main;
  const overload = readOverload(bytes);
  if (!overload.ok) return overload;
  const message = new Message4(bytes, overload.value);
  for (const [from, to] of message.areas().slice(1)) {
    const checked = checkOptionArea4(bytes, from, to);
    if (!checked.ok) return checked;
  }
  return { ok: true, value: message };
}

/** A checked DHCPv4 message. Made by `decodeMessage4` only. */
export class Message4 {
  readonly bytes: Uint8Array;
  /** Value of option 52: whether `file` (1), `sname` (2) or both (3) hold options; 0 for neither. */
  readonly overload: number;

  constructor(bytes: Uint8Array, overload: number) {
    this.bytes = bytes;
    this.overload = overload;
  }

  get op(): number {
    return this.bytes[0] as number;
  }
  get htype(): number {
    return this.bytes[1] as number;
  }
  get hlen(): number {
    return this.bytes[2] as number;
  }
  get hops(): number {
    return this.bytes[3] as number;
  }
  get xid(): number {
    return readUint32(this.bytes, 4);
  }
  get secs(): number {
    return readUint16(this.bytes, 8);
  }
  get flags(): number {
    return readUint16(this.bytes, 10);
  }
  get ciaddr(): Ipv4Address {
    return ipv4FromBytes(this.bytes, 12);
  }
  get yiaddr(): Ipv4Address {
    return ipv4FromBytes(this.bytes, 16);
  }
  get siaddr(): Ipv4Address {
    return ipv4FromBytes(this.bytes, 20);
  }
  get giaddr(): Ipv4Address {
    return ipv4FromBytes(this.bytes, 24);
  }
  /** A view of `hlen` octets. */
  get chaddr(): Uint8Array {
    return this.bytes.subarray(chaddrOffset, chaddrOffset + this.hlen);
  }
  /** The server host name, a view up to the first NUL; empty where the field holds options. */
  get sname(): Uint8Array {
    return this.#text(snameOffset, fileOffset, OptionOverload.sname);
  }
  /** The boot file name, a view up to the first NUL; empty where the field holds options. */
  get file(): Uint8Array {
    return this.#text(fileOffset, cookieOffset, OptionOverload.file);
  }

  /** Option 53; `undefined` if it is missing or not one octet long. */
  get messageType(): number | undefined {
    const data = this.option(OptionCode4.messageType);
    return data?.length === 1 ? data[0] : undefined;
  }

  /**
   * The value of an option: a view where it stands in one piece, a joined copy where it is split (RFC 3396 §7).
   * `undefined` if it is not there.
   */
  option(code: number): Uint8Array | undefined {
    let count = 0;
    let length = 0;
    let first = 0;
    for (const [from, to] of this.areas()) {
      for (
        let at = nextOption4(this.bytes, from, to);
        at >= 0;
        at = nextOption4(this.bytes, optionEnd4(this.bytes, at), to)
      ) {
        if (this.bytes[at] !== code) continue;
        if (count === 0) first = at;
        count += 1;
        length += this.bytes[at + 1] as number;
      }
    }
    if (count === 0) return undefined;
    return count === 1 ? this.bytes.subarray(first + 2, optionEnd4(this.bytes, first)) : this.#join(code, length);
  }

  has(code: number): boolean {
    return this.optionOffset(code) >= 0;
  }

  /** Offset of the code octet of the first instance, -1 if the option is not there. */
  optionOffset(code: number): number {
    for (const [from, to] of this.areas()) {
      for (
        let at = nextOption4(this.bytes, from, to);
        at >= 0;
        at = nextOption4(this.bytes, optionEnd4(this.bytes, at), to)
      ) {
        if (this.bytes[at] === code) return at;
      }
    }
    return -1;
  }

  /** Every instance in the order of RFC 3396 §5: options, then `file`, then `sname`. Split values are not joined. */
  *options(): Generator<OptionInstance4> {
    for (const [from, to] of this.areas()) yield* options4(this.bytes, from, to);
  }

  /** Every option once, split values joined, in the order of first appearance. */
  *joinedOptions(): Generator<OptionInstance4> {
    const seen = new Set<number>();
    for (const instance of this.options()) {
      if (seen.has(instance.code)) continue;
      seen.add(instance.code);
      yield { ...instance, data: this.option(instance.code) as Uint8Array };
    }
  }

  /** A sub-option of option 82 (RFC 3046 §2.0), a view. `undefined` if it is not there. */
  relayAgentOption(subOption: number): Uint8Array | undefined {
    const information = this.option(OptionCode4.relayAgentInformation);
    return information === undefined ? undefined : relayAgentSubOption(information, subOption);
  }

  /** Where options stand: from and to of each area, in the order in which they are read. */
  areas(): readonly (readonly [from: number, to: number])[] {
    switch (this.overload) {
      case OptionOverload.file:
        return [[optionsOffset, this.bytes.length], fileArea];
      case OptionOverload.sname:
        return [[optionsOffset, this.bytes.length], snameArea];
      case OptionOverload.both:
        return [[optionsOffset, this.bytes.length], fileArea, snameArea];
      default:
        return [[optionsOffset, this.bytes.length]];
    }
  }

  #text(from: number, to: number, overloadedBy: number): Uint8Array {
    if ((this.overload & overloadedBy) !== 0) return this.bytes.subarray(from, from);
    const nul = this.bytes.indexOf(0, from);
    return this.bytes.subarray(from, nul < 0 || nul > to ? to : nul);
  }

  #join(code: number, length: number): Uint8Array {
    const joined = new Uint8Array(length);
    let at = 0;
    for (const instance of this.options()) {
      if (instance.code !== code) continue;
      joined.set(instance.data, at);
      at += instance.data.length;
    }
    return joined;
  }
}

const fileArea = [fileOffset, cookieOffset] as const;
const snameArea = [snameOffset, fileOffset] as const;

function readOverload(bytes: Uint8Array): WireResult<number> {
  for (const { code, data, offset } of options4(bytes, optionsOffset)) {
    if (code !== OptionCode4.overload) continue;
    const value = data.length === 1 ? (data[0] as number) : 0;
    return value >= 1 && value <= 3
      ? { ok: true, value }
      : wireError("option-overload", offset, "option 52 (overload) must be one octet of value 1, 2 or 3", code);
  }
  return { ok: true, value: 0 };
}
