import { formatIpv4, formatIpv6, ipv6FromBytes } from "@leasewire/net";
import type { Finding } from "../finding.ts";
import { scopesOf } from "../instances.ts";
import { type AddressPool4, type AddressPool6, type PoolNode, poolsWithPaths } from "../pools.ts";
import type { ConfigTree } from "../tree.ts";

/** Addresses of both families as numbers, for rules that compare them. */

/** Both ends included. */
export interface Span {
  readonly low: bigint;
  readonly high: bigint;
}

export type PlacedPool = PoolNode & { readonly pool: AddressPool4 | AddressPool6 };

/** The pools of every instance, instance by instance. */
export function poolsByInstance(tree: ConfigTree): PlacedPool[][] {
  return scopesOf(tree).map(poolsWithPaths);
}

export function addressNumber(address: number | Uint8Array): bigint {
  if (typeof address === "number") return BigInt(address);
  let number = 0n;
  for (const octet of address) number = (number << 8n) | BigInt(octet);
  return number;
}

export function addressText(number: bigint, family: 4 | 6): string {
  if (family === 4) return formatIpv4(Number(number));
  const bytes = new Uint8Array(16);
  for (let at = 15, left = number; at >= 0; at -= 1, left >>= 8n) bytes[at] = Number(left & 0xffn);
  return formatIpv6(ipv6FromBytes(bytes));
}

export function prefixSpan({ address, length }: { address: number | Uint8Array; length: number }): Span {
  const low = addressNumber(address);
  const bits = (typeof address === "number" ? 32 : 128) - length;
  return { low, high: low + (1n << BigInt(bits)) - 1n };
}

/** What the pool may give out at all. */
export function poolSpan(pool: AddressPool4 | AddressPool6): Span {
  return prefixSpan(pool.family === 4 ? pool.network : pool.prefix);
}

/** Every range with all its addresses; of delegated prefixes also those within the last one. */
export function rangeSpans(pool: AddressPool4 | AddressPool6): (Span & { readonly name: string })[] {
  if (pool.family === 4) {
    return pool.ranges.map(({ name, low, high }) => ({ name, low: addressNumber(low), high: addressNumber(high) }));
  }
  return pool.ranges.map(({ name, low, high, delegatedLength = 128 }) => {
    const within = (1n << BigInt(128 - delegatedLength)) - 1n;
    return { name, low: addressNumber(low), high: addressNumber(high) | within };
  });
}

export function includes(span: Span, { low, high }: Span): boolean {
  return span.low <= low && high <= span.high;
}

export function poolError(rule: string, path: readonly string[], message: string, remedy?: string): Finding {
  return { severity: "error", rule, path: path.join(" "), message, ...(remedy === undefined ? {} : { remedy }) };
}
