import { entriesOf } from "../tree.ts";
import { addressNumber, addressText, poolError, poolsByInstance } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** A delegated prefix is a part of the pool's prefix, and begins where prefixes of its length begin. */
export const poolDelegatedLength: Rule = {
  name: "pool-delegated-length",
  demands: "Delegated prefixes are not shorter than the pool's prefix, and low and high are where such prefixes begin.",
  source: "Leasewire",
  check: (tree) =>
    poolsByInstance(tree)
      .flat()
      .flatMap(({ pool, path, node, name: poolName }) => {
        if (pool.family !== 6) return [];
        return pool.ranges.flatMap((range) => {
          const { name, delegatedLength } = range;
          if (delegatedLength === undefined) return [];
          const at = [...path, "range", name];
          if (delegatedLength < pool.prefix.length) {
            const message = `range ${name} delegates prefixes of ${delegatedLength} bits, larger than pool ${poolName}, whose prefix has ${pool.prefix.length}`;
            const usable = Math.min(127, Math.max(pool.prefix.length, 56));
            const remedy =
              pool.prefix.length > 127 ? `delete ${at.join(" ")}` : `set ${at.join(" ")} prefix-length ${usable}`;
            return [poolError("pool-delegated-length", [...at, "prefix-length"], message, remedy)];
          }
          // Without low and high the range is the whole prefix.
          const written = entriesOf(node, "range").get(name);
          if (!written?.children.has("low") || !written.children.has("high")) return [];
          const size = 1n << BigInt(128 - delegatedLength);
          return (["low", "high"] as const).flatMap((word) => {
            const address = addressNumber(range[word]);
            if (address % size === 0n) return [];
            const begins = addressText(address - (address % size), 6);
            const message = `range ${name} has ${word} ${addressText(address, 6)}, within a prefix of ${delegatedLength} bits that begins at ${begins}`;
            return [
              poolError("pool-delegated-length", [...at, word], message, `set ${at.join(" ")} ${word} ${begins}`),
            ];
          });
        });
      }),
};
