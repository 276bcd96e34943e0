import type { Finding } from "../finding.ts";
import { scopesOf } from "../instances.ts";
import { leaseTime, lifetimes, type PoolNode, poolNodes, renewalTimes } from "../pools.ts";
import { containerAt } from "../tree.ts";
import { poolError } from "./pool-address.ts";
import type { Rule } from "./rule.ts";

/** A client renews, then asks any server, then loses its lease. */
export const lifetimeOrder: Rule = {
  name: "lifetime-order",
  demands:
    "T1 is before T2, T2 before the end of the lease, and the preferred lifetime is not longer than the valid one; T1 and T2 are given once.",
  source: "RFC 2131 §4.4.5, RFC 9915 §21.4",
  check: (tree) => scopesOf(tree).flatMap(poolNodes).flatMap(checkPool),
};

/** What clients do when T2 is not configured: percent of the lease time, of the preferred lifetime. */
const t2Percent = { 4: 87.5, 6: 80 } as const;

function checkPool({ name, family, node, path }: PoolNode): Finding[] {
  const attributes = containerAt(node, "dhcp-attributes");
  if (attributes === undefined) return [];
  const at = [...path, "dhcp-attributes"];
  const refuse = (word: string, message: string, remedy: string): Finding[] => [
    poolError("lifetime-order", [...at, word], `pool ${name}: ${message}`, `${remedy}`),
  ];
  for (const [time, share] of [
    ["t1-renewal-time", "t1-percentage"],
    ["t2-rebinding-time", "t2-percentage"],
  ] as const) {
    if (attributes.children.has(time) && attributes.children.has(share)) {
      const message = `${time} and ${share} say the same: one of them has to go`;
      return refuse(share, message, `delete ${at.join(" ")} ${share}`);
    }
  }
  const { valid, preferred } = family === 4 ? ofLease(leaseTime(attributes)) : lifetimes(attributes);
  if (preferred > valid) {
    const message = `preferred-lifetime ${preferred} is longer than the valid lifetime ${valid}`;
    return refuse("preferred-lifetime", message, `set ${at.join(" ")} preferred-lifetime ${valid}`);
  }
  const { renewalTimeSeconds: t1, rebindingTimeSeconds: configured } = renewalTimes(attributes, preferred);
  const t2 = configured ?? Math.floor((preferred * t2Percent[family]) / 100);
  const [wordT1, wordT2] = (["t1", "t2"] as const).map((stem) =>
    attributes.children.has(`${stem}-percentage`)
      ? `${stem}-percentage`
      : stem === "t1"
        ? "t1-renewal-time"
        : "t2-rebinding-time",
  ) as [string, string];
  if (configured !== undefined && t2 >= valid) {
    const message = `clients turn to any server after ${t2} s (T2), when the lease of ${valid} s is over`;
    return refuse(wordT2, message, `delete ${at.join(" ")} ${wordT2}`);
  }
  if (t1 !== undefined && t1 >= t2) {
    const usual = configured === undefined ? ", as nothing else is configured" : "";
    const message = `clients renew after ${t1} s (T1), not before they turn to any server after ${t2} s (T2${usual})`;
    return refuse(wordT1, message, `delete ${at.join(" ")} ${wordT1}`);
  }
  return [];
}

function ofLease(seconds: number): { valid: number; preferred: number } {
  return { valid: seconds, preferred: seconds };
}
