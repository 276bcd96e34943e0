import { quote } from "@leasewire/net";
import { type BlockSchema, childNamed, isAnonymous, type ListSchema, type SchemaNode } from "../schema/node.ts";
import { ROOT_SCHEMA } from "../schema/root.ts";
import { canonicalValue, describeType, exampleOf } from "../schema/value.ts";
import type { ConfigNode, ConfigTree, ContainerNode, LeafListNode, LeafNode, ListNode } from "../tree.ts";
import { nearest } from "./nearest.ts";
import { shortened } from "./set-text.ts";
import { type Statement, type TextFinding, type Token, textError, writeWord } from "./tokens.ts";

/** The same tree, in the hands of the one who has just copied it. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Children = Map<string, ConfigNode>;

/**
 * Applies one statement to `tree`, which the caller has copied for this purpose. After an error the tree is to be thrown away.
 * Returns what is wrong, if anything.
 */
export function applyStatement(tree: ConfigTree, statement: Statement): TextFinding | undefined {
  return statement.verb === "set" ? applySet(tree, statement) : applyToTarget(tree, statement);
}

interface Frame {
  readonly schema: BlockSchema;
  readonly node: ContainerNode;
  /** Length of the path down to here. */
  readonly depth: number;
}

function applySet(tree: ConfigTree, statement: Statement): TextFinding | undefined {
  const { words } = statement;
  const path: string[] = [];
  let frame: Frame = { schema: ROOT_SCHEMA, node: tree, depth: 0 };
  let outer: Frame | undefined;
  // What the last word left open: a block may still need a statement, after a value another may follow only in one-line blocks.
  let after: "block" | "heading" | "value" = "heading";
  let at = 0;
  while (at < words.length) {
    const word = words[at] as Token;
    let schema = word.quoted ? undefined : childNamed(frame.schema, word.text);
    if (schema === undefined && outer?.schema.oneLine && !word.quoted) {
      const sibling = childNamed(outer.schema, word.text);
      if (sibling !== undefined) {
        path.length = outer.depth;
        frame = outer;
        outer = undefined;
        schema = sibling;
      }
    }
    if (after === "value" && !frame.schema.oneLine) return tooMany(statement, word, path, words[at - 1]);
    if (schema === undefined) {
      const { anonymous } = frame.schema;
      if (anonymous === undefined) return unknownWord(statement, word, frame.schema, path);
      const key = entryKey(statement, anonymous, word, path);
      if (!key.ok) return key.error;
      path.push(key.value);
      outer = frame;
      frame = { schema: anonymous, node: enterEntry(frame.node, anonymous, key.value), depth: path.length };
      after = "block";
      at += 1;
      continue;
    }
    path.push(schema.name);
    at += 1;
    switch (schema.kind) {
      case "container": {
        outer = undefined;
        frame = { schema, node: enterContainer(frame.node, schema.name), depth: path.length };
        after = schema.presence ? "block" : "heading";
        break;
      }
      case "list": {
        const word = words[at];
        if (word === undefined) return missingValue(statement, schema, path);
        const key = entryKey(statement, schema, word, path);
        if (!key.ok) return key.error;
        path.push(key.value);
        outer = frame;
        frame = { schema, node: enterEntry(frame.node, schema, key.value), depth: path.length };
        after = "block";
        at += 1;
        break;
      }
      case "leaf": {
        if (schema.type.kind === "flag") {
          setLeaf(frame.node, schema.name, "");
        } else {
          const word = words[at];
          if (word === undefined) return missingValue(statement, schema, path);
          const value = canonicalValue(schema.type, word.text, schema.name, schema.default);
          if (!value.ok) {
            return textError(value.error.rule, word, value.error.message, about(statement, path));
          }
          setLeaf(frame.node, schema.name, value.value);
          at += 1;
        }
        path.length = frame.depth;
        after = "value";
        break;
      }
      case "leaf-list": {
        const read = readValues(statement, schema, at, path);
        if (!read.ok) return read.error;
        for (const value of read.values) addValue(frame.node, schema.name, value);
        at = read.next;
        path.length = frame.depth;
        after = "value";
        break;
      }
    }
  }
  if (after === "heading") {
    return textError(
      "text-incomplete",
      statement.end,
      `"${path[path.length - 1] ?? "set"}" needs a statement after it. ${knownHere(frame.schema)}`,
      about(statement, path),
    );
  }
  return undefined;
}

