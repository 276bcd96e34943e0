import { formatIpv6Prefix, parseIpv4, parseIpv6, parseIpv6Prefix } from "@leasewire/net";
import type { Finding } from "../finding.ts";
import { hostKeyWords } from "../pools.ts";
import { type ContainerNode, entriesOf, leafValue } from "../tree.ts";
import {
  addressNumber,
  addressText,
  includes,
  type PlacedPool,
  poolError,
  poolSpan,
  poolsByInstance,
  prefixSpan,
  type Span,
} from "./pool-address.ts";
import type { Rule } from "./rule.ts";

const rule = "pool-host";

/** A reservation is of one client, for what nobody else has reserved. */
export const poolHost: Rule = {
  name: rule,
  demands:
    "A host has one key and an address or prefix inside the pool's network or prefix; no two hosts of an instance share an address or prefix, and none of a pool a key.",
  source: "Leasewire",
  check: (tree) =>
    poolsByInstance(tree).flatMap((pools) =>
      ([4, 6] as const).flatMap((family) => {
        const own = pools.filter((placed) => placed.family === family);
        return [...own.flatMap(checkHosts), ...takenTwice(own)];
      }),
    ),
};

function checkHosts(placed: PlacedPool): Finding[] {
  const byKey = new Map<string, string>();
  return [...entriesOf(placed.node, "host")].flatMap(([name, host]) => {
    const at = [...placed.path, "host", name];
    const keys = hostKeyWords.filter((word) => host.children.has(word));
    const [key] = keys;
    if (key === undefined) {
      return [
        poolError(
          rule,
          at,
          `host ${name} says of no client that it is for it`,
          `set ${at.join(" ")} ${exampleKey(placed)}`,
        ),
      ];
    }
    if (keys.length > 1) {
      const message = `host ${name} has ${keys.join(" and ")}: one of them has to tell the client`;
      return [poolError(rule, at, message, `delete ${at.join(" ")} ${keys[1]}`)];
    }
    const text = `${key} ${leafValue(host, key)}`;
    const other = byKey.get(text);
    byKey.set(text, name);
    if (other !== undefined) {
      const message = `host ${name} is for ${text}, and host ${other} is as well: a client gets one of them only`;
      return [poolError(rule, at, message, `delete ${at.join(" ")}`)];
    }
    return checkPlace(placed, name, host, at);
  });
}

function exampleKey({ family }: PlacedPool): string {
  return family === 4 ? "hardware-address 00:11:22:33:44:55" : "duid 00:03:00:01:00:11:22:33:44:55";
}

function checkPlace(placed: PlacedPool, name: string, host: ContainerNode, at: readonly string[]): Finding[] {
  const spans = hostSpans(host, placed.family);
  if (spans.length === 0) {
    const example = addressText(poolSpan(placed.pool).low + 9n, placed.family);
    return [
      poolError(
        rule,
        at,
        `host ${name} reserves nothing: it has no ip-address`,
        `set ${at.join(" ")} ip-address ${example}`,
      ),
    ];
  }
  const subnet = leafValue(placed.node, placed.family === 4 ? "network" : "prefix");
  return spans
    .filter(({ span }) => !includes(poolSpan(placed.pool), span))
    .map(({ word, text }) =>
      poolError(
        rule,
        [...at, word],
        `host ${name} reserves ${text}, which is outside ${subnet}: no client on that link could use it`,
        `delete ${at.join(" ")} ${word}`,
      ),
    );
}

/** Neighbours in order of address suffice: a prefix that spans several others is found at the first of them. */
function takenTwice(pools: readonly PlacedPool[]): Finding[] {
  const taken = pools.flatMap(({ path, node, family }) =>
    [...entriesOf(node, "host")].flatMap(([name, host]) =>
      hostSpans(host, family).map((one) => ({ ...one, name, path: [...path, "host", name, one.word] })),
    ),
  );
  taken.sort((a, b) => (a.span.low < b.span.low ? -1 : a.span.low > b.span.low ? 1 : 0));
  const findings: Finding[] = [];
  let reaching = taken[0];
  for (const one of taken.slice(1)) {
    if (reaching !== undefined && one.span.low <= reaching.span.high) {
      const message = `host ${one.name} reserves ${one.text}, which ${reaching.name} has: ${reaching.text} is reserved already`;
      findings.push(poolError(rule, one.path, message, `delete ${one.path.join(" ")}`));
      if (one.span.high <= reaching.span.high) continue;
    }
    reaching = one;
  }
  return findings;
}

function hostSpans(host: ContainerNode, family: 4 | 6): { word: string; text: string; span: Span }[] {
  const spans: { word: string; text: string; span: Span }[] = [];
  const text = leafValue(host, "ip-address");
  const address = text === undefined ? undefined : parsedAddress(text, family);
  if (text !== undefined && address !== undefined) {
    spans.push({ word: "ip-address", text, span: { low: address, high: address } });
  }
  const prefix = parseIpv6Prefix(leafValue(host, "ip-prefix") ?? "");
  if (prefix.ok)
    spans.push({ word: "ip-prefix", text: formatIpv6Prefix(prefix.value), span: prefixSpan(prefix.value) });
  return spans;
}

export function parsedAddress(text: string, family: 4 | 6): bigint | undefined {
  const parsed = family === 4 ? parseIpv4(text) : parseIpv6(text);
  return parsed.ok ? addressNumber(parsed.value) : undefined;
}
