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
const names = new Map<number, keyof typeof tags>(
  Object.entries(tags).map(([name, tag]) => [tag, name as keyof typeof tags]),
);

export function encodeDetail(binding: BindingDetail): Uint8Array {
  let length = 1;
  const parts: [number, Uint8Array][] = [];
  for (const [tag, name] of names) {
    const value = binding[name];
    if (value === undefined) continue;
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    parts.push([tag, bytes]);
    length += 1 + lengthOctets(bytes.length) + bytes.length;
  }
  const blob = new Uint8Array(length);
  blob[0] = version;
  let at = 1;
  for (const [tag, bytes] of parts) {
    blob[at++] = tag;
    let rest = bytes.length;
    for (; rest > 0x7f; rest >>>= 7) blob[at++] = (rest & 0x7f) | 0x80;
    blob[at++] = rest;
    blob.set(bytes, at);
    at += bytes.length;
  }
  return blob;
}

/** Throws where the blob is not of this form: then somebody else wrote into the table. */
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
    const bytes = blob.slice(at, at + length);
    at += length;
    if (name === undefined) continue;
    detail[name] = name === "serverAddress" || name === "interfaceName" ? decoder.decode(bytes) : bytes;
  }
  return detail as BindingDetail;
}

function lengthOctets(length: number): number {
  let octets = 1;
  for (let rest = length; rest > 0x7f; rest >>>= 7) octets += 1;
  return octets;
}
