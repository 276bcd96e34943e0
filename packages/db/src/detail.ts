import { type BindingInput, Field, type LoggedChange } from "@leasewire/bindings";

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

/** Room that is enough for the blob of a change of the log. */
export function loggedDetailOctetsMax(change: LoggedChange): number {
  const { lengths, linkAddress, serverIdentifier, serverAddress, interfaceName } = change;
  let octets = 1 + tagNames.length * 4 + linkAddress.length + serverIdentifier.length + interfaceName.length;
  for (let field = 0; field < lengths.length; field += 1) octets += lengths[field]!;
  // What is absent counts −1.
  octets += 3 + lengths.length;
  return serverAddress === undefined ? octets : octets + textOctets(serverAddress).length;
}

/** The same blob as `writeDetail` makes of the change's binding; there is room for it. */
export function writeLoggedDetail(change: LoggedChange, into: Uint8Array, from: number): number {
  const { bytes, starts, lengths, linkAddress, serverIdentifier, serverAddress, interfaceName } = change;
  into[from] = version;
  let at = writePart(into, from + 1, tags.linkAddress, linkAddress.bytes, linkAddress.start, linkAddress.length);
  for (let tag = tags.relayAgentInformation as number; tag <= tags.options; tag += 1) {
    const field = fieldOfTag[tag]!;
    const length = lengths[field]!;
    at = writePart(into, at, tag, bytes, starts[field]!, length);
    if (tag === tags.circuitId && length >= 0) detailPlace.circuitId = at - length - from;
    else if (tag === tags.remoteId && length >= 0) detailPlace.remoteId = at - length - from;
  }
  const { bytes: server, start, length } = serverIdentifier;
  at = writePart(into, at, tags.serverIdentifier, server, start, length);
  if (serverAddress !== undefined) {
    const text = textOctets(serverAddress);
    at = writePart(into, at, tags.serverAddress, text, 0, text.length);
  }
  at = writePart(into, at, tags.interfaceName, interfaceName.bytes, interfaceName.start, interfaceName.length);
  return at - from;
}

const fieldOfTag: Readonly<Record<number, number>> = {
  [tags.relayAgentInformation]: Field.relayAgentInformation,
  [tags.circuitId]: Field.circuitId,
  [tags.remoteId]: Field.remoteId,
  [tags.relayId]: Field.relayId,
  [tags.options]: Field.options,
};

/** Nothing is written of what is absent: a length of −1. */
function writePart(
  into: Uint8Array,
  from: number,
  tag: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  if (length < 0) return from;
  let at = from;
  into[at++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return copyOctets(bytes, start, length, into, at);
}

/** Answers where it ends; −1 octets are none. Short runs are copied one by one: a view to copy from costs more. */
export function copyOctets(from: Uint8Array, start: number, length: number, into: Uint8Array, at: number): number {
  if (length > 128) into.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i += 1) into[at + i] = from[start + i]!;
  return length < 0 ? at : at + length;
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
