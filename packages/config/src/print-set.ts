import { type BlockSchema, isAnonymous, type SchemaNode } from "./schema/node.ts";
import { ROOT_SCHEMA } from "./schema/root.ts";
import { writeWord } from "./text/tokens.ts";
import type { ConfigNode, ConfigTree, ContainerNode, LeafListNode, ListNode } from "./tree.ts";

/** The configuration as set statements in canonical order, with a final newline; empty for an empty tree. */
export function printSet(tree: ConfigTree): string {
  const statements = setStatements(tree);
  return statements.length === 0 ? "" : `${statements.join("\n")}\n`;
}

/** The same as a list. What is deactivated is followed by a `deactivate` statement. */
export function setStatements(tree: ConfigTree): string[] {
  const out: string[] = [];
  printBlock(tree, ROOT_SCHEMA, "", out);
  return out;
}

/** The set statements of one node; `path` is the text of the words before it, with a blank after each. */
export function nodeStatements(node: ConfigNode, schema: SchemaNode, path: string): string[] {
  const out: string[] = [];
  printNode(node, schema, path, out);
  return out;
}

/** The set statements of one list entry. */
export function entryStatements(
  entry: ContainerNode,
  schema: Extract<SchemaNode, { kind: "list" }>,
  path: string,
): string[] {
  const out: string[] = [];
  printEntry(entry, schema, path, out);
  return out;
}

function printBlock(node: ContainerNode, schema: BlockSchema, path: string, out: string[]): void {
  for (const child of schema.children) {
    const found = node.children.get(child.name);
    if (found !== undefined) printNode(found, child, path, out);
  }
}

function printNode(node: ConfigNode, schema: SchemaNode, path: string, out: string[]): void {
  const here = isAnonymous(schema) ? path : `${path}${schema.name}`;
  switch (node.kind) {
    case "leaf":
      out.push(node.value === "" ? `set ${here}` : `set ${here} ${writeWord(node.value)}`);
      if (node.inactive) out.push(`deactivate ${here}`);
      return;
    case "leaf-list":
      if (schema.kind !== "leaf-list") return;
      for (const value of orderedKeys(node, schema)) {
        out.push(`set ${here} ${writeWord(value)}`);
        if (node.values.get(value)?.inactive) out.push(`deactivate ${here} ${writeWord(value)}`);
      }
      return;
    case "container":
      if (schema.kind !== "container") return;
      if (node.children.size === 0) out.push(`set ${here}`);
      else printBlock(node, schema, `${here} `, out);
      if (node.inactive) out.push(`deactivate ${here}`);
      return;
    case "list":
      if (schema.kind !== "list") return;
      for (const key of orderedKeys(node, schema)) {
        const head = isAnonymous(schema) ? path : `${here} `;
        printEntry(node.entries.get(key) as ContainerNode, schema, `${head}${writeWord(key)}`, out);
      }
  }
}

function printEntry(
  entry: ContainerNode,
  schema: Extract<SchemaNode, { kind: "list" }>,
  here: string,
  out: string[],
): void {
  if (entry.children.size === 0) out.push(`set ${here}`);
  else printBlock(entry, schema, `${here} `, out);
  if (entry.inactive) out.push(`deactivate ${here}`);
}

/** Keys in canonical order: as entered where that matters, otherwise sorted with numbers by value. */
export function orderedKeys(node: ListNode | LeafListNode, schema: SchemaNode): string[] {
  const keys = [...(node.kind === "list" ? node.entries : node.values).keys()];
  const userOrdered = (schema.kind === "list" || schema.kind === "leaf-list") && schema.userOrdered;
  return userOrdered ? keys : keys.sort(compareNatural);
}

/** `ge-0/0/2` before `ge-0/0/10`. A total order: ties are broken by the plain text. */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(j);
    if (isDigit(x) && isDigit(y)) {
      const endX = digitsEnd(a, i);
      const endY = digitsEnd(b, j);
      const difference = Number(a.slice(i, endX)) - Number(b.slice(j, endY));
      if (difference !== 0) return difference;
      i = endX;
      j = endY;
      continue;
    }
    if (x !== y) return x - y;
    i += 1;
    j += 1;
  }
  const rest = a.length - i - (b.length - j);
  return rest !== 0 ? rest : a < b ? -1 : a > b ? 1 : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}
