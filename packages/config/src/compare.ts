import { entryLines, nodeLines } from "./print-braces.ts";
import { entryStatements, nodeStatements, orderedKeys, setStatements } from "./print-set.ts";
import { type BlockSchema, isAnonymous, type ListSchema, type SchemaNode } from "./schema/node.ts";
import { ROOT_SCHEMA } from "./schema/root.ts";
import { writeWord } from "./text/tokens.ts";
import type { ConfigNode, ConfigTree, ContainerNode, LeafListNode, ListNode } from "./tree.ts";

/**
 * What changed, as Junos shows it: `[edit path]`, then `+` and `-` lines, and `!` where something was only activated or
 * deactivated. Empty if nothing changed.
 */
export function compareConfigurations(from: ConfigTree, to: ConfigTree): string {
  const sections: Section[] = [];
  walk(from, to, ROOT_SCHEMA, [], {
    added: (at, child) => lines(sections, at, "+", childLines(child)),
    removed: (at, child) => lines(sections, at, "-", childLines(child)),
    toggled: (at, title, inactive) => lines(sections, at, "!", [`${inactive ? "inactive" : "active"}: ${title};`]),
  });
  return sections.map(({ path, body }) => `[edit${path === "" ? "" : ` ${path}`}]\n${body.join("\n")}\n`).join("");
}

/** The set (and deactivate) statements that only one of the two configurations has, in canonical order. */
export function compareStatements(from: ConfigTree, to: ConfigTree): { added: string[]; removed: string[] } {
  const before = setStatements(from);
  const after = setStatements(to);
  const known = new Set(before);
  const wanted = new Set(after);
  return {
    added: after.filter((statement) => !known.has(statement)),
    removed: before.filter((statement) => !wanted.has(statement)),
  };
}

/** Statements that turn `from` into `to`: `applyStatements(from, patchStatements(from, to))` gives `to`. */
export function patchStatements(from: ConfigTree, to: ConfigTree): string {
  const removals: string[] = [];
  const additions: string[] = [];
  const toggles: string[] = [];
  walk(from, to, ROOT_SCHEMA, [], {
    // A changed leaf is removed and added; its set statement replaces it, so the delete does no harm.
    removed: (at, child) => removals.push(`delete ${[...at, ...childWords(child)].join(" ")}`),
    added: (at, child) => additions.push(...childStatements(child, at.length === 0 ? "" : `${at.join(" ")} `)),
    toggled: (at, title, inactive) =>
      toggles.push(`${inactive ? "deactivate" : "activate"} ${[...at, title].join(" ")}`),
    // A heading that loses its last statement goes, and its mark with it.
    enterInactive: () => removals.length,
    leaveInactive: (at, before) => {
      if (removals.length > before) toggles.push(`deactivate ${at.join(" ")}`);
    },
  });
  const all = [...removals, ...additions, ...toggles];
  return all.length === 0 ? "" : `${all.join("\n")}\n`;
}

/** A statement, or one entry or value of a list, that one side has and the other has not. */
type Child =
  | { readonly kind: "node"; readonly node: ConfigNode; readonly schema: SchemaNode }
  | { readonly kind: "entry"; readonly entry: ContainerNode; readonly key: string; readonly schema: ListSchema }
  | { readonly kind: "value"; readonly value: string; readonly inactive: boolean; readonly schema: SchemaNode };

interface Visitor {
  added(at: readonly string[], child: Child): void;
  removed(at: readonly string[], child: Child): void;
  toggled(at: readonly string[], title: string, inactive: boolean): void;
  /** Called around what is inside a heading that is and stays deactivated; gets what it returned before. */
  enterInactive?(): number;
  leaveInactive?(at: readonly string[], before: number): void;
}

/** Depth is that of the schema. Differences of one block come before those of the blocks in it. */
function walk(
  from: ContainerNode,
  to: ContainerNode,
  schema: BlockSchema,
  at: readonly string[],
  visitor: Visitor,
): void {
  const deeper: (() => void)[] = [];
  for (const child of schema.children) {
    const before = from.children.get(child.name);
    const after = to.children.get(child.name);
    if (before === undefined && after === undefined) continue;
    const node = after ?? (before as ConfigNode);
    switch (node.kind) {
      case "leaf": {
        const old = before?.kind === "leaf" ? before : undefined;
        const now = after?.kind === "leaf" ? after : undefined;
        if (old !== undefined && now !== undefined && old.value === now.value) {
          if (old.inactive !== now.inactive) visitor.toggled(at, child.name, now.inactive === true);
          break;
        }
        if (old !== undefined) visitor.removed(at, { kind: "node", node: old, schema: child });
        if (now !== undefined) visitor.added(at, { kind: "node", node: now, schema: child });
        break;
      }
      case "leaf-list":
        walkValues(before, after, child, at, visitor);
        break;
      case "container": {
        if (child.kind !== "container") break;
        if (before?.kind !== "container" || after?.kind !== "container") {
          const one: Child = { kind: "node", node, schema: child };
          if (before === undefined) visitor.added(at, one);
          else visitor.removed(at, one);
          break;
        }
        if (before.inactive !== after.inactive) visitor.toggled(at, child.name, after.inactive === true);
        const inside = [...at, child.name];
        const stays = !child.presence && before.inactive && after.inactive;
        deeper.push(() => {
          const mark = stays ? (visitor.enterInactive?.() ?? 0) : 0;
          walk(before, after, child, inside, visitor);
          if (stays) visitor.leaveInactive?.(inside, mark);
        });
        break;
      }
      case "list":
        if (child.kind === "list") walkEntries(before, after, child, at, visitor, deeper);
    }
  }
  for (const visit of deeper) visit();
}