/** Where a delete, activate or deactivate points to. */
interface Target {
  readonly path: readonly string[];
  /** Undefined where the configuration has no such statement. */
  readonly steps: readonly Step[] | undefined;
  readonly schema: SchemaNode;
  readonly part: "node" | "entry" | "value";
}

/** One level down: the node, what holds it and under which name, and whether it goes when it becomes empty. */
interface Step {
  readonly holder: Children | Map<string, ContainerNode> | Map<string, LeafNode>;
  readonly key: string;
  readonly prune: boolean;
}

function applyToTarget(tree: ConfigTree, statement: Statement): TextFinding | undefined {
  const found = findTarget(tree, statement);
  if (!found.ok) return found.error;
  const { target } = found;
  if (statement.verb !== "delete") {
    const refusal = refuseActivation(statement, target);
    if (refusal !== undefined) return refusal;
  }
  if (target.steps === undefined) {
    return {
      ...textError(
        "text-not-found",
        statement.start,
        `nothing to ${statement.verb}: there is no "${target.path.join(" ")}" here`,
        about(statement, target.path),
      ),
      severity: "warning",
    };
  }
  if (statement.verb === "delete") remove(target.steps);
  else mark(target.steps, statement.verb === "deactivate");
  return undefined;
}

function findTarget(
  tree: ConfigTree,
  statement: Statement,
): { ok: true; target: Target } | { ok: false; error: TextFinding } {
  const { words } = statement;
  const path: string[] = [];
  let block: BlockSchema = ROOT_SCHEMA;
  let node: ContainerNode | undefined = tree;
  let steps: Step[] | undefined = [];
  let target: SchemaNode = ROOT_SCHEMA;
  let part: Target["part"] = "node";
  let at = 0;
  const step = (holder: Step["holder"] | undefined, key: string, prune: boolean): void => {
    if (holder?.has(key)) steps?.push({ holder, key, prune });
    else steps = undefined;
  };
  while (at < words.length) {
    const word = words[at] as Token;
    const named: SchemaNode | undefined = word.quoted ? undefined : childNamed(block, word.text);
    const schema: SchemaNode | undefined = named ?? block.anonymous;
    if (schema === undefined) return { ok: false, error: unknownWord(statement, word, block, path) };
    const children = node?.children as Children | undefined;
    const child: ConfigNode | undefined = children?.get(schema.name);
    if (named !== undefined) {
      path.push(schema.name);
      at += 1;
    }
    target = schema;
    part = "node";
    step(children, schema.name, goesWhenEmpty(schema));
    switch (schema.kind) {
      case "container":
        block = schema;
        node = child?.kind === "container" ? child : undefined;
        break;
      case "list": {
        const keyWord = words[at];
        if (keyWord === undefined) break;
        const key = entryKey(statement, schema, keyWord, path);
        if (!key.ok) return { ok: false, error: key.error };
        path.push(key.value);
        at += 1;
        const entries: ListNode["entries"] | undefined = child?.kind === "list" ? child.entries : undefined;
        step(entries as Map<string, ContainerNode> | undefined, key.value, false);
        block = schema;
        node = entries?.get(key.value);
        part = "entry";
        break;
      }
      case "leaf":
      case "leaf-list": {
        const valueWord = words[at];
        if (valueWord !== undefined && schema.type.kind !== "flag") {
          const value = canonicalValue(schema.type, valueWord.text, schema.name);
          if (!value.ok) {
            return {
              ok: false,
              error: textError(value.error.rule, valueWord, value.error.message, about(statement, path)),
            };
          }
          path.push(writeWord(value.value));
          at += 1;
          if (schema.kind === "leaf") {
            if (child?.kind !== "leaf" || child.value !== value.value) steps = undefined;
          } else {
            step(child?.kind === "leaf-list" ? (child.values as Map<string, LeafNode>) : undefined, value.value, false);
            part = "value";
          }
        }
        const extra = words[at];
        if (extra !== undefined) {
          return {
            ok: false,
            error: textError(
              "text-unexpected-word",
              extra,
              `${statement.verb} names one statement; ${quote(extra.text)} goes beyond "${path.join(" ")}": write a line for each`,
              about(statement, path),
            ),
          };
        }
        break;
      }
    }
  }
  return { ok: true, target: { path, steps, schema: target, part } };
}

