import type { Finding } from "../finding.ts";
import { entriesOf, leafListValues, leafValue } from "../tree.ts";
import { includes, type PlacedPool, poolError, poolSpan, poolsByInstance, type Span } from "./pool-address.ts";
import { parsedAddress } from "./pool-host.ts";
import type { Rule } from "./rule.ts";

/** An exclusion that lies elsewhere excludes nothing: most likely a digit is wrong. */
export const poolExcluded: Rule = {
  name: "pool-excluded",
  demands:
    "excluded-address and excluded-range are inside the network or prefix of the pool, and low is not above high.",
  source: "Leasewire",
  check: (tree) =>
    poolsByInstance(tree)
      .flat()
      .flatMap((placed) => [...addresses(placed), ...ranges(placed)]),
};

function addresses(placed: PlacedPool): Finding[] {
  return leafListValues(placed.node, "excluded-address").flatMap((text) => {
    const address = parsedAddress(text, placed.family);
    const at = [...placed.path, "excluded-address", text];
    return address === undefined ? [] : outside(placed, at, text, { low: address, high: address });
  });
}

function ranges(placed: PlacedPool): Finding[] {
  return [...entriesOf(placed.node, "excluded-range")].flatMap(([name, range]) => {
    const at = [...placed.path, "excluded-range", name];
    const lowText = leafValue(range, "low");
    const highText = leafValue(range, "high");
    if (lowText === undefined || highText === undefined) {
      const missing = lowText === undefined ? "low" : "high";
      const message = `excluded-range ${name} has no ${missing}: it excludes nothing`;
      const known = lowText ?? highText;
      return [
        poolError(
          "pool-excluded",
          at,
          message,
          known === undefined ? `delete ${at.join(" ")}` : `set ${at.join(" ")} ${missing} ${known}`,
        ),
      ];
    }
    const low = parsedAddress(lowText, placed.family);
    const high = parsedAddress(highText, placed.family);
    if (low === undefined || high === undefined) return [];
    if (low > high) {
      const message = `excluded-range ${name} begins at ${lowText}, above its end ${highText}`;
      return [poolError("pool-excluded", at, message, `set ${at.join(" ")} low ${highText} high ${lowText}`)];
    }
    return outside(placed, at, `excluded-range ${name}`, { low, high });
  });
}

function outside({ pool, name, node, family }: PlacedPool, at: readonly string[], what: string, span: Span): Finding[] {
  if (includes(poolSpan(pool), span)) return [];
  const subnet = leafValue(node, family === 4 ? "network" : "prefix");
  const message = `${what} is not inside ${subnet}, from which pool ${name} gives out: it excludes nothing there`;
  return [poolError("pool-excluded", at, message, `delete ${at.join(" ")}`)];
}
