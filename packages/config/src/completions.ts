import { compareNatural, orderedKeys } from "./print-set.ts";
import { type BlockSchema, childNamed, isAnonymous, type ListSchema, type SchemaNode } from "./schema/node.ts";
import { ROOT_SCHEMA } from "./schema/root.ts";
import { canonicalValue, describeType, exampleOf, type ValueType } from "./schema/value.ts";
import { type Token, tokenizeLine, type Verb, writeWord } from "./text/tokens.ts";
import { type ConfigTree, type ContainerNode, containerAt, entriesOf } from "./tree.ts";

/** What can be typed next. */
export interface Completions {
  /** 0-based offset in the line at which the suggestions begin: they replace the rest of the line. */
  readonly from: number;
  readonly suggestions: readonly Completion[];
  /** The line as it is, without the word being typed, is a whole statement. */
  readonly complete: boolean;
}

export interface Completion {
  /** `verb`, `statement`: a word of the language. `name`: something that exists. `choice`: one of fixed values. `value`: only a description; `text` is empty. */
  readonly kind: "verb" | "statement" | "name" | "choice" | "value";
  /** What to insert. */
  readonly text: string;
  readonly help: string;
  readonly extension: boolean;
  readonly notInEffect?: string;
}

/** Names offered for one position. */
export const namesOfferedMax = 200;

const verbHelp: Readonly<Record<Verb, string>> = {
  set: "Enter a statement or change its value",
  delete: "Remove a statement and everything below it",
  activate: "Put a deactivated statement back into effect",
  deactivate: "Keep a statement without effect",
};

/** Suggestions for a line that is being typed, from the schema and from what `tree` holds. Never throws. */
export function completions(tree: ConfigTree, partialLine: string): Completions {
  const { tokens, error } = tokenizeLine(partialLine, 1, false);
  const typing = partialLine !== "" && !/\s$/.test(partialLine) ? tokens[tokens.length - 1] : undefined;
  const before = typing === undefined ? tokens : tokens.slice(0, -1);
  const from = typing === undefined ? partialLine.length : typing.column - 1;
  // An open quote or a bracket: a value is being typed, there is nothing to suggest.
  if (error !== undefined || typing?.quoted) return { from, suggestions: [], complete: false };
  const typed = typing?.text ?? "";
  const [first, ...words] = before;
  if (first === undefined) return { from, suggestions: startingWith(typed, verbSuggestions()), complete: false };
  const verb = (Object.keys(verbHelp) as Verb[]).find((known) => known === first.text);
  if (verb === undefined) return { from, suggestions: [], complete: false };
  const position = follow(tree, words, verb);
  if (position === undefined) return { from, suggestions: [], complete: false };
  return { from, suggestions: startingWith(typed, suggest(tree, position, verb)), complete: position.complete };
}

/** Where a line stands after its whole words. */
interface Position {
  readonly block: BlockSchema;
  readonly node: ContainerNode | undefined;
  /** The block around a list entry, whose statements may follow on the same line. */
  readonly outer?: { readonly block: BlockSchema; readonly node: ContainerNode | undefined };
  /** A statement whose value or key comes next. */
  readonly awaiting?: Exclude<SchemaNode, { kind: "container" }>;
  readonly complete: boolean;
  /** Nothing may follow. */
  readonly closed: boolean;
  readonly notInEffect?: string;
  /** Nodes from the top down to here. */
  readonly trail: readonly (ContainerNode | undefined)[];
}

