import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { containerAt, leafValue } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

interface Recommended {
  readonly block: string;
  readonly word: string;
  readonly seconds: number;
  readonly source4: string;
  readonly source6: string;
}

const recommended: readonly Recommended[] = [
  {
    block: "allow-bulk-leasequery",
    word: "timeout",
    seconds: 300,
    source4: "RFC 6926 §6.3, BULK_LQ_DATA_TIMEOUT",
    source6: "RFC 5460 §5.6, BULK_LQ_DATA_TIMEOUT",
  },
  ...["allow-active-leasequery", "active-leasequery"].flatMap((block) => [
    {
      block,
      word: "timeout",
      seconds: 120,
      source4: "RFC 7724 §5.3, ACTIVE_LQ_SEND_TIMEOUT",
      source6: "RFC 7653 §6.4, ACTIVE_LQ_SEND_TIMEOUT",
    },
    {
      block,
      word: "idle-timeout",
      seconds: 60,
      source4: "RFC 7724 §5.3, ACTIVE_LQ_IDLE_TIMEOUT",
      source6: "RFC 7653 §6.4, ACTIVE_LQ_IDLE_TIMEOUT",
    },
  ]),
];

/** Only for values that were entered: the defaults are those of Junos, some of which are shorter still. */
export const timeoutBelowRfcDefault: Rule = {
  name: "timeout-below-rfc-default",
  demands: "Timeouts that are configured are not below the defaults of the RFCs.",
  source: "RFC 6926 §6.3, RFC 5460 §5.6, RFC 7724 §5.3, RFC 7653 §6.4",
  check: (tree) => [...relayLevels(tree), ...serverLevels(tree)].flatMap(findingsAt),
};

function findingsAt(level: Level): Finding[] {
  return recommended.flatMap(({ block, word, seconds, source4, source6 }) => {
    const value = leafValue(containerAt(level.node, block), word);
    if (value === undefined || Number(value) >= seconds) return [];
    const source = level.family === 4 ? source4 : source6;
    return [
      {
        severity: "warning" as const,
        rule: "timeout-below-rfc-default",
        path: pathText(level, block, word),
        message: `${levelName(level)} ${block} ${word} ${value} is below the recommended ${seconds} seconds (${source}): slow peers are cut off`,
        remedy: setAt(level, block, word, String(seconds)),
      },
    ];
  });
}
