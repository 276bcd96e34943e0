import type { ValueType } from "./value.ts";

/**
 * The shape of the configuration: a tree of statements that parser, printer, check, completion and documentation walk alike.
 *
 * A `list` named `<…>` is anonymous: its key itself is the statement (`server-group core 192.0.2.1`).
 */
export type SchemaNode = ContainerSchema | ListSchema | LeafSchema | LeafListSchema;

interface Common {
  readonly name: string;
  readonly help: string;
  /** A word Junos does not have. */
  readonly extension?: true;
  /** Why setting this has no effect in this version; holds for everything below. */
  readonly notInEffect?: string;
}

export interface ContainerSchema extends Common {
  readonly kind: "container";
  /** The bare statement already says something. */
  readonly presence: boolean;
  readonly children: readonly SchemaNode[];
  readonly index: ReadonlyMap<string, SchemaNode>;
  readonly anonymous?: ListSchema;
  /** Several statements of this block may follow each other on one line. */
  readonly oneLine?: true;
  /** Printed as a prefix of what it holds: `family inet { … }`. */
  readonly prefix?: true;
}

export interface ListSchema extends Common {
  readonly kind: "list";
  readonly key: ListKey;
  readonly children: readonly SchemaNode[];
  readonly index: ReadonlyMap<string, SchemaNode>;
  readonly anonymous?: ListSchema;
  readonly oneLine?: true;
  /** The order in which entries were entered matters and is kept; otherwise they are shown sorted. */
  readonly userOrdered?: true;
}

export interface ListKey {
  /** How the key is called in help: "name", "address". */
  readonly name: string;
  readonly type: ValueType;
}

export interface LeafSchema extends Common {
  readonly kind: "leaf";
  readonly type: ValueType;
  /** What holds when the statement is absent. */
  readonly default?: string;
  /** What the value names, so that completion can offer it. */
  readonly names?: "server-group" | "interface";
}

export interface LeafListSchema extends Common {
  readonly kind: "leaf-list";
  readonly type: ValueType;
  readonly userOrdered?: true;
  readonly names?: "server-group" | "interface";
}

/** A block: what can hold statements. */
export type BlockSchema = ContainerSchema | ListSchema;

type Marks = Pick<Common, "extension" | "notInEffect">;

export function container(
  name: string,
  help: string,
  children: readonly SchemaNode[],
  marks: Marks & { oneLine?: true; prefix?: true } = {},
): ContainerSchema {
  return { kind: "container", name, help, presence: false, children, ...indexed(children), ...marks };
}

/** A container whose bare statement enables something. */
export function presence(
  name: string,
  help: string,
  children: readonly SchemaNode[],
  marks: Marks & { oneLine?: true } = {},
): ContainerSchema {
  return { kind: "container", name, help, presence: true, children, ...indexed(children), ...marks };
}

export function list(
  name: string,
  help: string,
  key: ListKey,
  children: readonly SchemaNode[],
  marks: Marks & { oneLine?: true; userOrdered?: true } = {},
): ListSchema {
  return { kind: "list", name, help, key, children, ...indexed(children), ...marks };
}

/** A list whose key is the statement itself. */
export function anonymousList(
  help: string,
  key: ListKey,
  children: readonly SchemaNode[],
  marks: Marks & { oneLine?: true; userOrdered?: true } = {},
): ListSchema {
  return list(`<${key.name}>`, help, key, children, marks);
}

export function leaf(
  name: string,
  help: string,
  type: ValueType,
  marks: Marks & Pick<LeafSchema, "default" | "names"> = {},
): LeafSchema {
  return { kind: "leaf", name, help, type, ...marks };
}

export function flag(name: string, help: string, marks: Marks = {}): LeafSchema {
  return { kind: "leaf", name, help, type: { kind: "flag" }, ...marks };
}

export function leafList(
  name: string,
  help: string,
  type: ValueType,
  marks: Marks & Pick<LeafListSchema, "userOrdered" | "names"> = {},
): LeafListSchema {
  return { kind: "leaf-list", name, help, type, ...marks };
}

export function isAnonymous(schema: SchemaNode): boolean {
  return schema.name.startsWith("<");
}

/** The statement `word` of a block; an anonymous list has no word. */
export function childNamed(block: BlockSchema, word: string): SchemaNode | undefined {
  const child = block.index.get(word);
  return child !== undefined && isAnonymous(child) ? undefined : child;
}

function indexed(children: readonly SchemaNode[]): { index: Map<string, SchemaNode>; anonymous?: ListSchema } {
  const index = new Map<string, SchemaNode>();
  let anonymous: ListSchema | undefined;
  for (const child of children) {
    index.set(child.name, child);
    if (child.kind === "list" && isAnonymous(child)) anonymous = child;
  }
  return anonymous === undefined ? { index } : { index, anonymous };
}
