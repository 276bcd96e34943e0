import { hexNibble } from "./hex.ts";
import { formatIpv4, ipv4FromBytes, parseIpv4 } from "./ipv4.ts";
import { quote, type Result, refuse } from "./result.ts";

/** An IPv6 address: exactly 16 octets. */
export type Ipv6Address = Uint8Array & { readonly __brand: "Ipv6Address" };

/** All zero, `::`. Shared: never write to it. */
export const ipv6Unspecified = new Uint8Array(16) as Ipv6Address;

/**
 * Any form of RFC 4291 §2.2: full, compressed, with a dotted IPv4 tail. No zone, no brackets, no prefix length.
 * Errors: `ipv6-syntax`, `ipv6-zone`, `ipv6-bracket`, `ipv6-prefix-length`, `ipv6-group`, `ipv6-length`, `ipv6-compression`, `ipv6-ipv4-tail`.
 */
export function parseIpv6(text: string): Result<Ipv6Address> {
  if (text.trim() === "")
    return refuse(
      "ipv6-syntax",
      "the IPv6 address is empty: write groups of hex digits with colons, such as 2001:db8::1",
    );
  if (text.includes("%")) {
    return refuse(
      "ipv6-zone",
      `${quote(text)} has a zone: leave out "%" and what follows, the interface is given on its own`,
    );
  }
  if (text.includes("[") || text.includes("]"))
    return refuse("ipv6-bracket", `${quote(text)} has brackets: leave them out`);
  if (text.includes("/"))
    return refuse(
      "ipv6-prefix-length",
      `${quote(text)} is a prefix, an address is wanted: leave out "/" and what follows`,
    );
  if (!text.includes(":"))
    return refuse(
      "ipv6-syntax",
      `${quote(text)} is not an IPv6 address: write groups of hex digits with colons, such as 2001:db8::1`,
    );

  const bytes = new Uint8Array(16);
  const halves = text.split("::", 3);
  if (halves.length > 2)
    return refuse("ipv6-compression", `${quote(text)} has "::" more than once: keep one and write the other zeros out`);
  const head = parseGroups(halves[0] as string, text, halves.length === 1);
  if (!head.ok) return head;
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, text, true) : undefined;
  if (tail !== undefined && !tail.ok) return tail;
  const tailOctets = tail?.value ?? [];
  const count = head.value.length + tailOctets.length;
  if (tail === undefined && count !== 16) {
    return refuse("ipv6-length", `${quote(text)} has ${count / 2} groups: write 8 of them, or "::" for a run of zeros`);
  }
  if (tail !== undefined && count > 14) {
    return refuse("ipv6-length", `${quote(text)} has ${count / 2} groups beside "::": at most 7 fit`);
  }
  bytes.set(head.value, 0);
  bytes.set(tailOctets, 16 - tailOctets.length);
  return { ok: true, value: bytes as Ipv6Address };
}

/**
 * The one canonical text of RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups (the first of
 * equals) as `::`. IPv4-mapped addresses end in dotted decimal (§5). Takes the first 16 octets.
 */
export function formatIpv6(address: Uint8Array): string {
  if (isIpv4Mapped(address)) return `::ffff:${formatIpv4(ipv4FromBytes(address, 12))}`;
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (end < 8 && groupAt(address, end) === 0) end += 1;
    if (end - i > runLength) {
      runStart = i;
      runLength = end - i;
    }
    if (end > i) i = end;
  }
  let out = "";
  for (let i = 0; i < 8; i += 1) {
    if (i === runStart) {
      out += "::";
      i += runLength - 1;
      continue;
    }
    if (out !== "" && !out.endsWith(":")) out += ":";
    out += groupAt(address, i).toString(16);
  }
  return out;
}

/** A copy of 16 octets at `offset`; the caller has checked that they are there. */
export function ipv6FromBytes(bytes: Uint8Array, offset = 0): Ipv6Address {
  return bytes.slice(offset, offset + 16) as Ipv6Address;
}

export function isIpv6Unspecified(address: Uint8Array): boolean {
  for (let i = 0; i < 16; i += 1) if (address[i] !== 0) return false;
  return true;
}

function groupAt(address: Uint8Array, group: number): number {
  return ((address[group * 2] ?? 0) << 8) | (address[group * 2 + 1] ?? 0);
}

function isIpv4Mapped(address: Uint8Array): boolean {
  for (let i = 0; i < 10; i += 1) if (address[i] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}

function parseGroups(part: string, whole: string, last: boolean): Result<number[]> {
  const octets: number[] = [];
  if (part === "") return { ok: true, value: octets };
  const groups = part.split(":");
  for (const [i, group] of groups.entries()) {
    if (last && i === groups.length - 1 && group.includes(".")) {
      const tail = parseIpv4(group);
      if (!tail.ok)
        return refuse(
          "ipv6-ipv4-tail",
          `${quote(whole)} ends in ${quote(group)}, which is not an IPv4 address: write four numbers from 0 to 255 with dots`,
        );
      octets.push(tail.value >>> 24, (tail.value >>> 16) & 255, (tail.value >>> 8) & 255, tail.value & 255);
      continue;
    }
    const value = parseGroup(group);
    if (value < 0) {
      return group === ""
        ? refuse(
            "ipv6-group",
            `${quote(whole)} has a colon without a group beside it: write "::" for zeros, or remove it`,
          )
        : refuse(
            "ipv6-group",
            `${quote(whole)} has the group ${quote(group)}: write one to four hex digits between colons`,
          );
    }
    octets.push(value >> 8, value & 255);
    if (octets.length > 16)
      return refuse(
        "ipv6-length",
        `${quote(whole)} has more than 8 groups: write 8 of them, or "::" for a run of zeros`,
      );
  }
  return { ok: true, value: octets };
}

function parseGroup(group: string): number {
  if (group.length < 1 || group.length > 4) return -1;
  let value = 0;
  for (let i = 0; i < group.length; i += 1) {
    const nibble = hexNibble(group.charCodeAt(i));
    if (nibble < 0) return -1;
    value = (value << 4) | nibble;
  }
  return value;
}
