import type { Pool, PoolState, PoolsView } from "@leasewire/api";
import { type inferParserType, parseAsStringLiteral } from "nuqs/server";
import { paths } from "#lib/paths.ts";
import { parseAsFamily, parseAsText } from "#lib/url-state.ts";
import { poolStateNames } from "./pool-states.ts";

/** The state of the page; the names are those of the URL. */
export const poolsUrl = {
  family: parseAsFamily,
  state: parseAsStringLiteral(poolStateNames as readonly [PoolState, ...PoolState[]]),
  q: parseAsText(128),
  sort: parseAsStringLiteral(["used"] as const),
  span: parseAsStringLiteral(["hour", "day"] as const).withDefault("hour"),
  id: parseAsText(256),
};
export type PoolsUrl = inferParserType<typeof poolsUrl>;

/** Rows shown until one asks for more. */
export const poolsShownAtFirst = 200;

/** The pools that pass the filters, in the order chosen. `q` is part of a name, an instance, a network or a range. */
export function filteredPools(
  pools: readonly Pool[],
  url: Pick<PoolsUrl, "family" | "state" | "q" | "sort">,
): readonly Pool[] {
  const wanted = url.q?.trim().toLowerCase() ?? "";
  const passing = pools.filter(
    (pool) =>
      (url.family === null || pool.family === url.family) &&
      (url.state === null || pool.state === url.state) &&
      (wanted === "" || textOf(pool).includes(wanted)),
  );
  return url.sort === "used" ? passing.toSorted((a, b) => b.usedPercent - a.usedPercent) : passing;
}

/** What needs somebody's attention, in one sentence each. */
export function poolWarnings({
  pools,
}: PoolsView): readonly { readonly tone: "warn" | "bad"; readonly text: string }[] {
  const named = (state: PoolState) => pools.filter((pool) => pool.state === state);
  const sentence = (list: readonly Pool[], what: string) => {
    const names = list.slice(0, namesMax).map((pool) => pool.name);
    const more = list.length - names.length;
    const all = more > 0 ? [...names, `${more} more`] : names;
    return `${all.join(", ")} ${list.length === 1 ? "is" : "are"} ${what}.`;
  };
  const empty = named("empty");
  const nearly = named("nearly-empty");
  return [
    ...(empty.length === 0
      ? []
      : [{ tone: "bad" as const, text: sentence(empty, "empty: new clients are turned away") }]),
    ...(nearly.length === 0 ? [] : [{ tone: "warn" as const, text: sentence(nearly, "nearly empty") }]),
  ];
}

/** The page with the bindings that lie in the pool. */
export function bindingsOf(pool: Pool): string {
  return paths.bindings({ family: pool.family, role: "server", instance: pool.instance, prefix: pool.prefix });
}

const namesMax = 5;

function textOf(pool: Pool): string {
  return [pool.name, pool.instance, pool.prefix, ...pool.ranges.flatMap(({ name, low, high }) => [name, low, high])]
    .join(" ")
    .toLowerCase();
}
