import { OptionCode4 } from "@leasewire/wire";
import type { MessageScanner } from "./scan.ts";

const slabOctets = 262_144;
const optionsOffset = 240;
/** Relays and clients that keep to BOOTP drop shorter messages (RFC 1542 §2.1). */
const lengthMin = 300;

/**
 * Messages that are passed on, one behind the other in slabs that are never written again: a buffer of its own for each
 * would cost more than all the rest of it. A slab is given up when no message in it is needed any more.
 */
export class PacketBuffer {
  #bytes = new Uint8Array(slabOctets);
  /** Where the next message begins; from here on the slab holds zeros. */
  #at = 0;

  /**
   * A copy of the message, its option 82 replaced by `information` as the last option before End, or left out where
   * that is undefined (RFC 3046 §2.1). What stood behind End is gone.
   */
  rewritten(message: MessageScanner, information: Uint8Array | undefined): Uint8Array {
    const { bytes, end, informationAt } = message;
    const from = this.#copy(message, information === undefined ? 1 : 3 + information.length);
    const out = this.#bytes;
    let at = from + end;
    if (message.informationIsSplit) at = withoutInformation(out, from + optionsOffset, at);
    else if (informationAt >= 0) {
      const after = informationAt + 2 + bytes[informationAt + 1]!;
      if (after < end) out.copyWithin(from + informationAt, from + after, at);
      at -= after - informationAt;
    }
    if (information !== undefined) {
      out[at] = OptionCode4.relayAgentInformation;
      out[at + 1] = information.length;
      at += 2;
      for (let i = 0; i < information.length; i += 1) out[at + i] = information[i]!;
      at += information.length;
    }
    out[at] = OptionCode4.end;
    at += 1;
    if (at < from + bytes.length) out.fill(0, at, from + bytes.length);
    return this.#take(Math.max(at - from, lengthMin));
  }

  /** A copy of the message with its options as they are. */
  copied(message: MessageScanner): Uint8Array {
    this.#copy(message, 0);
    return this.#take(message.bytes.length);
  }

  /** Where the copy begins; behind it there is room for `more` octets. */
  #copy({ bytes }: MessageScanner, more: number): number {
    if (this.#at + Math.max(bytes.length + more, lengthMin) > slabOctets) {
      this.#bytes = new Uint8Array(slabOctets);
      this.#at = 0;
    }
    this.#bytes.set(bytes, this.#at);
    return this.#at;
  }

  #take(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }
}

/** Takes out option 82, in however many pieces it is; where the options end now. */
function withoutInformation(out: Uint8Array, from: number, end: number): number {
  let to = from;
  for (let at = from; at < end; ) {
    const next = out[at] === OptionCode4.pad ? at + 1 : at + 2 + out[at + 1]!;
    if (out[at] !== OptionCode4.relayAgentInformation) {
      out.copyWithin(to, at, next);
      to += next - at;
    }
    at = next;
  }
  return to;
}
