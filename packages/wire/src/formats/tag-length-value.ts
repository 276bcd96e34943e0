import { formatHex, formatOpaque } from "@leasewire/net";
import { wireError } from "../error.ts";
import type { DescribedField, Format } from "../format.ts";
import { countOctets } from "./octet-strings.ts";

export interface TagValue {
  readonly code: number;
  readonly data: Uint8Array;
}

/**
 * Encapsulated vendor-specific options (RFC 2132 §8.4): code and length of one octet each. Vendors are free to put something else
 * there, so the value stays opaque and is only *shown* as options where it reads as such to its last octet.
 */
export const vendorOctets: Format<Uint8Array> = {
  decode: (data) => ({ ok: true, value: data }),
  encode: (value) => value,
  show: (value) => (readTagValues8(value) === undefined ? formatOpaque(value) : countOctets(value)),
  parts: (data) => {
    const parts = readTagValues8(data);
    return parts === undefined
      ? []
      : parts.map(({ code, data: value, offset }) => tagField(`vendor option ${code}`, value, offset, 2));
  },
};

export function tagField(name: string, data: Uint8Array, offset: number, headerLength: number): DescribedField {
  return { name, value: formatOpaque(data), offset, length: headerLength + data.length };
}

/** `undefined` where the octets do not end with an option. A pad or End octet at the tail is let pass. */
function readTagValues8(data: Uint8Array): readonly (TagValue & { readonly offset: number })[] | undefined {
  const parts: (TagValue & { offset: number })[] = [];
  let at = 0;
  while (at < data.length) {
    const code = data[at] as number;
    if (code === 255) return at === data.length - 1 && parts.length > 0 ? parts : undefined;
    if (code === 0) {
      at += 1;
      continue;
    }
    const end = at + 2 + (data[at + 1] ?? 256);
    if (end > data.length) return undefined;
    parts.push({ code, data: data.subarray(at + 2, end), offset: at });
    at = end;
  }
  return parts.length > 0 ? parts : undefined;
}

/** Data of one vendor. */
export interface EnterpriseData {
  readonly enterprise: number;
  readonly data: Uint8Array;
}

/** Options 124 and 125 (RFC 3925 §3, §4): any number of enterprise number (4), length (1), data. */
export const enterpriseList: Format<readonly EnterpriseData[]> = {
  decode: (data) => {
    const value: EnterpriseData[] = [];
    let at = 0;
    while (at < data.length) {
      const end = at + 5 + (data[at + 4] ?? 256);
      if (end > data.length) return wireError("option-length", at, "ends inside the data of a vendor");
      value.push({ enterprise: uint32At(data, at), data: data.subarray(at + 5, end) });
      at = end;
    }
    return value.length > 0
      ? { ok: true, value }
      : wireError("option-length", 0, "has 0 octets, at least 5 are needed");
  },
  encode: (value) => {
    const out: number[] = [];
    for (const { enterprise, data } of value) {
      if (data.length > 255) throw new RangeError(`vendor data of ${data.length} octets`);
      out.push(
        enterprise >>> 24,
        (enterprise >>> 16) & 255,
        (enterprise >>> 8) & 255,
        enterprise & 255,
        data.length,
        ...data,
      );
    }
    return Uint8Array.from(out);
  },
  show: (value) =>
    value.map(({ enterprise, data }) => `enterprise ${enterprise}: ${formatOpaque(data) || "nothing"}`).join(", "),
};

function uint32At(data: Uint8Array, at: number): number {
  return (
    (((data[at] as number) << 24) |
      ((data[at + 1] as number) << 16) |
      ((data[at + 2] as number) << 8) |
      (data[at + 3] as number)) >>>
    0
  );
}

/** Octets always shown in hex, such as keys. */
export function showHex(data: Uint8Array): string {
  return formatHex(data, ":");
}
