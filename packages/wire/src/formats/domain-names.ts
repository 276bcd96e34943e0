import { formatOpaque } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";
import { domainLabelsMax, domainNamesMax } from "../limits.ts";

/** A domain name as its labels, each 1 to 63 octets; the root is no label at all. */
export type DomainName = readonly Uint8Array[];

/** One or more uncompressed names (RFC 9915 §10). */
export const domainNames: Format<readonly DomainName[]> = {
  decode: (data) => decodeNames(data, false),
  encode: encodeNames,
  show: (names) => names.map(showName).join(", "),
};

/** Names that may be compressed, pointers counted from the start of the joined option (option 119, RFC 3397 §2). Written uncompressed. */
export const compressedDomainNames: Format<readonly DomainName[]> = {
  ...domainNames,
  decode: (data) => decodeNames(data, true),
};

/** Exactly one name (for example AFTR-Name, RFC 6334 §3). */
export const domainName: Format<DomainName> = {
  decode: (data) => {
    const names = decodeNames(data, false);
    if (!names.ok) return names;
    return names.value.length === 1
      ? { ok: true, value: names.value[0] as DomainName }
      : wireError("option-value", 0, `has ${names.value.length} domain names, one is needed`);
  },
  encode: (name) => encodeNames([name]),
  show: showName,
};

export function showName(name: DomainName): string {
  return name.length === 0 ? "." : name.map(formatOpaque).join(".");
}

export function encodeName(name: DomainName, terminated = true): Uint8Array {
  const out: number[] = [];
  for (const label of name) out.push(label.length, ...label);
  if (terminated) out.push(0);
  return Uint8Array.from(out);
}

function encodeNames(names: readonly DomainName[]): Uint8Array {
  return Uint8Array.from(names.flatMap((name) => [...encodeName(name)]));
}

function decodeNames(data: Uint8Array, compressed: boolean): WireResult<readonly DomainName[]> {
  if (data.length === 0) return wrongLength(data, "at least one domain name is needed");
  const names: DomainName[] = [];
  let at = 0;
  while (at < data.length) {
    if (names.length === domainNamesMax)
      return wireError("option-value", at, `has more than ${domainNamesMax} domain names`);
    const read = decodeName(data, at, compressed);
    if (!read.ok) return read;
    names.push(read.value.name);
    at = read.value.end;
  }
  return { ok: true, value: names };
}

/**
 * Reads one name. A pointer must lead to an earlier octet than the last one followed, so that following them ends; together with
 * the limit on labels a hostile option costs at most 127 steps a name.
 */
export function decodeName(
  data: Uint8Array,
  start: number,
  compressed: boolean,
): WireResult<{ name: DomainName; end: number }> {
  const name: Uint8Array[] = [];
  let at = start;
  let end = -1;
  let pointerLimit = start;
  for (;;) {
    const length = data[at];
    if (length === undefined) return wireError("option-value", at, "has a domain name that is cut short");
    if (length === 0) return { ok: true, value: { name, end: end < 0 ? at + 1 : end } };
    if (length >= 0xc0 && compressed) {
      const low = data[at + 1];
      const target = low === undefined ? -1 : ((length & 0x3f) << 8) | low;
      if (target < 0 || target >= pointerLimit)
        return wireError("option-value", at, "has a domain name with a pointer that does not lead back");
      if (end < 0) end = at + 2;
      pointerLimit = target;
      at = target;
      continue;
    }
    if (length > 63)
      return wireError("option-value", at, `has a domain name with a label of ${length} octets, 63 is the most`);
    if (at + 1 + length > data.length) return wireError("option-value", at, "has a domain name that is cut short");
    if (name.length === domainLabelsMax)
      return wireError("option-value", at, `has a domain name of more than ${domainLabelsMax} labels`);
    name.push(data.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
}
