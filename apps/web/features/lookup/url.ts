import { createParser, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsFamily } from "#lib/url-state.ts";
import { resultFilters } from "./answers.ts";

/** The keys themselves are too many for a URL; how they are looked up and shown is in it. */
export const lookupUrl = {
  family: parseAsFamily,
  ask: parseAsBoolean.withDefault(false),
  show: parseAsStringLiteral(resultFilters.map(({ value }) => value)).withDefault("all"),
  q: createParser<string>({
    parse: (text) => (text.length <= 100 ? text : null),
    serialize: (text) => text,
  }).withDefault(""),
};
