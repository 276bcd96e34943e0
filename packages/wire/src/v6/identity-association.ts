import { formatIpv6, type Ipv6Address } from "@leasewire/net";
import { wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";
import { seconds } from "../formats/numbers.ts";
import { readUint32, writeUint32 } from "../octets.ts";
import { encodeOptions6, type Option6 } from "./encode.ts";
import { decodeOptions6 } from "./option-area.ts";

/** IA_NA (RFC 9915 §21.4) and IA_PD (§21.21), which have one layout. */
export interface IdentityAssociation6 {
  readonly iaid: number;
  readonly t1Seconds: number;
  readonly t2Seconds: number;
  readonly options: readonly Option6[];
}

/** IA_TA (§21.5). */
export interface TemporaryAssociation6 {
  readonly iaid: number;
  readonly options: readonly Option6[];
}

/** IAADDR (§21.6). In leasequery answers the lifetimes are what remains; 0xffffffff is infinite. */
export interface IaAddress6 {
  /** A view when decoded. */
  readonly address: Ipv6Address;
  readonly preferredLifetimeSeconds: number;
  readonly validLifetimeSeconds: number;
  readonly options: readonly Option6[];
}

/** IAPREFIX (§21.22). On the wire the lifetimes come first, unlike in IAADDR. */
export interface IaPrefix6 {
  readonly preferredLifetimeSeconds: number;
  readonly validLifetimeSeconds: number;
  /** 0..128 */
  readonly prefixLength: number;
  /** A view when decoded. */
  readonly prefix: Ipv6Address;
  readonly options: readonly Option6[];
}

export const identityAssociation: Format<IdentityAssociation6> = {
  nested: { kind: "options6", from: 12 },
  decode: (data) => {
    if (data.length < 12) return wrongLength(data, "at least 12 are needed");
    const options = decodeOptions6(data, 12);
    if (!options.ok) return options;
    return {
      ok: true,
      value: {
        iaid: readUint32(data, 0),
        t1Seconds: readUint32(data, 4),
        t2Seconds: readUint32(data, 8),
        options: options.value,
      },
    };
  },
  encode: ({ iaid, t1Seconds, t2Seconds, options }) => {
    const out = withOptions(12, options);
    writeUint32(out, 0, iaid);
    writeUint32(out, 4, t1Seconds);
    writeUint32(out, 8, t2Seconds);
    return out;
  },
  show: ({ iaid, t1Seconds, t2Seconds }) =>
    `IAID ${hex32(iaid)}, T1 ${seconds.show(t1Seconds)}, T2 ${seconds.show(t2Seconds)}`,
};

export const temporaryAssociation: Format<TemporaryAssociation6> = {
  nested: { kind: "options6", from: 4 },
  decode: (data) => {
    if (data.length < 4) return wrongLength(data, "at least 4 are needed");
    const options = decodeOptions6(data, 4);
    return options.ok ? { ok: true, value: { iaid: readUint32(data, 0), options: options.value } } : options;
  },
  encode: ({ iaid, options }) => {
    const out = withOptions(4, options);
    writeUint32(out, 0, iaid);
    return out;
  },
  show: ({ iaid }) => `IAID ${hex32(iaid)}`,
};

export const iaAddress: Format<IaAddress6> = {
  nested: { kind: "options6", from: 24 },
  decode: (data) => {
    if (data.length < 24) return wrongLength(data, "at least 24 are needed");
    const options = decodeOptions6(data, 24);
    if (!options.ok) return options;
    return {
      ok: true,
      value: {
        address: data.subarray(0, 16) as Ipv6Address,
        preferredLifetimeSeconds: readUint32(data, 16),
        validLifetimeSeconds: readUint32(data, 20),
        options: options.value,
      },
    };
  },
  encode: (value) => {
    const out = withOptions(24, value.options);
    out.set(value.address, 0);
    writeUint32(out, 16, value.preferredLifetimeSeconds);
    writeUint32(out, 20, value.validLifetimeSeconds);
    return out;
  },
  show: (value) => `${formatIpv6(value.address)}, ${lifetimes(value)}`,
};

export const iaPrefix: Format<IaPrefix6> = {
  nested: { kind: "options6", from: 25 },
  decode: (data) => {
    if (data.length < 25) return wrongLength(data, "at least 25 are needed");
    const prefixLength = data[8] as number;
    if (prefixLength > 128)
      return wireError("option-value", 8, `has the prefix length ${prefixLength}, 128 is the most`);
    const options = decodeOptions6(data, 25);
    if (!options.ok) return options;
    return {
      ok: true,
      value: {
        preferredLifetimeSeconds: readUint32(data, 0),
        validLifetimeSeconds: readUint32(data, 4),
        prefixLength,
        prefix: data.subarray(9, 25) as Ipv6Address,
        options: options.value,
      },
    };
  },
  encode: (value) => {
    const out = withOptions(25, value.options);
    writeUint32(out, 0, value.preferredLifetimeSeconds);
    writeUint32(out, 4, value.validLifetimeSeconds);
    out[8] = value.prefixLength;
    out.set(value.prefix, 9);
    return out;
  },
  show: (value) => `${formatIpv6(value.prefix)}/${value.prefixLength}, ${lifetimes(value)}`,
};

/** `length` octets to be filled in, then the options. */
export function withOptions(length: number, options: readonly Option6[]): Uint8Array {
  const encoded = encodeOptions6(options);
  const out = new Uint8Array(length + encoded.length);
  out.set(encoded, length);
  return out;
}

function lifetimes(value: { preferredLifetimeSeconds: number; validLifetimeSeconds: number }): string {
  return `preferred ${seconds.show(value.preferredLifetimeSeconds)}, valid ${seconds.show(value.validLifetimeSeconds)}`;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}
