import { decodeMessage4, OptionCode4, OptionOverload } from "@leasewire/wire";

const magicCookie = 0x6382_5363;
const snameOffset = 44;
const fileOffset = 108;
const cookieOffset = 236;
const optionsOffset = 240;

export type ScanError =
  | "message-truncated"
  | "cookie-missing"
  | "hardware-address-length"
  | "option-truncated"
  | "option-overload"
  | "end-missing";

/**
 * One message read where it lies: a pass over its options remembers where each stands, so that what is passed on can be
 * copied with small changes. One instance is reused: what it tells is about the message scanned last.
 */
export class MessageScanner {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the End option stands; the length of the message if it has none. */
  end = 0;
  /** Where option 82 stands in the options proper, −1 if it does not: elsewhere it is not looked at (RFC 3046 §2.1). */
  informationAt = -1;
  /** Whether option 82 is there in several pieces. */
  informationIsSplit = false;
  /** By code: 0 nowhere, −1 in several places. */
  readonly #places = new Int32Array(256);
  /** Whether an option, and not padding, fills the area scanned last to its end. */
  #isOptionLast = false;

  /** Undefined if the message can be used. */
  scan(bytes: Uint8Array): ScanError | undefined {
    this.bytes = bytes;
    if (bytes.length < optionsOffset) return "message-truncated";
    if (this.uint32(cookieOffset) !== magicCookie) return "cookie-missing";
    if (bytes[2]! > 16) return "hardware-address-length";
    const places = this.#places;
    places.fill(0);
    this.informationAt = -1;
    this.informationIsSplit = false;
    const end = this.#scanArea(optionsOffset, bytes.length);
    if (end < 0) return "option-truncated";
    // Cut off between two options (RFC 2131 §4.1: the last one is End): with options of ours behind it, it would look whole.
    if (end === bytes.length && this.#isOptionLast) return "end-missing";
    this.end = end;
    const information = places[OptionCode4.relayAgentInformation]!;
    if (information !== 0) {
      this.informationIsSplit = information < 0;
      this.informationAt = information < 0 ? this.#firstOf(OptionCode4.relayAgentInformation) : information;
    }
    const overloadAt = places[OptionCode4.overload]!;
    if (overloadAt !== 0) {
      const overload = overloadAt > 0 && bytes[overloadAt + 1] === 1 ? bytes[overloadAt + 2]! : 0;
      if (overload < 1 || overload > 3) return "option-overload";
      if ((overload & OptionOverload.file) !== 0 && this.#scanArea(fileOffset, cookieOffset) < 0) {
        return "option-truncated";
      }
      if ((overload & OptionOverload.sname) !== 0 && this.#scanArea(snameOffset, fileOffset) < 0) {
        return "option-truncated";
      }
    }
    return undefined;
  }

  get op(): number {
    return this.bytes[0]!;
  }
  get htype(): number {
    return this.bytes[1]!;
  }
  get hlen(): number {
    return this.bytes[2]!;
  }
  get hops(): number {
    return this.bytes[3]!;
  }
  get xid(): number {
    return this.uint32(4);
  }
  get flags(): number {
    return this.bytes[10]! * 256 + this.bytes[11]!;
  }
  get ciaddr(): number {
    return this.uint32(12);
  }
  get yiaddr(): number {
    return this.uint32(16);
  }
  get giaddr(): number {
    return this.uint32(24);
  }
  /** A view. */
  get chaddr(): Uint8Array {
    return this.bytes.subarray(28, 28 + this.hlen);
  }
  /** Option 53; 0 if it is missing or not one octet long. */
  get type(): number {
    const at = this.#places[OptionCode4.messageType]!;
    return at > 0 && this.bytes[at + 1] === 1 ? this.bytes[at + 2]! : 0;
  }

  /** Transaction id and hardware address: what every message of an exchange has in common. One character an octet. */
  get exchangeKey(): string {
    const { bytes } = this;
    const to = 28 + bytes[2]!;
    let key = String.fromCharCode(bytes[1]!, bytes[4]!, bytes[5]!, bytes[6]!, bytes[7]!);
    if (to === 34) {
      key += String.fromCharCode(bytes[28]!, bytes[29]!, bytes[30]!, bytes[31]!, bytes[32]!, bytes[33]!);
    } else {
      for (let at = 28; at < to; at += 1) key += String.fromCharCode(bytes[at]!);
    }
    return key;
  }

  /** The value of an option: a view; one that is split is joined (RFC 3396 §7). */
  option(code: number): Uint8Array | undefined {
    const at = this.#places[code]!;
    if (at === 0) return undefined;
    if (at > 0) return this.bytes.subarray(at + 2, at + 2 + this.bytes[at + 1]!);
    const decoded = decodeMessage4(this.bytes);
    return decoded.ok ? decoded.value.option(code) : undefined;
  }

  /** An option of four octets as a number, 0 if it is not there or of another length. */
  number(code: number): number {
    const at = this.#places[code]!;
    return at > 0 && this.bytes[at + 1] === 4 ? this.uint32(at + 2) : 0;
  }

  uint32(at: number): number {
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** Where the End option stands, `to` if there is none; −1 if an option does not fit. */
  #scanArea(from: number, to: number): number {
    const { bytes } = this;
    const places = this.#places;
    let at = from;
    this.#isOptionLast = false;
    while (at < to) {
      const code = bytes[at]!;
      if (code === OptionCode4.pad) {
        at += 1;
        continue;
      }
      if (code === OptionCode4.end) return at;
      if (at + 1 >= to) return -1;
      const next = at + 2 + bytes[at + 1]!;
      if (next > to) return -1;
      this.#isOptionLast = next === to;
      places[code] = places[code] === 0 ? at : -1;
      at = next;
    }
    return to;
  }

  #firstOf(code: number): number {
    const { bytes } = this;
    for (let at = optionsOffset; at < this.end; at += bytes[at] === OptionCode4.pad ? 1 : 2 + bytes[at + 1]!) {
      if (bytes[at] === code) return at;
    }
    return -1;
  }
}
