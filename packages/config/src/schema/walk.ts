import { type BlockSchema, childNamed, isAnonymous, type SchemaNode } from "./node.ts";
import { ROOT_SCHEMA } from "./root.ts";
import { describeType, type EnumValue, type ValueType } from "./value.ts";

/** One statement of the schema, for documentation and forms. */
export interface SchemaStatement {
  /** "forwarding-options dhcp-relay server-group <name> <address> port"; keys of lists in angle brackets. */
  readonly path: string;
  readonly kind: "block" | "list" | "value" | "values" | "flag";
  /** Of the value or the list's key; undefined for blocks. */
  readonly type?: ValueType;
  /** The type in words: "whole number, 1 to 10". */
  readonly value: string;
  readonly range?: { readonly min: number; readonly max: number; readonly unit?: string };
  readonly choices?: readonly EnumValue[];
  readonly default?: string;
  readonly help: string;
  /** The bare statement already says something. */
  readonly presence: boolean;
  /** A word of Junos, not an extension. */
  readonly junos: boolean;
  readonly extension: boolean;
  readonly inEffect: boolean;
  /** Why it is not in effect. */
  readonly notInEffect?: string;
}

/**
 * Every statement in canonical order. What routing instances and logical systems repeat of the main part is listed once, in the
 * main part.
 */
export function schemaNodes(): SchemaStatement[] {
  const out: SchemaStatement[] = [];
  visit(ROOT_SCHEMA, [], undefined, false, out);
  return out;
}

/** The default of a statement, the words of whose path are given without list keys; undefined if it has none. */
export function defaultOf(path: readonly string[]): string | undefined {
  let block: BlockSchema = ROOT_SCHEMA;
  for (const [at, word] of path.entries()) {
    const child = childNamed(block, word);
    if (child === undefined) return undefined;
    if (child.kind === "leaf") return at === path.length - 1 ? child.default : undefined;
    if (child.kind === "leaf-list") return undefined;
    block = child;
  }
  return undefined;
}

function visit(
  block: BlockSchema,
  path: readonly string[],
  notInEffect: string | undefined,
  extension: boolean,
  out: SchemaStatement[],
): void {
  for (const child of block.children) {
    if (repeats(child, path)) continue;
    const here = [...path, ...wordsOf(child)];
    const reason = child.notInEffect ?? notInEffect;
    const own = extension || child.extension === true;
    out.push(describe(child, here.join(" "), reason, own));
    if (child.kind === "container" || child.kind === "list") visit(child, here, reason, own, out);
  }
}

/** What an instance has in common with the main part. */
function repeats(child: SchemaNode, path: readonly string[]): boolean {
  return path[path.length - 1] === "<instance>" || path[path.length - 1] === "<logical-system>"
    ? ["system", "interfaces", "forwarding-options", "access", "routing-instances"].includes(child.name)
    : false;
}

function wordsOf(child: SchemaNode): string[] {
  if (child.kind !== "list") return [child.name];
  return isAnonymous(child) ? [child.name] : [child.name, `<${child.key.name}>`];
}

function describe(
  node: SchemaNode,
  path: string,
  notInEffect: string | undefined,
  extension: boolean,
): SchemaStatement {
  const type = node.kind === "container" ? undefined : node.kind === "list" ? node.key.type : node.type;
  const isFlag = type?.kind === "flag";
  return {
    path,
    kind: kindOf(node, isFlag),
    ...(type === undefined || isFlag ? {} : { type }),
    value: type === undefined || isFlag ? "" : describeType(type),
    ...(type?.kind === "integer" ? { range: { min: type.min, max: type.max, unit: type.unit } } : {}),
    ...(type?.kind === "enum" ? { choices: type.values } : {}),
    ...(node.kind === "leaf" && node.default !== undefined ? { default: node.default } : {}),
    help: node.help,
    presence: node.kind === "container" ? node.presence : node.kind === "list",
    junos: !extension,
    extension,
    inEffect: notInEffect === undefined,
    ...(notInEffect === undefined ? {} : { notInEffect }),
  };
}

function kindOf(node: SchemaNode, isFlag: boolean): SchemaStatement["kind"] {
  switch (node.kind) {
    case "container":
      return "block";
    case "list":
      return "list";
    case "leaf-list":
      return "values";
    case "leaf":
      return isFlag ? "flag" : "value";
  }
}
