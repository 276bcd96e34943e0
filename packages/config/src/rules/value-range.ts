import { quote } from "@leasewire/net";
import type { Finding } from "../finding.ts";
import { type BlockSchema, isAnonymous, type SchemaNode } from "../schema/node.ts";
import { ROOT_SCHEMA } from "../schema/root.ts";
import { canonicalValue, type ValueType } from "../schema/value.ts";
import { writeWord } from "../text/tokens.ts";
import type { ConfigNode, ContainerNode } from "../tree.ts";
import type { Rule } from "./rule.ts";

/**
 * Text is checked when it is read; this holds for trees that come from elsewhere, such as a history written when a range was wider.
 */
export const valueRange: Rule = {
  name: "value-range",
  demands: "Every value is of its statement's type and inside its range.",
  source: "Junos schema",
  check: (tree) => {
    const findings: Finding[] = [];
    checkBlock(tree, ROOT_SCHEMA, [], findings);
    return findings;
  },
};

function checkBlock(node: ContainerNode, schema: BlockSchema, path: readonly string[], findings: Finding[]): void {
  for (const [word, child] of node.children) {
    const known = schema.index.get(word);
    if (known === undefined || known.kind !== child.kind) {
      const at = [...path, word].join(" ");
      findings.push(error(at, `"${word}" is not known here: it may come from another version`));
      continue;
    }
    checkNode(child, known, path, findings);
  }
}

function checkNode(node: ConfigNode, schema: SchemaNode, path: readonly string[], findings: Finding[]): void {
  const here = isAnonymous(schema) ? path : [...path, schema.name];
  switch (schema.kind) {
    case "container":
      if (node.kind === "container") checkBlock(node, schema, here, findings);
      return;
    case "list":
      if (node.kind !== "list") return;
      for (const [key, entry] of node.entries) {
        const at = [...here, writeWord(key)];
        checkValue(schema.key.type, key, schema.key.name, at, undefined, findings);
        checkBlock(entry, schema, at, findings);
      }
      return;
    case "leaf":
      if (node.kind === "leaf") checkValue(schema.type, node.value, schema.name, here, schema.default, findings);
      return;
    case "leaf-list":
      if (node.kind !== "leaf-list") return;
      for (const value of node.values.keys()) {
        checkValue(schema.type, value, schema.name, [...here, writeWord(value)], undefined, findings);
      }
  }
}

function checkValue(
  type: ValueType,
  value: string,
  subject: string,
  path: readonly string[],
  usual: string | undefined,
  findings: Finding[],
): void {
  const checked = canonicalValue(type, value, subject, usual);
  if (checked.ok && checked.value === value) return;
  const at = path.join(" ");
  if (checked.ok)
    findings.push(
      error(at, `${subject} ${quote(value)} is not in its canonical form`, `set ${at} ${writeWord(checked.value)}`),
    );
  else findings.push(error(at, checked.error.message, usual === undefined ? `delete ${at}` : `set ${at} ${usual}`));
}

function error(path: string, message: string, remedy?: string): Finding {
  return { severity: "error", rule: "value-range", path, message, ...(remedy === undefined ? {} : { remedy }) };
}
