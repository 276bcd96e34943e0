import type { BindingColumn, BindingFilter, BindingRow, Family } from "@leasewire/api";
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  ipv4PrefixContains,
  ipv6PrefixContains,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
} from "@leasewire/net";
import { type inferParserType, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsFamily, parseAsText, parseAsWords } from "#lib/url-state.ts";
import { stateNames } from "#ui/state-names.ts";
import { type ColumnId, columnIds, defaultColumnIds, serverColumnIds, sortableColumnIds } from "./column-ids.ts";

export const origins = ["individual", "bulk", "active", "gleaned", "server", "peer", "import"] as const;

/** The whole state of the page; the names are those of the URL. */
export const bindingsUrl = {
  family: parseAsFamily.withDefault(4),
  role: parseAsStringLiteral(["relay", "server"] as const),
  states: parseAsWords(stateNames).withDefault([]),
  kind: parseAsStringLiteral(["address", "prefix"] as const),
  instance: parseAsText(128),
  q: parseAsText(256),
  prefix: parseAsText(64),
  mac: parseAsText(64),
  client: parseAsText(600),
  relay: parseAsText(600),
  remote: parseAsText(600),
  circuit: parseAsText(600),
  link: parseAsText(64),
  if: parseAsText(128),
  server: parseAsText(64),
  origin: parseAsStringLiteral(origins),
  sort: parseAsStringLiteral(sortableColumnIds),
  dir: parseAsStringLiteral(["asc", "desc"] as const).withDefault("asc"),
  cols: parseAsWords(columnIds),
  roomy: parseAsBoolean.withDefault(false),
  more: parseAsBoolean.withDefault(false),
  id: parseAsText(256),
};

export type BindingsUrl = inferParserType<typeof bindingsUrl>;

/** The columns chosen, or else those that suit the role. */
export function shownColumns(url: Pick<BindingsUrl, "cols" | "role">): readonly ColumnId[] {
  return url.cols ?? (url.role === "server" ? serverColumnIds : defaultColumnIds);
}

/** The text filters: their names in the URL, what they are called, and what the field accepts. */
export interface TextFilter {
  readonly name: "q" | "prefix" | "mac" | "client" | "relay" | "remote" | "circuit" | "link" | "if" | "server";
  readonly label: string;
  readonly example: Readonly<Record<Family, string>>;
  /** Why a text cannot be meant; null when it can. */
  readonly problem?: (text: string, family: Family) => string | null;
}

const same = (example: string): Readonly<Record<Family, string>> => ({ 4: example, 6: example });

export const textFilters: readonly TextFilter[] = [
  {
    name: "prefix",
    label: "Address or prefix",
    example: { 4: "192.0.2.0/24", 6: "2001:db8::/32" },
    problem: prefixProblem,
  },
  {
    name: "mac",
    label: "MAC",
    example: same("02:00:5e:10:00:01"),
    problem: (text) => {
      const mac = parseMac(text);
      return mac.ok ? null : mac.error.message;
    },
  },
  { name: "client", label: "Client identifier", example: { 4: "01:02:00:5e:10:00:01", 6: "00:03:00:01:02:00…" } },
  { name: "relay", label: "Relay-id", example: same("00:03:00:01:02:00…") },
  { name: "remote", label: "Remote-id", example: same("subscriber-17") },
  { name: "circuit", label: "Circuit-id", example: same("ge-0/0/1:17") },
  {
    name: "link",
    label: "Link address",
    example: { 4: "192.0.2.1", 6: "2001:db8::1" },
    problem: (text, family) => {
      const address = family === 4 ? parseIpv4(text) : parseIpv6(text);
      return address.ok ? null : address.error.message;
    },
  },
  { name: "if", label: "Interface", example: same("ge-0/0/1.17") },
  { name: "server", label: "Server", example: { 4: "192.0.2.53", 6: "2001:db8::53" } },
];

function prefixProblem(text: string, family: Family): string | null {
  const parsed = text.includes("/")
    ? family === 4
      ? parseIpv4Prefix(text)
      : parseIpv6Prefix(text)
    : family === 4
      ? parseIpv4(text)
      : parseIpv6(text);
  return parsed.ok ? null : parsed.error.message;
}

const filterNames = [
  "states",
  "kind",
  "instance",
  "q",
  "prefix",
  "mac",
  "client",
  "relay",
  "remote",
  "circuit",
  "link",
  "if",
  "server",
  "origin",
] as const;

