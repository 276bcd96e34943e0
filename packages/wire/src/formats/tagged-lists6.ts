import { formatOpaque } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";
import { readUint16, readUint32, writeUint16, writeUint32 } from "../octets.ts";
import { type TagValue, tagField } from "./tag-length-value.ts";

/** User class (RFC 9915 §21.15): any number of values, each behind a length of two octets. */
export const userClass6: Format<readonly Uint8Array[]> = {
  decode: (data) => (data.length === 0 ? wrongLength(data, "at least 2 are needed") : decodeItems(data, 0)),
  encode: (items) => encodeItems(0, items),
  show: showItems,
};

/** Vendor class (RFC 9915 §21.16). */
export interface VendorClass6 {
  readonly enterprise: number;
  readonly items: readonly Uint8Array[];
}

export const vendorClass6: Format<VendorClass6> = {
  decode: (data) => {
    if (data.length < 4) return wrongLength(data, "at least 4 are needed");
    const items = decodeItems(data, 4);
    return items.ok ? { ok: true, value: { enterprise: readUint32(data, 0), items: items.value } } : items;
  },
  encode: ({ enterprise, items }) => {
    const out = encodeItems(4, items);
    writeUint32(out, 0, enterprise);
    return out;
  },
  show: ({ enterprise, items }) => `enterprise ${enterprise}: ${showItems(items) || "nothing"}`,
};

/** Vendor options (RFC 9915 §21.17): enterprise number, then code and length of two octets each. */
export interface VendorOptions6 {
  readonly enterprise: number;
  readonly options: readonly TagValue[];
}

export const vendorOptions6: Format<VendorOptions6> = {
  decode: (data) => {
    if (data.length < 4) return wrongLength(data, "at least 4 are needed");
    const options = decodeTags(data);
    return options.ok
      ? {
          ok: true,
          value: {
            enterprise: readUint32(data, 0),
            options: options.value.map(({ code, data: value }) => ({ code, data: value })),
          },
        }
      : options;
  },
  encode: ({ enterprise, options }) => {
    let length = 4;
    for (const { data } of options) length += 4 + data.length;
    const out = new Uint8Array(length);
    writeUint32(out, 0, enterprise);
    let at = 4;
    for (const { code, data } of options) {
      writeUint16(out, at, code);
      writeUint16(out, at + 2, data.length);
      out.set(data, at + 4);
      at += 4 + data.length;
    }
    return out;
  },
  show: ({ enterprise, options }) =>
    `enterprise ${enterprise}, ${options.length === 1 ? "1 option" : `${options.length} options`}`,
  parts: (data) => {
    const options = decodeTags(data);
    return options.ok
      ? options.value.map(({ code, data: value, offset }) => tagField(`vendor option ${code}`, value, offset, 4))
      : [];
  },
};

/** Remote-ID (RFC 4649 §3). Compared as a whole, enterprise number included (§5). */
export interface RemoteId6 {
  readonly enterprise: number;
  /** At least one octet. */
  readonly remoteId: Uint8Array;
}

export const remoteId6: Format<RemoteId6> = {
  decode: (data) =>
    data.length < 5
      ? wrongLength(data, "at least 5 are needed")
      : { ok: true, value: { enterprise: readUint32(data, 0), remoteId: data.subarray(4) } },
  encode: ({ enterprise, remoteId }) => {
    const out = new Uint8Array(4 + remoteId.length);
    writeUint32(out, 0, enterprise);
    out.set(remoteId, 4);
    return out;
  },
  show: ({ enterprise, remoteId }) => `enterprise ${enterprise}: ${formatOpaque(remoteId)}`,
};

/** A hardware type of two octets before an address (RFC 6939 §4). */
export interface LinkLayerAddress6 {
  readonly hardwareType: number;
  readonly address: Uint8Array;
}

export const linkLayerAddress6: Format<LinkLayerAddress6> = {
  decode: (data) =>
    data.length < 3
      ? wrongLength(data, "at least 3 are needed")
      : { ok: true, value: { hardwareType: readUint16(data, 0), address: data.subarray(2) } },
  encode: ({ hardwareType, address }) => {
    const out = new Uint8Array(2 + address.length);
    writeUint16(out, 0, hardwareType);
    out.set(address, 2);
    return out;
  },
  show: ({ hardwareType, address }) =>
    `${hardwareType === 1 ? "Ethernet" : `hardware type ${hardwareType}`} ${[...address].map((octet) => octet.toString(16).padStart(2, "0")).join(":")}`,
};

function decodeItems(data: Uint8Array, from: number): WireResult<readonly Uint8Array[]> {
  const items: Uint8Array[] = [];
  let at = from;
  while (at < data.length) {
    const end = at + 2 < data.length + 1 ? at + 2 + readUint16(data, at) : data.length + 1;
    if (end > data.length) return wireError("option-length", at, "ends inside one of its values");
    items.push(data.subarray(at + 2, end));
    at = end;
  }
  return { ok: true, value: items };
}

function encodeItems(from: number, items: readonly Uint8Array[]): Uint8Array {
  let length = from;
  for (const item of items) length += 2 + item.length;
  const out = new Uint8Array(length);
  let at = from;
  for (const item of items) {
    writeUint16(out, at, item.length);
    out.set(item, at + 2);
    at += 2 + item.length;
  }
  return out;
}

function showItems(items: readonly Uint8Array[]): string {
  return items.map((item) => formatOpaque(item) || "nothing").join(", ");
}

function decodeTags(data: Uint8Array): WireResult<readonly (TagValue & { readonly offset: number })[]> {
  const options: (TagValue & { offset: number })[] = [];
  let at = 4;
  while (at < data.length) {
    const end = at + 4 <= data.length ? at + 4 + readUint16(data, at + 2) : data.length + 1;
    if (end > data.length) return wireError("option-length", at, "ends inside one of its options");
    options.push({ code: readUint16(data, at), data: data.subarray(at + 4, end), offset: at });
    at = end;
  }
  return { ok: true, value: options };
}