function walkEntries(
  before: ConfigNode | undefined,
  after: ConfigNode | undefined,
  schema: ListSchema,
  at: readonly string[],
  visitor: Visitor,
  deeper: (() => void)[],
): void {
  const old = before?.kind === "list" ? before : emptyList;
  const now = after?.kind === "list" ? after : emptyList;
  const kept = keptKeys(old, now, schema);
  for (const key of orderedKeys(old, schema)) {
    const entry = old.entries.get(key) as ContainerNode;
    if (!kept.has(key)) visitor.removed(at, { kind: "entry", entry, key, schema });
  }
  for (const key of orderedKeys(now, schema)) {
    const entry = now.entries.get(key) as ContainerNode;
    const was = old.entries.get(key);
    if (!kept.has(key) || was === undefined) {
      visitor.added(at, { kind: "entry", entry, key, schema });
      continue;
    }
    const words = entryWords(schema, key);
    if (was.inactive !== entry.inactive) visitor.toggled(at, words.join(" "), entry.inactive === true);
    deeper.push(() => walk(was, entry, schema, [...at, ...words], visitor));
  }
}

function walkValues(
  before: ConfigNode | undefined,
  after: ConfigNode | undefined,
  schema: SchemaNode,
  at: readonly string[],
  visitor: Visitor,
): void {
  const old = before?.kind === "leaf-list" ? before : emptyLeafList;
  const now = after?.kind === "leaf-list" ? after : emptyLeafList;
  const kept = keptKeys(old, now, schema);
  for (const value of orderedKeys(old, schema)) {
    const inactive = old.values.get(value)?.inactive === true;
    if (!kept.has(value)) visitor.removed(at, { kind: "value", value, inactive, schema });
  }
  for (const value of orderedKeys(now, schema)) {
    const inactive = now.values.get(value)?.inactive === true;
    const was = old.values.get(value);
    if (!kept.has(value) || was === undefined) visitor.added(at, { kind: "value", value, inactive, schema });
    else if ((was.inactive === true) !== inactive) {
      visitor.toggled(at, `${schema.name} ${writeWord(value)}`, inactive);
    }
  }
}

const emptyList: ListNode = { kind: "list", entries: new Map() };
const emptyLeafList: LeafListNode = { kind: "leaf-list", values: new Map() };

/**
 * What stays where it is. A new entry goes to the end, so where order matters everything after the first difference in order is
 * removed and entered again.
 */
function keptKeys<T extends ListNode | LeafListNode>(old: T, now: T, schema: SchemaNode): Set<string> {
  const before = [...(old.kind === "list" ? old.entries : old.values).keys()];
  const after = [...(now.kind === "list" ? now.entries : now.values).keys()];
  const present = new Set(after);
  const staying = before.filter((key) => present.has(key));
  const userOrdered = (schema.kind === "list" || schema.kind === "leaf-list") && schema.userOrdered;
  if (!userOrdered) return new Set(staying);
  let same = 0;
  while (same < staying.length && staying[same] === after[same]) same += 1;
  return new Set(staying.slice(0, same));
}

function entryWords(schema: ListSchema, key: string): string[] {
  return isAnonymous(schema) ? [writeWord(key)] : [schema.name, writeWord(key)];
}

function childWords(child: Child): string[] {
  switch (child.kind) {
    case "node":
      return [child.schema.name];
    case "entry":
      return entryWords(child.schema, child.key);
    case "value":
      return [child.schema.name, writeWord(child.value)];
  }
}

function childLines(child: Child): string[] {
  switch (child.kind) {
    case "node":
      return nodeLines(child.node, child.schema, "", 0);
    case "entry":
      return entryLines(child.entry, child.schema, child.key, "", 0);
    case "value":
      return [`${child.inactive ? "inactive: " : ""}${child.schema.name} ${writeWord(child.value)};`];
  }
}

function childStatements(child: Child, path: string): string[] {
  switch (child.kind) {
    case "node":
      return nodeStatements(child.node, child.schema, path);
    case "entry":
      return entryStatements(child.entry, child.schema, `${path}${entryWords(child.schema, child.key).join(" ")}`);
    case "value": {
      const words = `${path}${child.schema.name} ${writeWord(child.value)}`;
      return child.inactive ? [`set ${words}`, `deactivate ${words}`] : [`set ${words}`];
    }
  }
}

interface Section {
  readonly path: string;
  readonly body: string[];
}

function lines(sections: Section[], at: readonly string[], sign: "+" | "-" | "!", body: readonly string[]): void {
  const path = at.join(" ");
  let section = sections[sections.length - 1];
  if (section?.path !== path) {
    section = { path, body: [] };
    sections.push(section);
  }
  for (const text of body) section.body.push(`${sign}   ${text}`);
}