/** How many filters narrow the list. */
export function filterCount(url: BindingsUrl): number {
  return filterNames.filter((name) => (name === "states" ? url.states.length > 0 : url[name] !== null)).length;
}

/** Every filter taken away; the rest of the page stays as it is. */
export const noFilters = Object.fromEntries(filterNames.map((name) => [name, null])) as Readonly<
  Record<(typeof filterNames)[number], null>
>;

/** The filter as the API takes it. A text that cannot be meant is sent as well: the answer says why it is refused. */
export function toFilter(url: BindingsUrl): BindingFilter {
  const [logicalSystem, routingInstance] = url.instance?.split(":") ?? [];
  return {
    ...(logicalSystem && { logicalSystem }),
    ...(routingInstance && { routingInstance }),
    ...(url.role !== null && { role: url.role }),
    ...(url.states.length > 0 && { states: url.states }),
    ...(url.kind !== null && { kinds: [url.kind] }),
    ...(url.q !== null && { text: url.q }),
    ...(url.prefix !== null && { prefix: url.prefix }),
    ...(url.mac !== null && { hardwareAddress: url.mac }),
    ...(url.client !== null && { clientId: url.client }),
    ...(url.relay !== null && { relayId: url.relay }),
    ...(url.remote !== null && { remoteId: url.remote }),
    ...(url.circuit !== null && { circuitId: url.circuit }),
    ...(url.link !== null && { linkAddress: url.link }),
    ...(url.if !== null && { interfaceName: url.if }),
    ...(url.server !== null && { serverAddress: url.server }),
    ...(url.origin !== null && { origin: url.origin }),
  };
}

/** Newest change first, unless a column is chosen. */
export function toSort(url: Pick<BindingsUrl, "sort" | "dir">): { column: BindingColumn; direction: "asc" | "desc" } {
  return url.sort === null ? { column: "lastChange", direction: "desc" } : { column: url.sort, direction: url.dir };
}

/**
 * Whether a changed binding could be in the list. Only for the notice about new bindings: where the browser cannot tell
 * (identifiers in another notation), it says yes and the next fetch decides.
 */
export function mayMatch(row: BindingRow, filter: BindingFilter): boolean {
  const [logicalSystem, routingInstance] = row.instance.split(":");
  if (filter.logicalSystem !== undefined && filter.logicalSystem !== logicalSystem) return false;
  if (filter.routingInstance !== undefined && filter.routingInstance !== routingInstance) return false;
  if (filter.role !== undefined && filter.role !== row.role) return false;
  if (filter.states !== undefined && !filter.states.includes(row.state)) return false;
  if (filter.kinds !== undefined && !filter.kinds.includes(row.kind)) return false;
  if (filter.origin !== undefined && filter.origin !== row.origin) return false;
  if (filter.interfaceName !== undefined && filter.interfaceName !== row.interfaceName) return false;
  if (filter.text !== undefined && !containsText(row, filter.text)) return false;
  if (filter.prefix !== undefined && !prefixHolds(row, filter.prefix)) return false;
  if (filter.hardwareAddress !== undefined) {
    const mac = parseMac(filter.hardwareAddress);
    if (mac.ok && formatMac(mac.value) !== row.hardwareAddress) return false;
  }
  return true;
}

function containsText(row: BindingRow, text: string): boolean {
  const wanted = text.toLowerCase();
  return [row.address, row.hardwareAddress, row.clientId, row.circuitId, row.remoteId, row.relayId].some((value) =>
    value?.toLowerCase().includes(wanted),
  );
}

function prefixHolds(row: BindingRow, text: string): boolean {
  const address = row.address.split("/")[0] ?? "";
  if (row.family === 4) {
    const parsed = parseIpv4(address);
    if (!parsed.ok) return true;
    if (!text.includes("/")) {
      const wanted = parseIpv4(text);
      return !wanted.ok || formatIpv4(wanted.value) === formatIpv4(parsed.value);
    }
    const prefix = parseIpv4Prefix(text);
    return !prefix.ok || ipv4PrefixContains(prefix.value, parsed.value);
  }
  const parsed = parseIpv6(address);
  if (!parsed.ok) return true;
  if (!text.includes("/")) {
    // A delegated prefix answers for every address inside; that is left to the backend.
    const wanted = parseIpv6(text);
    return row.kind === "prefix" || !wanted.ok || formatIpv6(wanted.value) === formatIpv6(parsed.value);
  }
  const prefix = parseIpv6Prefix(text);
  return !prefix.ok || ipv6PrefixContains(prefix.value, parsed.value);
}
