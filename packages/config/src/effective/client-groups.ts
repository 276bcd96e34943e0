import { type ContainerNode, entriesOf, hasFlag, leafValue } from "../tree.ts";

/** `group` of a relay agent or local server: client interfaces that are treated alike. */
export interface ClientGroup {
  readonly name: string;
  readonly activeServerGroup?: string;
  readonly interfaces: readonly { readonly name: string; readonly upto?: string; readonly exclude: boolean }[];
}

/** One client interface of a group, ranges spelt out. */
export interface GroupInterface {
  /** With its unit: a name without one means unit 0. */
  readonly name: string;
  readonly group: string;
  readonly groupNode: ContainerNode;
  /** Of the statement that names the interface, alone or as part of a range. */
  readonly interfaceNode: ContainerNode;
}

export function clientGroups(node: ContainerNode): ClientGroup[] {
  return [...entriesOf(node, "group")].map(([name, group]) => ({
    name,
    activeServerGroup: leafValue(group, "active-server-group"),
    interfaces: [...entriesOf(group, "interface")].map(([interfaceName, entry]) => ({
      name: interfaceName,
      upto: leafValue(entry, "upto"),
      exclude: hasFlag(entry, "exclude"),
    })),
  }));
}

/**
 * The client interfaces of all groups. A range holds its two ends and what is configured in between, in the natural order of names
 * (`ge-0/0/9.1` before `ge-0/0/10.1`); what one `exclude` names is left out. An interface of two groups belongs to the first.
 */
export function groupInterfaces(node: ContainerNode, configured: readonly string[]): GroupInterface[] {
  const known = [...configured].sort(compareInterfaces);
  const found = new Map<string, GroupInterface>();
  for (const [group, groupNode] of entriesOf(node, "group")) {
    const entries = [...entriesOf(groupNode, "interface")];
    const excluded = new Set(
      entries
        .filter(([, entry]) => hasFlag(entry, "exclude"))
        .flatMap(([name, entry]) => rangeOf(name, leafValue(entry, "upto"), known)),
    );
    for (const [first, interfaceNode] of entries) {
      if (hasFlag(interfaceNode, "exclude")) continue;
      for (const name of rangeOf(first, leafValue(interfaceNode, "upto"), known)) {
        if (!excluded.has(name) && !found.has(name)) found.set(name, { name, group, groupNode, interfaceNode });
      }
    }
  }
  return [...found.values()];
}

export function withUnit(name: string): string {
  return /\.[0-9]+$/.test(name) ? name : `${name}.0`;
}

/** Numbers inside names count as numbers. */
export function compareInterfaces(a: string, b: string): number {
  const left = a.split(/(\d+)/);
  const right = b.split(/(\d+)/);
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const one = left[at] ?? "";
    const other = right[at] ?? "";
    const difference = at % 2 === 1 ? Number(one) - Number(other) : one < other ? -1 : one > other ? 1 : 0;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function rangeOf(first: string, upto: string | undefined, known: readonly string[]): string[] {
  const from = withUnit(first);
  if (upto === undefined) return [from];
  const to = withUnit(upto);
  const between = known.filter((name) => compareInterfaces(from, name) < 0 && compareInterfaces(name, to) < 0);
  return from === to ? [from] : [from, ...between, to];
}
