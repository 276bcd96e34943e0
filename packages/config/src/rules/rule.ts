import type { CheckContext } from "../check.ts";
import type { Finding } from "../finding.ts";
import type { Level } from "../instances.ts";
import { defaultOf } from "../schema/walk.ts";
import type { ConfigTree } from "../tree.ts";

/** One rule of the commit check. `check` sees only what is active. */
export interface Rule {
  /** Also the name of the file. */
  readonly name: string;
  /** What the rule demands, in one sentence. */
  readonly demands: string;
  /** Where the rule comes from: "Junos schema", "RFC 7724 §8.1", "Leasewire". */
  readonly source: string;
  check(tree: ConfigTree, context: CheckContext): Finding[];
}

/** How a relay agent or server is called in a message: `dhcp-relay`, `dhcp-relay dhcpv6`. */
export function levelName(level: Level): string {
  const engine = level.path.includes("dhcp-relay") ? "dhcp-relay" : "dhcp-local-server";
  return level.family === 4 ? engine : `${engine} dhcpv6`;
}

export function pathText(level: Level, ...more: readonly string[]): string {
  return [...level.path, ...more].join(" ");
}

/** The default of a statement below a relay agent or server, given by its words without list keys. */
export function defaultAt(level: Level, ...words: readonly string[]): string | undefined {
  return defaultOf([...level.path.slice(level.scope.prefix.length), ...words]);
}

export function setAt(level: Level, ...more: readonly string[]): string {
  return `set ${pathText(level, ...more)}`;
}

export function deleteAt(level: Level, ...more: readonly string[]): string {
  return `delete ${pathText(level, ...more)}`;
}
