import { describeDuid, duidLengthMax, duidLengthMin, formatDuid, formatHex, formatOpaque } from "@leasewire/net";
import { type Format, octetCount, wrongLength } from "../format.ts";

/** Octets without a meaning of their own, at least `lengthMin` of them. The value is a view. */
export function opaque(lengthMin: number): Format<Uint8Array> {
  return {
    decode: (data) =>
      data.length >= lengthMin ? { ok: true, value: data } : wrongLength(data, `at least ${lengthMin} needed`),
    encode: (value) => value,
    show: formatOpaque,
  };
}

/** As `opaque`, always shown in hex. */
export function hexOctets(lengthMin: number): Format<Uint8Array> {
  return { ...opaque(lengthMin), show: (value) => formatHex(value, ":") };
}

/**
 * Text of the NVT ASCII or UTF-8 kind, kept as octets: whoever sent it may have sent anything. Some clients end it with a NUL
 * (RFC 2132 §2 tells receivers to expect that), which is shown, not removed.
 */
export const text: Format<Uint8Array> = opaque(1);

/** A DHCP Unique Identifier (RFC 9915 §11.1). */
export const duid: Format<Uint8Array> = {
  decode: (data) =>
    data.length >= duidLengthMin && data.length <= duidLengthMax
      ? { ok: true, value: data }
      : wrongLength(data, `${duidLengthMin} to ${duidLengthMax} are needed`),
  encode: (value) => value,
  show: (value) => `${formatDuid(value)} (${describeDuid(value).text})`,
};

/**
 * Option 61 (RFC 2132 §9.14): by custom the first octet is a hardware type, 0 for text, or 255 before an IAID and a DUID
 * (RFC 4361 §6.1). Compared as octets all the same.
 */
export const clientIdentifier: Format<Uint8Array> = {
  decode: (data) => (data.length >= 2 ? { ok: true, value: data } : wrongLength(data, "at least 2 are needed")),
  encode: (value) => value,
  show: (value) => {
    const hex = formatHex(value, ":");
    if (value[0] === 1 && value.length === 7) return `${hex} (Ethernet ${formatHex(value.subarray(1), ":")})`;
    if (value[0] === 255 && value.length >= 5 + duidLengthMin) {
      return `${hex} (IAID ${formatHex(value.subarray(1, 5))}, ${describeDuid(value.subarray(5)).text})`;
    }
    const plain = formatOpaque(value);
    return plain.startsWith("0x") ? hex : `${hex} (${plain})`;
  },
};

/** For a container whose parts are listed below it. */
export function countOctets(value: Uint8Array): string {
  return octetCount(value.length);
}
