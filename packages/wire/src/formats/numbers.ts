import { formatUtcSeconds } from "@leasewire/net";
import { type Format, wrongLength } from "../format.ts";
import { readUint16, readUint32, uint16Octets, uint32Octets } from "../octets.ts";
import { epoch2000ToUnixSeconds } from "../time.ts";

/** One octet. */
export const uint8: Format<number> = {
  decode: (data) => (data.length === 1 ? { ok: true, value: data[0] as number } : wrongLength(data, "1 is needed")),
  encode: (value) => Uint8Array.of(value),
  show: String,
};

export const uint16: Format<number> = {
  decode: (data) => (data.length === 2 ? { ok: true, value: readUint16(data, 0) } : wrongLength(data, "2 are needed")),
  encode: uint16Octets,
  show: String,
};

export const uint32: Format<number> = {
  decode: (data) => (data.length === 4 ? { ok: true, value: readUint32(data, 0) } : wrongLength(data, "4 are needed")),
  encode: uint32Octets,
  show: String,
};

/** Two's complement, 32 bits (time offset, RFC 2132 §3.4). */
export const int32: Format<number> = {
  decode: (data) =>
    data.length === 4 ? { ok: true, value: readUint32(data, 0) | 0 } : wrongLength(data, "4 are needed"),
  encode: uint32Octets,
  show: String,
};

export const infiniteSeconds = 0xffff_ffff;

/** A span of time in seconds; all ones is infinity (RFC 2131 §3.3, RFC 9915 §7.7). */
export const seconds: Format<number> = { ...uint32, show: showSeconds };

/** Seconds counted back from the time of sending, or from base-time where that is present. */
export const secondsAgo: Format<number> = { ...uint32, show: (value) => `${showSeconds(value)} before` };

/** Absolute, seconds since 1970 (RFC 6926 §6.2.3). */
export const absoluteSeconds1970: Format<number> = {
  ...uint32,
  show: (value) => `${formatUtcSeconds(value)} (${value})`,
};

/** Absolute, seconds since 2000 modulo 2^32 (RFC 7653 §6.3.1). Shown in the era of 2000 to 2136. */
export const absoluteSeconds2000: Format<number> = {
  ...uint32,
  // 2068 is the middle of that era.
  show: (value) => `${formatUtcSeconds(epoch2000ToUnixSeconds(value, 3_092_602_000))} (${value})`,
};

/** Hundredths of a second, two octets (elapsed time, RFC 9915 §21.9). */
export const centiseconds16: Format<number> = { ...uint16, show: (value) => `${value / 100} s` };

/** 0 or 1 in one octet; other values are refused (RFC 2132 §4.1 and its like). */
export const flag: Format<boolean> = {
  decode: (data) => {
    if (data.length !== 1) return wrongLength(data, "1 is needed");
    const value = data[0] as number;
    return value < 2
      ? { ok: true, value: value === 1 }
      : {
          ok: false,
          error: { code: "option-value", offset: 0, message: `has the value ${value}, only 0 and 1 have a meaning` },
        };
  },
  encode: (value) => Uint8Array.of(value ? 1 : 0),
  show: (value) => (value ? "yes" : "no"),
};

/** An option that says all by being there. */
export const nothing: Format<true> = {
  decode: (data) => (data.length === 0 ? { ok: true, value: true } : wrongLength(data, "none is allowed")),
  encode: () => new Uint8Array(0),
  show: () => "present",
};

/** A number whose meaning has a name. */
export function named(base: Format<number>, nameOf: (value: number) => string | undefined): Format<number> {
  return {
    ...base,
    show: (value) => {
      const name = nameOf(value);
      return name === undefined ? String(value) : `${name} (${value})`;
    },
  };
}

/** One or more octets, each a number with or without a name. */
export function uint8List(nameOf?: (value: number) => string | undefined): Format<readonly number[]> {
  return {
    decode: (data) => (data.length > 0 ? { ok: true, value: [...data] } : wrongLength(data, "at least 1 is needed")),
    encode: (value) => Uint8Array.from(value),
    show: (value) => showList(value, nameOf),
  };
}

/** Two octets a number; `countMin` numbers at least. */
export function uint16List(
  countMin: number,
  nameOf?: (value: number) => string | undefined,
): Format<readonly number[]> {
  return {
    decode: (data) => {
      if (data.length % 2 !== 0 || data.length < countMin * 2)
        return wrongLength(
          data,
          countMin > 0 ? "2 for each number are needed, one number at least" : "2 for each number are needed",
        );
      const value: number[] = [];
      for (let at = 0; at < data.length; at += 2) value.push(readUint16(data, at));
      return { ok: true, value };
    },
    encode: (value) => {
      const out = new Uint8Array(value.length * 2);
      for (const [i, number] of value.entries()) out.set(uint16Octets(number), i * 2);
      return out;
    },
    show: (value) => showList(value, nameOf),
  };
}

function showList(value: readonly number[], nameOf?: (value: number) => string | undefined): string {
  return value
    .map((number) => (nameOf?.(number) === undefined ? String(number) : `${nameOf(number)} (${number})`))
    .join(", ");
}

function showSeconds(value: number): string {
  return value === infiniteSeconds ? "infinite" : `${value} s`;
}