function follow(tree: ConfigTree, words: readonly Token[], verb: Verb): Position | undefined {
  let at: Position = { block: ROOT_SCHEMA, node: tree, complete: false, closed: false, trail: [tree] };
  for (const word of words) {
    const next = step(at, word, verb);
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

function step(at: Position, word: Token, verb: Verb): Position | undefined {
  if (at.closed) return undefined;
  if (at.awaiting !== undefined) return takeValue(at, at.awaiting, word, verb);
  const named = word.quoted ? undefined : childNamed(at.block, word.text);
  if (named === undefined && at.outer?.block.oneLine && !word.quoted) {
    const { block, node } = at.outer;
    const sibling = childNamed(block, word.text);
    if (sibling !== undefined) return enter({ ...at, block, node, outer: undefined }, sibling, verb);
  }
  if (named !== undefined) return enter(at, named, verb);
  return at.block.anonymous === undefined ? undefined : takeValue(at, at.block.anonymous, word, verb);
}

function enter(at: Position, schema: SchemaNode, verb: Verb): Position {
  const notInEffect = schema.notInEffect ?? at.notInEffect;
  if (schema.kind === "container") {
    const node = containerAt(at.node, schema.name);
    const complete = schema.presence || verb !== "set";
    return { block: schema, node, complete, closed: false, notInEffect, trail: [...at.trail, node] };
  }
  if (schema.kind === "leaf" && schema.type.kind === "flag") return afterValue(at, verb);
  return { ...at, awaiting: schema, complete: verb === "delete", notInEffect };
}

function takeValue(
  at: Position,
  schema: Exclude<SchemaNode, { kind: "container" }>,
  word: Token,
  verb: Verb,
): Position | undefined {
  const type = schema.kind === "list" ? schema.key.type : schema.type;
  const value = canonicalValue(type, word.text, schema.name);
  if (!value.ok) return undefined;
  if (schema.kind !== "list") return afterValue({ ...at, awaiting: undefined }, verb);
  const node = entriesOf(at.node, schema.name).get(value.value);
  return {
    block: schema,
    node,
    outer: { block: at.block, node: at.node },
    complete: true,
    closed: false,
    notInEffect: schema.notInEffect ?? at.notInEffect,
    trail: [...at.trail, node],
  };
}

function afterValue(at: Position, verb: Verb): Position {
  const closed = verb !== "set" || !at.block.oneLine;
  return { ...at, awaiting: undefined, complete: true, closed };
}

function suggest(tree: ConfigTree, at: Position, verb: Verb): Completion[] {
  if (at.closed) return [];
  if (at.awaiting !== undefined) return suggestValues(tree, at, at.awaiting, verb);
  const own = suggestStatements(at.block, at.node, at.notInEffect, verb);
  const anonymous = at.block.anonymous === undefined ? [] : suggestValues(tree, at, at.block.anonymous, verb);
  const outer =
    at.outer?.block.oneLine && verb === "set"
      ? suggestStatements(at.outer.block, at.outer.node, at.notInEffect, verb)
      : [];
  return [...own, ...anonymous, ...outer];
}

function suggestStatements(
  block: BlockSchema,
  node: ContainerNode | undefined,
  notInEffect: string | undefined,
  verb: Verb,
): Completion[] {
  return block.children
    .filter((child) => !isAnonymous(child) && (verb === "set" || node?.children.has(child.name)))
    .map((child) => ({
      kind: "statement",
      text: child.name,
      help: child.help,
      extension: child.extension === true,
      ...withReason(child.notInEffect ?? notInEffect),
    }));
}

function suggestValues(
  tree: ConfigTree,
  at: Position,
  schema: Exclude<SchemaNode, { kind: "container" }>,
  verb: Verb,
): Completion[] {
  const type = schema.kind === "list" ? schema.key.type : schema.type;
  const reason = withReason(schema.notInEffect ?? at.notInEffect);
  const common = { extension: schema.extension === true, ...reason };
  const names = existing(tree, at, schema).slice(0, namesOfferedMax);
  const offered: Completion[] = names.map((name) => ({
    kind: "name",
    text: writeWord(name),
    help: schema.help,
    ...common,
  }));
  if (verb !== "set") return offered;
  if (type.kind === "enum") {
    return type.values.map(({ value, help }) => ({ kind: "choice", text: value, help, ...common }));
  }
  return [...offered, { kind: "value", text: "", help: valueHelp(schema, type), ...common }];
}

function valueHelp(schema: SchemaNode, type: ValueType): string {
  const usual = schema.kind === "leaf" && schema.default !== undefined ? `, default ${schema.default}` : "";
  return `${schema.help}: ${describeType(type)}${usual}, such as ${exampleOf(type)}`;
}

/** Names that are in the configuration already and fit here. */
function existing(tree: ConfigTree, at: Position, schema: SchemaNode): string[] {
  if (schema.kind === "list") {
    const own = at.node?.children.get(schema.name);
    const keys = own?.kind === "list" ? orderedKeys(own, schema) : [];
    return isInterfaceList(schema) ? [...new Set([...keys, ...interfaceNames(tree, schema.key.type)])] : keys;
  }
  if (schema.kind === "leaf-list") {
    const own = at.node?.children.get(schema.name);
    const values = own?.kind === "leaf-list" ? orderedKeys(own, schema) : [];
    return schema.names === "interface" ? [...new Set([...values, ...interfaceNames(tree, schema.type)])] : values;
  }
  if (schema.kind !== "leaf") return [];
  if (schema.names === "server-group") return serverGroups(at);
  return schema.names === "interface" ? interfaceNames(tree, schema.type) : [];
}

function isInterfaceList(schema: ListSchema): boolean {
  return !isAnonymous(schema) && schema.key.type.kind === "interface-name";
}

/** Server groups of the nearest relay agent above. */
function serverGroups(at: Position): string[] {
  for (const node of [...at.trail].reverse()) {
    const groups = containerAt(node, "server-group");
    if (groups !== undefined) return [...entriesOf(groups, "<name>").keys()].sort(compareNatural);
  }
  return [];
}

function interfaceNames(tree: ConfigTree, type: ValueType): string[] {
  const names: string[] = [];
  for (const [name, device] of entriesOf(containerAt(tree, "interfaces"), "<interface>")) {
    if (type.kind === "interface-name" && type.unit !== "required") names.push(name);
    for (const unit of entriesOf(device, "unit").keys()) names.push(`${name}.${unit}`);
  }
  return names.sort(compareNatural);
}

function verbSuggestions(): Completion[] {
  return (Object.entries(verbHelp) as [Verb, string][]).map(([text, help]) => ({
    kind: "verb",
    text,
    help,
    extension: false,
  }));
}

function startingWith(typed: string, suggestions: readonly Completion[]): Completion[] {
  return suggestions.filter(({ kind, text }) => kind === "value" || text.startsWith(typed));
}

function withReason(notInEffect: string | undefined): { notInEffect?: string } {
  return notInEffect === undefined ? {} : { notInEffect };
}
