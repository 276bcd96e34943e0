import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address, ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import { type Format, wrongLength } from "../format.ts";

export const ipv4: Format<Ipv4Address> = {
  decode: (data) => (data.length === 4 ? { ok: true, value: ipv4FromBytes(data) } : wrongLength(data, "4 are needed")),
  encode: ipv4ToBytes,
  show: formatIpv4,
};

/** One or more IPv4 addresses. */
export const ipv4List: Format<readonly Ipv4Address[]> = ipv4ListOf(1);

/** Any number of IPv4 addresses, none included (option 68, RFC 2132 §8.13). */
export const ipv4ListOrNone: Format<readonly Ipv4Address[]> = ipv4ListOf(0);

function ipv4ListOf(countMin: number): Format<readonly Ipv4Address[]> {
  return {
    decode: (data) => {
      if (data.length % 4 !== 0 || data.length < countMin * 4) {
        return wrongLength(
          data,
          countMin > 0 ? "4 for each address are needed, one address at least" : "4 for each address are needed",
        );
      }
      const value: Ipv4Address[] = [];
      for (let at = 0; at < data.length; at += 4) value.push(ipv4FromBytes(data, at));
      return { ok: true, value };
    },
    encode: (value) => {
      const out = new Uint8Array(value.length * 4);
      for (const [i, address] of value.entries()) out.set(ipv4ToBytes(address), i * 4);
      return out;
    },
    show: (value) => value.map(formatIpv4).join(", "),
  };
}

/** Pairs of addresses: address and mask, or destination and router (options 21 and 33, RFC 2132 §4.3, §5.8). */
export const ipv4Pairs: Format<readonly (readonly [Ipv4Address, Ipv4Address])[]> = {
  decode: (data) => {
    if (data.length % 8 !== 0 || data.length === 0)
      return wrongLength(data, "8 for each pair are needed, one pair at least");
    const value: [Ipv4Address, Ipv4Address][] = [];
    for (let at = 0; at < data.length; at += 8) value.push([ipv4FromBytes(data, at), ipv4FromBytes(data, at + 4)]);
    return { ok: true, value };
  },
  encode: (value) => ipv4ListOrNone.encode(value.flat()),
  show: (value) => value.map(([a, b]) => `${formatIpv4(a)} ${formatIpv4(b)}`).join(", "),
};

/** A view of 16 octets. */
export const ipv6: Format<Ipv6Address> = {
  decode: (data) =>
    data.length === 16 ? { ok: true, value: data as Ipv6Address } : wrongLength(data, "16 are needed"),
  encode: (value) => value,
  show: formatIpv6,
};

/** One or more IPv6 addresses, each a view. */
export const ipv6List: Format<readonly Ipv6Address[]> = {
  decode: (data) => {
    if (data.length % 16 !== 0 || data.length === 0)
      return wrongLength(data, "16 for each address are needed, one address at least");
    const value: Ipv6Address[] = [];
    for (let at = 0; at < data.length; at += 16) value.push(data.subarray(at, at + 16) as Ipv6Address);
    return { ok: true, value };
  },
  encode: (value) => {
    const out = new Uint8Array(value.length * 16);
    for (const [i, address] of value.entries()) out.set(address, i * 16);
    return out;
  },
  show: (value) => value.map(formatIpv6).join(", "),
};
