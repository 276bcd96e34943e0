import type { BindingColumn, BindingRole, BulkKeyKind, DhcpStateName, Family } from "@leasewire/api";

/** What the bindings page can be opened with; names are those of its URL. */
export interface BindingsLink {
  readonly family?: Family;
  readonly role?: BindingRole;
  readonly states?: readonly DhcpStateName[];
  readonly instance?: string;
  readonly q?: string;
  readonly prefix?: string;
  readonly mac?: string;
  readonly client?: string;
  readonly sort?: BindingColumn;
  readonly id?: string;
}

/** A prefilled leasequery form, or (`run`) a run on show. */
export interface LeasequeryLink {
  readonly family?: Family;
  readonly kind?: "address" | "mac" | "client-id";
  readonly key?: string;
  /** v4: gateway-address. */
  readonly gateway?: string;
  /** v6: link-address. */
  readonly link?: string;
  readonly instance?: string;
  readonly server?: string;
  readonly group?: string;
  readonly run?: string;
}

/** A part of the recovery console: a run on show, or (`view: "query"`) a prefilled bulk form. */
export interface RecoveryLink {
  readonly view?: "runs" | "query" | "streams";
  readonly run?: string;
  readonly against?: string;
  readonly stream?: string;
  readonly family?: Family;
  readonly kind?: BulkKeyKind;
  readonly key?: string;
  readonly link?: string;
  readonly instance?: string;
  readonly server?: string;
  readonly group?: string;
  readonly from?: string;
  readonly until?: string;
  readonly incremental?: boolean;
}

/** Every address of the site, built in one place. */
export const paths = {
  overview: () => "/",
  bindings: (link: BindingsLink = {}) => withQuery("/bindings", link),
  leasequery: (link: LeasequeryLink = {}) => withQuery("/leasequery", link),
  recovery: ({ incremental, ...link }: RecoveryLink = {}) =>
    withQuery("/recovery", { ...link, incremental: incremental ? "true" : undefined }),
  lookup: () => "/lookup",
  importBindings: (link: { readonly id?: string } = {}) => withQuery("/bindings/import", link),
  pools: (link: { readonly family?: Family; readonly id?: string } = {}) => withQuery("/pools", link),
  connections: (link: { readonly family?: Family } = {}) => withQuery("/connections", link),
  configuration: () => "/configuration",
  statistics: (link: { readonly family?: Family; readonly of?: "relay" | "server" } = {}) =>
    withQuery("/statistics", link),
  events: () => "/events",
  settings: () => "/settings",
  signIn: (next?: string) => withQuery("/sign-in", { next: next === "/" ? undefined : next }),
} as const;

/**
 * The page to return to after signing in. Only paths of this site: `next` comes from the URL, and a link that leads
 * elsewhere after a real sign-in is how passwords are phished.
 */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next) || /[\\\s\p{Cc}]/u.test(next)) return "/";
  return next.startsWith("/sign-in") || next.startsWith("/setup") ? "/" : next;
}

type QueryValue = string | number | readonly string[] | undefined;

function withQuery(path: string, query: { readonly [name: string]: QueryValue } | object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query) as [string, QueryValue][]) {
    if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    parts.push(
      `${name}=${encodeURIComponent(String(value)).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/")}`,
    );
  }
  return parts.length === 0 ? path : `${path}?${parts.join("&")}`;
}
