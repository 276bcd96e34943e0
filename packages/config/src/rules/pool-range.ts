import {
  compareBytes,
  ipv4PrefixContains,
  ipv6PrefixContains,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
} from "@leasewire/net";
import type { Finding } from "../finding.ts";
import { scopesOf } from "../instances.ts";
import { type ContainerNode, containerAt, entriesOf, leafValue } from "../tree.ts";
import type { Rule } from "./rule.ts";

/** What a pool gives out lies inside it. */
export const poolRange: Rule = {
  name: "pool-range",
  demands: "A range has low and high, low is not above high, and both are inside the pool's network or prefix.",
  source: "Leasewire",
  check: (tree) =>
    scopesOf(tree).flatMap(({ node, prefix }) =>
      [...entriesOf(containerAt(node, "access", "address-assignment"), "pool")].flatMap(([name, pool]) => {
        const path = [...prefix, "access", "address-assignment", "pool", name, "family"];
        return [
          ...checkRanges(containerAt(pool, "family", "inet"), [...path, "inet"], 4),
          ...checkRanges(containerAt(pool, "family", "inet6"), [...path, "inet6"], 6),
        ];
      }),
    ),
};

function checkRanges(pool: ContainerNode | undefined, path: readonly string[], family: 4 | 6): Finding[] {
  const word = family === 4 ? "network" : "prefix";
  const subnet = leafValue(pool, word);
  return [...entriesOf(pool, "range")].flatMap(([name, range]) => {
    const at = [...path, "range", name];
    const low = leafValue(range, "low");
    const high = leafValue(range, "high");
    if (subnet === undefined) return [];
    // A prefix-length makes the range one of prefixes, taken from the whole pool.
    if (low === undefined && high === undefined && range.children.has("prefix-length")) return [];
    if (low === undefined || high === undefined) {
      const missing = low === undefined ? "low" : "high";
      return [
        error(
          at,
          `range ${name} has no ${missing}: a range has a first and a last address`,
          `set ${at.join(" ")} ${missing} ${low ?? high ?? subnet.split("/")[0]}`,
        ),
      ];
    }
    if (compareAddresses(low, high, family) > 0) {
      return [
        error(
          at,
          `range ${name} begins at ${low}, above its end ${high}`,
          `set ${at.join(" ")} low ${high} high ${low}`,
        ),
      ];
    }
    return [low, high]
      .filter((address) => !isInside(subnet, address, family))
      .slice(0, 1)
      .map((address) =>
        error(at, `range ${name} has ${address}, which is outside ${word} ${subnet}`, `delete ${at.join(" ")}`),
      );
  });
}

function error(path: readonly string[], message: string, remedy: string): Finding {
  return { severity: "error", rule: "pool-range", path: path.join(" "), message, remedy };
}

function compareAddresses(a: string, b: string, family: 4 | 6): number {
  if (family === 4) {
    const x = parseIpv4(a);
    const y = parseIpv4(b);
    return x.ok && y.ok ? x.value - y.value : 0;
  }
  const x = parseIpv6(a);
  const y = parseIpv6(b);
  return x.ok && y.ok ? compareBytes(x.value, y.value) : 0;
}

function isInside(subnet: string, address: string, family: 4 | 6): boolean {
  if (family === 4) {
    const network = parseIpv4Prefix(subnet);
    const parsed = parseIpv4(address);
    return network.ok && parsed.ok && ipv4PrefixContains(network.value, parsed.value);
  }
  const network = parseIpv6Prefix(subnet);
  const parsed = parseIpv6(address);
  return network.ok && parsed.ok && ipv6PrefixContains(network.value, parsed.value);
}
