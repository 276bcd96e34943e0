import type { Finding } from "../finding.ts";
import { type Level, relayLevels, serverLevels } from "../instances.ts";
import { containerAt, hasFlag, leafValue } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";
import { tlsExample } from "./tls-incomplete.ts";

/** Plain TCP has to be asked for in so many words. */
export const activeTlsRequired: Rule = {
  name: "active-tls-required",
  demands:
    "allow-active-leasequery has tls at the same level, or insecure; a relay's active-leasequery has tls, or mode insecure; bulk-leasequery mode secure has tls.",
  source: "RFC 7724 §8.1, RFC 7653 §9.1",
  check: (tree) => [...relayLevels(tree).flatMap(relayFindings), ...serverLevels(tree).flatMap(serverFindings)],
};

function serverFindings(level: Level): Finding[] {
  const active = containerAt(level.node, "allow-active-leasequery");
  if (active === undefined || hasFlag(active, "insecure") || level.node.children.has("tls")) return [];
  return [finding(level, "allow-active-leasequery", "answers", setAt(level, "allow-active-leasequery", "insecure"))];
}

function relayFindings(level: Level): Finding[] {
  if (level.node.children.has("tls")) return [];
  const active = containerAt(level.node, "active-leasequery");
  const bulk = containerAt(level.node, "bulk-leasequery");
  const words = [
    ...(active !== undefined && leafValue(active, "mode") !== "insecure" ? ["active-leasequery"] : []),
    ...(leafValue(bulk, "mode") === "secure" ? ["bulk-leasequery"] : []),
  ];
  return words.map((word) => finding(level, word, "asks", setAt(level, word, "mode insecure")));
}

function finding(level: Level, word: string, does: string, insecure: string): Finding {
  return {
    severity: "error",
    rule: "active-tls-required",
    path: pathText(level, word),
    message: `${levelName(level)} ${word} ${does} over TLS only, and has no certificates; where plain TCP is safe enter "${insecure}", otherwise`,
    remedy: setAt(level, "tls", tlsExample),
  };
}