function refuseActivation(statement: Statement, target: Target): TextFinding | undefined {
  const { schema, part } = target;
  const name = target.path[target.path.length - 1] ?? "";
  if (schema.kind === "list" && part === "node") {
    return textError(
      "text-missing-value",
      statement.end,
      `${statement.verb} needs the ${schema.key.name} of one ${name}`,
      about(statement, target.path),
    );
  }
  const heading = schema.kind === "container" && (schema.prefix || schema.anonymous !== undefined);
  const listed = schema.kind === "leaf-list" && part === "node";
  if (heading || listed) {
    return textError(
      "text-incomplete",
      statement.end,
      `${statement.verb} needs one statement of "${name}"`,
      about(statement, target.path),
    );
  }
  return undefined;
}

function remove(steps: readonly Step[]): void {
  for (let level = steps.length - 1; level >= 0; level -= 1) {
    const { holder, key } = steps[level] as Step;
    holder.delete(key);
    // A heading without content says nothing and disappears; blocks that say something by themselves stay.
    const above = steps[level - 1];
    if (holder.size > 0 || above === undefined || !above.prune) return;
  }
}

function goesWhenEmpty(schema: SchemaNode): boolean {
  return schema.kind === "list" || schema.kind === "leaf-list" || (schema.kind === "container" && !schema.presence);
}

function mark(steps: readonly Step[], inactive: boolean): void {
  const { holder, key } = steps[steps.length - 1] as Step;
  const target = (holder as Children).get(key);
  if (target === undefined || target.kind === "list" || target.kind === "leaf-list") return;
  const marked: Mutable<ContainerNode | LeafNode> = { ...target };
  if (inactive) marked.inactive = true;
  else delete marked.inactive;
  (holder as Children).set(key, marked);
}

function enterContainer(node: ContainerNode, name: string): ContainerNode {
  const children = node.children as Children;
  const existing = children.get(name);
  if (existing?.kind === "container") return existing;
  const made: ContainerNode = { kind: "container", children: new Map() };
  children.set(name, made);
  return made;
}

function enterEntry(node: ContainerNode, schema: ListSchema, key: string): ContainerNode {
  const children = node.children as Children;
  const existing = children.get(schema.name);
  let entries: Map<string, ContainerNode>;
  if (existing?.kind === "list") {
    entries = existing.entries as Map<string, ContainerNode>;
  } else {
    entries = new Map();
    children.set(schema.name, { kind: "list", entries });
  }
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = { kind: "container", children: new Map() };
    entries.set(key, entry);
  }
  return entry;
}

function setLeaf(node: ContainerNode, name: string, value: string): void {
  const children = node.children as Children;
  const existing = children.get(name);
  const inactive = existing?.kind === "leaf" && existing.inactive;
  children.set(name, inactive ? { kind: "leaf", value, inactive } : { kind: "leaf", value });
}

function addValue(node: ContainerNode, name: string, value: string): void {
  const children = node.children as Children;
  const existing = children.get(name);
  if (existing?.kind === "leaf-list") {
    const values = existing.values as Map<string, LeafNode>;
    if (!values.has(value)) values.set(value, { kind: "leaf", value });
    return;
  }
  const made: LeafListNode = { kind: "leaf-list", values: new Map([[value, { kind: "leaf", value }]]) };
  children.set(name, made);
}

