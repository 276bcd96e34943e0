/**
 * A configuration. Plain data: it survives structured cloning between threads.
 *
 * Invariants:
 *   - Every node fits the schema, every value is canonical: two configurations are equal if their canonical text is.
 *   - Only the code that applies statements changes a tree, and only one it has just copied.
 *   - Depth is bounded by the schema, so walking a tree may recurse.
 */
export type ConfigTree = ContainerNode;

export type ConfigNode = ContainerNode | ListNode | LeafNode | LeafListNode;

export interface ContainerNode {
  readonly kind: "container";
  /** Deactivated: kept, shown, without effect. */
  readonly inactive?: true;
  /** By statement word; an anonymous list is under its `<…>` name. */
  readonly children: ReadonlyMap<string, ConfigNode>;
}

export interface ListNode {
  readonly kind: "list";
  /** By canonical key, in the order entered. */
  readonly entries: ReadonlyMap<string, ContainerNode>;
}

export interface LeafNode {
  readonly kind: "leaf";
  /** Canonical text; empty for a flag. */
  readonly value: string;
  readonly inactive?: true;
}

export interface LeafListNode {
  readonly kind: "leaf-list";
  readonly values: ReadonlyMap<string, LeafNode>;
}

export const EMPTY_TREE: ConfigTree = { kind: "container", children: new Map() };

export function containerAt(node: ContainerNode | undefined, ...words: readonly string[]): ContainerNode | undefined {
  let at = node;
  for (const word of words) {
    const child: ConfigNode | undefined = at?.children.get(word);
    if (child?.kind !== "container") return undefined;
    at = child;
  }
  return at;
}

export function entriesOf(node: ContainerNode | undefined, word: string): ReadonlyMap<string, ContainerNode> {
  const child = node?.children.get(word);
  return child?.kind === "list" ? child.entries : noEntries;
}

const noEntries: ReadonlyMap<string, ContainerNode> = new Map();

export function leafValue(node: ContainerNode | undefined, word: string): string | undefined {
  const child = node?.children.get(word);
  return child?.kind === "leaf" ? child.value : undefined;
}

export function hasFlag(node: ContainerNode | undefined, word: string): boolean {
  return node?.children.get(word)?.kind === "leaf";
}

export function leafListValues(node: ContainerNode | undefined, word: string): string[] {
  const child = node?.children.get(word);
  return child?.kind === "leaf-list" ? [...child.values.keys()] : [];
}

/** The tree without its deactivated parts: what the checks and the engines see. */
export function activePart(tree: ConfigTree): ConfigTree {
  return activeContainer(tree);
}

function activeContainer(node: ContainerNode): ContainerNode {
  const children = new Map<string, ConfigNode>();
  for (const [word, child] of node.children) {
    const kept = activeNode(child);
    if (kept !== undefined) children.set(word, kept);
  }
  return { kind: "container", children };
}

function activeNode(node: ConfigNode): ConfigNode | undefined {
  switch (node.kind) {
    case "container":
      return node.inactive ? undefined : activeContainer(node);
    case "leaf":
      return node.inactive ? undefined : node;
    case "list": {
      const entries = new Map<string, ContainerNode>();
      for (const [key, entry] of node.entries) if (!entry.inactive) entries.set(key, activeContainer(entry));
      return entries.size === 0 ? undefined : { kind: "list", entries };
    }
    case "leaf-list": {
      const values = new Map<string, LeafNode>();
      for (const [value, item] of node.values) if (!item.inactive) values.set(value, item);
      return values.size === 0 ? undefined : { kind: "leaf-list", values };
    }
  }
}

/** A copy that may be changed. */
export function copyTree(tree: ConfigTree): ConfigTree {
  return copyContainer(tree);
}

function copyContainer(node: ContainerNode): ContainerNode {
  const children = new Map<string, ConfigNode>();
  for (const [word, child] of node.children) children.set(word, copyNode(child));
  return node.inactive ? { kind: "container", inactive: true, children } : { kind: "container", children };
}

function copyNode(node: ConfigNode): ConfigNode {
  switch (node.kind) {
    case "container":
      return copyContainer(node);
    case "leaf":
      return node;
    case "leaf-list":
      return { kind: "leaf-list", values: new Map(node.values) };
    case "list": {
      const entries = new Map<string, ContainerNode>();
      for (const [key, entry] of node.entries) entries.set(key, copyContainer(entry));
      return { kind: "list", entries };
    }
  }
}
