import type { Finding } from "../finding.ts";
import { type BlockSchema, isAnonymous, type SchemaNode } from "../schema/node.ts";
import { ROOT_SCHEMA } from "../schema/root.ts";
import { writeWord } from "../text/tokens.ts";
import type { ConfigNode, ContainerNode } from "../tree.ts";
import type { Rule } from "./rule.ts";

const pathsShownMax = 3;

/** Statements whose engine comes later are kept and checked; nobody shall believe that they work. One notice for each feature. */
export const notInEffect: Rule = {
  name: "not-in-effect",
  demands: "It is said of every statement that has no effect in this version.",
  source: "Leasewire",
  check: (tree) => {
    const byReason = new Map<string, string[]>();
    visitBlock(tree, ROOT_SCHEMA, [], byReason);
    return [...byReason].map(([reason, paths]) => notice(reason, paths));
  },
};

function notice(reason: string, paths: readonly string[]): Finding {
  const [first = "", ...others] = paths;
  const shown = others.slice(0, pathsShownMax).map((path) => `"${path}"`);
  const rest = others.length - shown.length;
  const also = shown.length === 0 ? "" : ` (also ${shown.join(", ")}${rest === 0 ? "" : ` and ${rest} more`})`;
  return {
    severity: "notice",
    rule: "not-in-effect",
    path: first,
    message: `is stored but not in effect yet: ${reason}${also}`,
  };
}

function visitBlock(
  node: ContainerNode,
  schema: BlockSchema,
  path: readonly string[],
  byReason: Map<string, string[]>,
): void {
  for (const child of schema.children) {
    const found = node.children.get(child.name);
    if (found !== undefined) visit(found, child, path, byReason);
  }
}

function visit(node: ConfigNode, schema: SchemaNode, path: readonly string[], byReason: Map<string, string[]>): void {
  const here = isAnonymous(schema) ? path : [...path, schema.name];
  if (schema.notInEffect !== undefined) {
    const paths = byReason.get(schema.notInEffect);
    if (paths === undefined) byReason.set(schema.notInEffect, [here.join(" ")]);
    else paths.push(here.join(" "));
    return;
  }
  if (node.kind === "container" && schema.kind === "container") visitBlock(node, schema, here, byReason);
  if (node.kind === "list" && schema.kind === "list") {
    for (const [key, entry] of node.entries) visitBlock(entry, schema, [...here, writeWord(key)], byReason);
  }
}
