import type { Finding } from "./finding.ts";
import { RULES } from "./rules/all.ts";
import { activePart, type ConfigTree } from "./tree.ts";

/** What the machine the configuration is for knows; without it the rules that need it stay silent. */
export interface CheckContext {
  /** Names of the network devices of the machine. */
  readonly devices?: readonly string[];
}

/** The commit check: every rule over the active part of the configuration. Errors first, then warnings, then notices. */
export function checkConfiguration(tree: ConfigTree, context: CheckContext = {}): Finding[] {
  const active = activePart(tree);
  const findings = RULES.flatMap((rule) => rule.check(active, context));
  return findings.sort((a, b) => rank(a) - rank(b));
}

function rank(finding: Finding): number {
  return finding.severity === "error" ? 0 : finding.severity === "warning" ? 1 : 2;
}
