import { orderedKeys } from "./print-set.ts";
import { type BlockSchema, isAnonymous, type SchemaNode } from "./schema/node.ts";
import { ROOT_SCHEMA } from "./schema/root.ts";
import { writeWord } from "./text/tokens.ts";
import type { ConfigNode, ConfigTree, ContainerNode } from "./tree.ts";

/** The configuration as Junos shows it: curly braces, four blanks an indent, `inactive:` before what is deactivated. */
export function printBraces(tree: ConfigTree): string {
  const lines = blockLines(tree, ROOT_SCHEMA, 0);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** Lines of all statements of a block. */
export function blockLines(node: ContainerNode, schema: BlockSchema, indent: number): string[] {
  const out: string[] = [];
  printBlock(node, schema, "", indent, out);
  return out;
}

/** Lines of one statement of a block; `heading` is printed before its name ("family "). */
export function nodeLines(node: ConfigNode, schema: SchemaNode, heading: string, indent: number): string[] {
  const out: string[] = [];
  printNode(node, schema, heading, indent, out);
  return out;
}

/** Lines of one list entry. */
export function entryLines(
  entry: ContainerNode,
  schema: Extract<SchemaNode, { kind: "list" }>,
  key: string,
  heading: string,
  indent: number,
): string[] {
  const out: string[] = [];
  printHolder(entry, schema, entryHeading(schema, key, heading), indent, out);
  return out;
}

function printBlock(node: ContainerNode, schema: BlockSchema, heading: string, indent: number, out: string[]): void {
  for (const child of schema.children) {
    const found = node.children.get(child.name);
    if (found !== undefined) printNode(found, child, heading, indent, out);
  }
}

function printNode(node: ConfigNode, schema: SchemaNode, heading: string, indent: number, out: string[]): void {
  switch (node.kind) {
    case "leaf":
      out.push(
        line(indent, node.inactive, `${heading}${schema.name}${node.value === "" ? "" : ` ${writeWord(node.value)}`};`),
      );
      return;
    case "leaf-list":
      for (const value of orderedKeys(node, schema)) {
        const inactive = node.values.get(value)?.inactive;
        out.push(line(indent, inactive, `${heading}${schema.name} ${writeWord(value)};`));
      }
      return;
    case "container":
      if (schema.kind !== "container") return;
      if (schema.prefix) printBlock(node, schema, `${heading}${schema.name} `, indent, out);
      else printHolder(node, schema, `${heading}${schema.name}`, indent, out);
      return;
    case "list":
      if (schema.kind !== "list") return;
      for (const key of orderedKeys(node, schema)) {
        const entry = node.entries.get(key) as ContainerNode;
        printHolder(entry, schema, entryHeading(schema, key, heading), indent, out);
      }
  }
}

function printHolder(node: ContainerNode, schema: BlockSchema, title: string, indent: number, out: string[]): void {
  if (node.children.size === 0) {
    out.push(line(indent, node.inactive, `${title};`));
    return;
  }
  out.push(line(indent, node.inactive, `${title} {`));
  printBlock(node, schema, "", indent + 1, out);
  out.push(line(indent, undefined, "}"));
}

function entryHeading(schema: SchemaNode, key: string, heading: string): string {
  return isAnonymous(schema) ? `${heading}${writeWord(key)}` : `${heading}${schema.name} ${writeWord(key)}`;
}

function line(indent: number, inactive: true | undefined, text: string): string {
  return `${" ".repeat(indent * 4)}${inactive ? "inactive: " : ""}${text}`;
}