/** One value, or several in brackets. */
function readValues(
  statement: Statement,
  schema: Extract<SchemaNode, { kind: "leaf-list" }>,
  start: number,
  path: readonly string[],
): { ok: true; values: string[]; next: number } | { ok: false; error: TextFinding } {
  const { words } = statement;
  const first = words[start];
  if (first === undefined) return { ok: false, error: missingValue(statement, schema, path) };
  const bracketed = !first.quoted && first.text === "[";
  const values: string[] = [];
  let at = bracketed ? start + 1 : start;
  for (; at < words.length; at += 1) {
    const word = words[at] as Token;
    if (bracketed && !word.quoted && word.text === "]") {
      if (values.length === 0) break;
      return { ok: true, values, next: at + 1 };
    }
    const value = canonicalValue(schema.type, word.text, schema.name);
    if (!value.ok) {
      return { ok: false, error: textError(value.error.rule, word, value.error.message, about(statement, path)) };
    }
    values.push(value.value);
    if (!bracketed) return { ok: true, values, next: at + 1 };
  }
  return values.length === 0
    ? { ok: false, error: missingValue(statement, schema, path) }
    : {
        ok: false,
        error: textError("text-bracket", first, 'this "[" is not closed: add "]"', about(statement, path)),
      };
}

function entryKey(
  statement: Statement,
  schema: ListSchema,
  word: Token,
  path: readonly string[],
): { ok: true; value: string } | { ok: false; error: TextFinding } {
  const subject = isAnonymous(schema) ? (path[path.length - 1] ?? schema.key.name) : schema.name;
  const key = canonicalValue(schema.key.type, word.text, subject);
  return key.ok
    ? key
    : { ok: false, error: textError(key.error.rule, word, key.error.message, about(statement, path)) };
}

function unknownWord(statement: Statement, word: Token, block: BlockSchema, path: readonly string[]): TextFinding {
  const known = wordsOf(block);
  const near = nearest(word.text, known);
  const where = path.length === 0 ? "at the top" : `in "${path.join(" ")}"`;
  if (known.length === 0) {
    return textError(
      "text-unexpected-word",
      word,
      `nothing may follow "${path.join(" ")}"; ${quote(word.text)} is too much`,
      about(statement, path),
    );
  }
  const hint = near === undefined ? "." : `; did you mean "${near}"?`;
  return textError(
    "text-unknown-statement",
    word,
    `${quote(word.text)} is not known ${where}${hint} ${knownHere(block)}`,
    {
      ...about(statement, path),
      ...(near === undefined || statement.verb !== "set" ? {} : corrected(statement, word, near)),
    },
  );
}

function tooMany(statement: Statement, word: Token, path: readonly string[], before: Token | undefined): TextFinding {
  const hint = before === undefined ? "" : `; a value with blanks needs quotes: "${before.text} ${word.text}"`;
  return textError(
    "text-unexpected-word",
    word,
    `${quote(word.text)} is too much: one statement a line here${hint}`,
    about(statement, path),
  );
}

function missingValue(
  statement: Statement,
  schema: Exclude<SchemaNode, { kind: "container" }>,
  path: readonly string[],
): TextFinding {
  const type = schema.kind === "list" ? schema.key.type : schema.type;
  const usual = schema.kind === "leaf" && schema.default !== undefined ? ` (default ${schema.default})` : "";
  return textError(
    "text-missing-value",
    statement.end,
    `"${schema.name}" needs a value: ${describeType(type)}${usual}. Example: ${schema.name} ${(schema.kind === "leaf" ? schema.default : undefined) ?? exampleOf(type)}`,
    about(statement, path),
  );
}

function corrected(statement: Statement, wrong: Token, right: string): { remedy?: string } {
  // Only for one-line statements: a brace statement is spread over several lines.
  if (statement.text === "") return {};
  const words = statement.words.map((word) => (word === wrong ? right : writeWord(word.text)));
  return { remedy: shortened(`set ${words.join(" ")}`) };
}

function about(statement: Statement, path: readonly string[]): { path: string; statement: string } {
  const text = statement.text === "" ? shortened(statement.words.map((word) => word.text).join(" ")) : statement.text;
  return { path: path.join(" "), statement: text };
}

function wordsOf(block: BlockSchema): string[] {
  return block.children.filter((child) => !isAnonymous(child)).map((child) => child.name);
}

function knownHere(block: BlockSchema): string {
  const words = wordsOf(block);
  const anonymous = block.anonymous;
  const parts = anonymous === undefined ? words : [...words, describeType(anonymous.key.type)];
  return `Known here: ${parts.join(", ")}`;
}
