import type { Finding } from "../finding.ts";
import { LIMITS } from "../limits.ts";
import { type PlacedPool, poolError, poolsByInstance, rangeSpans } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** A DHCPv4 server keeps a mark for each address of its ranges. DHCPv6 ranges may be of any size. */
export const poolSize: Rule = {
  name: "pool-size",
  demands: `The ranges of a DHCPv4 pool have at most ${LIMITS.poolAddressesMax} addresses, those of an instance ${LIMITS.instanceAddressesMax}.`,
  source: "Leasewire",
  check: (tree) =>
    poolsByInstance(tree).flatMap((pools) => {
      const findings: Finding[] = [];
      let total = 0;
      for (const placed of pools) {
        if (placed.family !== 4) continue;
        const size = addressesOf(placed);
        const before = total;
        total += size;
        if (size > LIMITS.poolAddressesMax) {
          findings.push(tooLarge(placed, `has ${size} addresses, more than ${LIMITS.poolAddressesMax} of one pool`));
        } else if (before <= LIMITS.instanceAddressesMax && total > LIMITS.instanceAddressesMax) {
          findings.push(
            tooLarge(placed, `makes the pools of the instance hold more than ${LIMITS.instanceAddressesMax} addresses`),
          );
        }
      }
      return findings;
    }),
};

function addressesOf({ pool }: PlacedPool): number {
  return rangeSpans(pool).reduce((sum, { low, high }) => sum + Math.max(0, Number(high - low) + 1), 0);
}

function tooLarge({ name, path }: PlacedPool, what: string): Finding {
  return poolError("pool-size", path, `pool ${name} ${what}`, `delete ${path.join(" ")}`);
}
