import { quote, type Result, refuse } from "./result.ts";

/** An IPv4 address as an unsigned 32-bit number, most significant octet first: 192.0.2.1 is 0xc0000201. */
export type Ipv4Address = number & { readonly __brand: "Ipv4Address" };

export const ipv4Unspecified = 0 as Ipv4Address;
export const ipv4Broadcast = 0xffff_ffff as Ipv4Address;

/**
 * Four decimal octets with dots, nothing else. A leading zero is refused: some programs read it as octal, so that the same text
 * would name two addresses. Errors: `ipv4-syntax`, `ipv4-octet`, `ipv4-leading-zero`, `ipv4-prefix-length`.
 */
export function parseIpv4(text: string): Result<Ipv4Address> {
  if (text.includes("/")) {
    return refuse(
      "ipv4-prefix-length",
      `${quote(text)} is a prefix, an address is wanted: leave out "/" and what follows`,
    );
  }
  const parts = text.split(".", 6);
  if (parts.length !== 4)
    return refuseSyntax(
      text,
      `has ${parts.length > 5 ? "more than 5" : parts.length} part${parts.length === 1 ? "" : "s"}`,
    );
  let value = 0;
  for (const part of parts) {
    if (part === "") return refuseSyntax(text, "has an empty part");
    if (!/^[0-9]{1,10}$/.test(part)) return refuseSyntax(text, `has the part ${quote(part)}`);
    const octet = Number(part);
    if (octet > 255)
      return refuse(
        "ipv4-octet",
        `${quote(text)} is not an IPv4 address: ${part} is more than 255, the largest value of a part`,
      );
    if (part.length > 1 && part.startsWith("0")) {
      return refuse(
        "ipv4-leading-zero",
        `${quote(text)} has the part ${part} with a leading zero, which some programs read as octal: write ${octet}`,
      );
    }
    value = value * 256 + octet;
  }
  return { ok: true, value: value as Ipv4Address };
}

/** Dotted decimal. */
export function formatIpv4(address: Ipv4Address | number): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Reads 4 octets at `offset`; the caller has checked that they are there. */
export function ipv4FromBytes(bytes: Uint8Array, offset = 0): Ipv4Address {
  return ((((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)) >>>
    0) as Ipv4Address;
}

export function ipv4ToBytes(address: Ipv4Address | number): Uint8Array {
  return Uint8Array.of(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255);
}

function refuseSyntax(text: string, what: string): Result<never> {
  if (text.trim() === "")
    return refuse(
      "ipv4-syntax",
      "the IPv4 address is empty: write four numbers from 0 to 255 with dots, such as 192.0.2.1",
    );
  if (text.includes(":"))
    return refuse(
      "ipv4-syntax",
      `${quote(text)} is not an IPv4 address (it looks like IPv6): write four numbers from 0 to 255 with dots, such as 192.0.2.1`,
    );
  return refuse(
    "ipv4-syntax",
    `${quote(text)} is not an IPv4 address: it ${what}; write four numbers from 0 to 255 with dots, such as 192.0.2.1`,
  );
}
