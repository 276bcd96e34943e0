import { OptionCode4 } from "@leasewire/wire";
import type { MessageScanner } from "./scan.ts";

const slabOctets = 262_144;
/** Relays and clients that keep to BOOTP drop shorter messages (RFC 1542 §2.1). */
const lengthMin = 300;

/**
 * Messages that are passed on, one behind the other in slabs that are never written again: a buffer of its own for each
 * would cost more than all the rest of it. A slab is given up when no message in it is needed any more.
 */
export class PacketBuffer {
  #bytes = new Uint8Array(slabOctets);
  #at = 0;

  /**
   * A copy of the message, its option 82 replaced by `information` as the last option before End, or left out where
   * that is undefined (RFC 3046 §2.1). What stood behind End is gone.
   */
  rewritten(message: MessageScanner, information: Uint8Array | undefined): Uint8Array {
    const { bytes, end, informationAt } = message;
    const added = information === undefined ? 0 : 2 + information.length;
    const out = this.#take(Math.max(end + added + 1, lengthMin));
    let at = end;
    if (informationAt < 0) out.set(bytes.subarray(0, end));
    else if (message.informationIsSplit) at = copyWithoutInformation(bytes, end, out);
    else {
      const after = informationAt + 2 + bytes[informationAt + 1]!;
      out.set(bytes.subarray(0, informationAt));
      if (after < end) out.set(bytes.subarray(after, end), informationAt);
      at = end - (after - informationAt);
    }
    if (information !== undefined) {
      out[at] = OptionCode4.relayAgentInformation;
      out[at + 1] = information.length;
      at += 2;
      for (let i = 0; i < information.length; i += 1) out[at + i] = information[i]!;
      at += information.length;
    }
    out[at] = OptionCode4.end;
    out.fill(0, at + 1);
    return out.subarray(0, Math.max(at + 1, lengthMin));
  }

  /** A copy of the message with its options as they are. */
  copied({ bytes }: MessageScanner): Uint8Array {
    const out = this.#take(bytes.length);
    out.set(bytes);
    return out;
  }

  #take(length: number): Uint8Array {
    if (length > slabOctets) return new Uint8Array(length);
    if (this.#at + length > slabOctets) {
      this.#bytes = new Uint8Array(slabOctets);
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, from + length);
  }
}

/** Copies up to `end`, option 82 in however many pieces left out; where the copy ends. */
function copyWithoutInformation(bytes: Uint8Array, end: number, out: Uint8Array): number {
  out.set(bytes.subarray(0, 240));
  let to = 240;
  for (let at = 240; at < end; ) {
    const next = bytes[at] === OptionCode4.pad ? at + 1 : at + 2 + bytes[at + 1]!;
    if (bytes[at] !== OptionCode4.relayAgentInformation) {
      out.set(bytes.subarray(at, next), to);
      to += next - at;
    }
    at = next;
  }
  return to;
}
