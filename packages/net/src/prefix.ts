import { formatIpv4, type Ipv4Address, parseIpv4 } from "./ipv4.ts";
import { formatIpv6, type Ipv6Address, parseIpv6 } from "./ipv6.ts";
import { quote, type Result, refuse } from "./result.ts";

export interface Ipv4Prefix {
  readonly address: Ipv4Address;
  /** 0..32 */
  readonly length: number;
}

export interface Ipv6Prefix {
  readonly address: Ipv6Address;
  /** 0..128 */
  readonly length: number;
}

/** `192.0.2.0/24`. The bits beyond the length must be zero. Errors: those of the address, `prefix-syntax`, `prefix-length`, `prefix-host-bits`. */
export function parseIpv4Prefix(text: string): Result<Ipv4Prefix> {
  const parsed = parseIpv4InterfaceAddress(text);
  if (!parsed.ok) return parsed;
  const address = maskIpv4(parsed.value.address, parsed.value.length);
  if (address !== parsed.value.address) return refuseHostBits(text, parsed.value.length, formatIpv4(address));
  return parsed;
}

/** `2001:db8::/32`. The bits beyond the length must be zero. Errors as for {@link parseIpv4Prefix}. */
export function parseIpv6Prefix(text: string): Result<Ipv6Prefix> {
  const parsed = parseIpv6InterfaceAddress(text);
  if (!parsed.ok) return parsed;
  const { address, length } = parsed.value;
  const masked = maskIpv6(address, length);
  if (!ipv6PrefixContains({ address: masked, length: 128 }, address))
    return refuseHostBits(text, length, formatIpv6(masked));
  return parsed;
}

/** `192.0.2.7/24`: an address together with the length of its subnet, host bits kept. */
export function parseIpv4InterfaceAddress(text: string): Result<Ipv4Prefix> {
  const split = splitLength(text, 32, "192.0.2.0/24");
  if (!split.ok) return split;
  const address = parseIpv4(split.value.address);
  return address.ok ? { ok: true, value: { address: address.value, length: split.value.length } } : address;
}

/** `2001:db8::7/64`: an address together with the length of its subnet, host bits kept. */
export function parseIpv6InterfaceAddress(text: string): Result<Ipv6Prefix> {
  const split = splitLength(text, 128, "2001:db8::/32");
  if (!split.ok) return split;
  const address = parseIpv6(split.value.address);
  return address.ok ? { ok: true, value: { address: address.value, length: split.value.length } } : address;
}

export function formatIpv4Prefix(prefix: { readonly address: number; readonly length: number }): string {
  return `${formatIpv4(prefix.address)}/${prefix.length}`;
}

export function formatIpv6Prefix(prefix: { readonly address: Uint8Array; readonly length: number }): string {
  return `${formatIpv6(prefix.address)}/${prefix.length}`;
}

export function ipv4PrefixContains(
  prefix: { readonly address: number; readonly length: number },
  address: number,
): boolean {
  return maskIpv4(prefix.address, prefix.length) === maskIpv4(address, prefix.length);
}

export function ipv6PrefixContains(
  prefix: { readonly address: Uint8Array; readonly length: number },
  address: Uint8Array,
): boolean {
  const whole = prefix.length >> 3;
  for (let i = 0; i < whole; i += 1) if (prefix.address[i] !== address[i]) return false;
  const rest = prefix.length & 7;
  if (rest === 0) return true;
  return (((prefix.address[whole] as number) ^ (address[whole] as number)) & (0xff00 >> rest) & 0xff) === 0;
}

/** The address with the bits beyond `length` cleared. */
export function maskIpv4(address: number, length: number): Ipv4Address {
  // A shift by 32 would be a shift by 0 in JavaScript.
  return (length === 0 ? 0 : (address & (0xffff_ffff << (32 - length))) >>> 0) as Ipv4Address;
}

/** A copy with the bits beyond `length` cleared. */
export function maskIpv6(address: Uint8Array, length: number): Ipv6Address {
  const out = new Uint8Array(16);
  out.set(address.subarray(0, length >> 3));
  if ((length & 7) !== 0) out[length >> 3] = (address[length >> 3] as number) & (0xff00 >> (length & 7)) & 0xff;
  return out as Ipv6Address;
}

function splitLength(text: string, lengthMax: number, example: string): Result<{ address: string; length: number }> {
  const slash = text.indexOf("/");
  if (slash < 0)
    return refuse("prefix-syntax", `${quote(text)} has no prefix length: write it behind a slash, such as ${example}`);
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) {
    return refuse(
      "prefix-syntax",
      `${quote(text)} has ${quote(lengthText)} for a prefix length: write a number from 0 to ${lengthMax}`,
    );
  }
  const length = Number(lengthText);
  if (length > lengthMax)
    return refuse("prefix-length", `${quote(text)} has the prefix length ${length}: the most is ${lengthMax}`);
  return { ok: true, value: { address: text.slice(0, slash), length } };
}

function refuseHostBits(text: string, length: number, masked: string): Result<never> {
  return refuse("prefix-host-bits", `${quote(text)} has bits set beyond its length: write ${masked}/${length}`);
}
