import type { Finding } from "../finding.ts";
import { addressText, type PlacedPool, poolError, poolsByInstance, rangeSpans, type Span } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** What two ranges both hold could be given to two clients. */
export const poolOverlap: Rule = {
  name: "pool-overlap",
  demands: "No two ranges of an instance have an address in common.",
  source: "Leasewire",
  check: (tree) =>
    poolsByInstance(tree).flatMap((pools) =>
      ([4, 6] as const).flatMap((family) => overlaps(pools.filter((placed) => placed.family === family))),
    ),
};

function overlaps(pools: readonly PlacedPool[]): Finding[] {
  const ranges = pools
    .flatMap((placed) => rangeSpans(placed.pool).map((span) => ({ placed, span })))
    .filter(({ span }) => span.low <= span.high)
    .sort((a, b) => compare(a.span, b.span));
  const findings: Finding[] = [];
  let reaching = ranges[0];
  for (const range of ranges.slice(1)) {
    if (reaching !== undefined && range.span.low <= reaching.span.high) {
      findings.push(overlap(range.placed, range.span, reaching.placed, reaching.span));
      if (range.span.high <= reaching.span.high) continue;
    }
    reaching = range;
  }
  return findings;
}

function compare(a: Span, b: Span): number {
  if (a.low !== b.low) return a.low < b.low ? -1 : 1;
  return a.high < b.high ? -1 : a.high > b.high ? 1 : 0;
}

type NamedSpan = Span & { readonly name: string };

function overlap(placed: PlacedPool, span: NamedSpan, other: PlacedPool, otherSpan: NamedSpan): Finding {
  const { family, node, path } = placed;
  const last = span.high < otherSpan.high ? span.high : otherSpan.high;
  const common =
    span.low === last
      ? addressText(span.low, family)
      : `${addressText(span.low, family)} to ${addressText(last, family)}`;
  // A pool without a range gives out all of its network.
  const at = node.children.has("range") ? [...path, "range", span.name] : path;
  const message = `${nameOf(placed, span)} and ${nameOf(other, otherSpan)} both give out ${common}: two clients could get the same`;
  return poolError("pool-overlap", at, message, `delete ${at.join(" ")}`);
}

function nameOf({ name, node }: PlacedPool, span: NamedSpan): string {
  return node.children.has("range") ? `range ${span.name} of pool ${name}` : `pool ${name}`;
}
