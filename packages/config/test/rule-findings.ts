import { formatFinding } from "../src/finding.ts";
import type { Rule } from "../src/rules/rule.ts";
import { parseConfiguration } from "../src/text/parse.ts";
import { activePart } from "../src/tree.ts";

/** What one rule says about a configuration, as the operator sees it. The text has to be readable: an error in it throws. */
export function ruleFindings(rule: Rule, text: string, devices?: readonly string[]): string {
  const { tree, findings } = parseConfiguration(text);
  if (findings.length > 0) throw new Error(findings.map(formatFinding).join("\n"));
  return rule.check(activePart(tree), { devices }).map(formatFinding).join("\n");
}
