import { formatIpv4, formatIpv6, ipv4FromBytes, parseIpv4, parseIpv6 } from "@leasewire/net";

/** Addresses as words: IPv4 in one, IPv6 in four, the first octet in the highest bits of the first word. */
const slotsLog2 = 10;

/**
 * Text of addresses of one family, remembered: servers hear from the same few relays all the time, and neither parsing
 * nor formatting a text for each datagram is then needed. What does not fit displaces what was there.
 */
export class AddressTexts {
  readonly #family: 4 | 6;
  readonly #words = new Uint32Array(4 << slotsLog2);
  readonly #texts: (string | undefined)[] = new Array(1 << slotsLog2).fill(undefined);
  readonly #parsed = new Map<string, Uint32Array | null>();

  constructor(family: 4 | 6) {
    this.#family = family;
  }

  /** Canonical text of the address whose words begin at `at`. */
  format(words: Uint32Array, at: number): string {
    const w0 = words[at] as number;
    const four = this.#family === 4;
    const w1 = four ? 0 : (words[at + 1] as number);
    const w2 = four ? 0 : (words[at + 2] as number);
    const w3 = four ? 0 : (words[at + 3] as number);
    const mixed = Math.imul(w0 ^ Math.imul(w1 ^ Math.imul(w2 ^ Math.imul(w3, mix), mix), mix), mix);
    const slot = mixed >>> (32 - slotsLog2);
    const known = this.#words;
    const k = slot * 4;
    const text = this.#texts[slot];
    if (text !== undefined && known[k] === w0 && known[k + 1] === w1 && known[k + 2] === w2 && known[k + 3] === w3)
      return text;
    const fresh = addressText(this.#family, words, at);
    known[k] = w0;
    known[k + 1] = w1;
    known[k + 2] = w2;
    known[k + 3] = w3;
    this.#texts[slot] = fresh;
    return fresh;
  }

  /** Words of an address; null when the text is none of this family. Shared: never write to them. */
  parse(text: string): Uint32Array | null {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const fresh = parseWords(this.#family, text);
    if (this.#parsed.size >= parsedMax) this.#parsed.clear();
    this.#parsed.set(text, fresh);
    return fresh;
  }
}

/** Canonical text of the address whose words begin at `at`. */
export function addressText(family: 4 | 6, words: Uint32Array, at: number): string {
  return family === 4 ? formatIpv4(words[at] as number) : formatIpv6(bytesOf(words, at));
}

const mix = 0x9e3779b1;
const parsedMax = 4096;

/** 16 octets of an address, IPv4 in the first four; null when the text is none of this family. */
export function addressOctets(family: 4 | 6, text: string): Uint8Array | null {
  const words = parseWords(family, text);
  return words === null ? null : bytesOf(words, 0);
}

function parseWords(family: 4 | 6, text: string): Uint32Array | null {
  const words = new Uint32Array(4);
  if (family === 4) {
    const parsed = parseIpv4(text);
    if (!parsed.ok) return null;
    words[0] = parsed.value;
    return words;
  }
  const parsed = parseIpv6(text);
  if (!parsed.ok) return null;
  for (let word = 0; word < 4; word += 1) words[word] = ipv4FromBytes(parsed.value, word * 4);
  return words;
}

function bytesOf(words: Uint32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 4; word += 1) view.setUint32(word * 4, words[at + word] as number);
  return bytes;
}
