import type { BindingInput } from "@leasewire/bindings";

/**
 * The part of a binding that is only read back whole: one blob instead of nine columns.
 *
 * Form: version octet 1, then for each present part its tag (1 octet), its length (LEB128) and its octets. Texts are
 * UTF-8. Unknown tags are skipped, so that an older program reads what a newer one wrote.
 */
const version = 1;
const tags = {
  linkAddress: 1,
  relayAgentInformation: 2,
  circuitId: 3,
  remoteId: 4,
  relayId: 5,
  options: 6,
  serverIdentifier: 7,
  serverAddress: 8,
  interfaceName: 9,
} as const;

export type BindingDetail = Pick<BindingInput, keyof typeof tags>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const tagNames = Object.entries(tags).map(([name, tag]) => [tag, name as keyof typeof tags] as const);
const names = new Map<number, keyof typeof tags>(tagNames);
const textsKnownMax = 4_096;
const textsKnown = new Map<string, Uint8Array>();

export function encodeDetail(binding: BindingDetail): Uint8Array {
  let blob = new Uint8Array(512);
  let length = writeDetail(binding, blob, 0);
  while (length === 0) {
    blob = new Uint8Array(blob.length * 4);
    length = writeDetail(binding, blob, 0);
  }
  return blob.slice(0, length);
}

/** Where `writeDetail` put these two, counted from the start of the blob; they are kept in the history as well. */
export const detailPlace = { circuitId: 0, remoteId: 0 };

/** Writes the blob at `from`. Answers its length, or 0 when there is no room for it. */
export function writeDetail(binding: BindingDetail, into: Uint8Array, from: number): number {
  if (from >= into.length) return 0;
  into[from] = version;
  let at = from + 1;
  for (const [tag, name] of tagNames) {
    const value = binding[name];
    if (value === undefined) continue;
    const bytes = typeof value === "string" ? textOctets(value) : value;
    if (at + 4 + bytes.length > into.length) return 0;
    into[at++] = tag;
    let rest = bytes.length;
    for (; rest > 0x7f; rest >>>= 7) into[at++] = (rest & 0x7f) | 0x80;
    into[at++] = rest;
    if (tag === tags.circuitId) detailPlace.circuitId = at - from;
    else if (tag === tags.remoteId) detailPlace.remoteId = at - from;
    into.set(bytes, at);
    at += bytes.length;
  }
  return at - from;
}

/** Octets are views into the blob. Throws where the blob is not of this form: then somebody else wrote into the table. */
export function decodeDetail(blob: Uint8Array): BindingDetail {
  if (blob[0] !== version)
    throw new Error(`a binding is stored in form ${blob[0]}, this program reads form ${version}`);
  const detail: Record<string, Uint8Array | string> = {};
  let at = 1;
  while (at < blob.length) {
    const name = names.get(blob[at++]!);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = blob[at++];
      if (octet === undefined || shift > 21) throw new Error("a stored binding has a length that does not end");
      length |= (octet & 0x7f) << shift;
      if (octet < 0x80) break;
    }
    if (at + length > blob.length) throw new Error("a stored binding ends inside a field");
    const bytes = blob.subarray(at, at + length);
    at += length;
    if (name === undefined) continue;
    detail[name] = name === "serverAddress" || name === "interfaceName" ? decoder.decode(bytes) : bytes;
  }
  return detail as BindingDetail;
}

/** Texts are names of interfaces and servers: the same few again and again. */
function textOctets(text: string): Uint8Array {
  let octets = textsKnown.get(text);
  if (octets === undefined) {
    octets = encoder.encode(text);
    if (textsKnown.size >= textsKnownMax) textsKnown.clear();
    textsKnown.set(text, octets);
  }
  return octets;
}
