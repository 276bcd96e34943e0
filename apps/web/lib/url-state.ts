import type { Family } from "@leasewire/api";
import { createParser, parseAsArrayOf, parseAsStringLiteral } from "nuqs/server";

/**
 * Everything that decides what a page shows is in the URL: it can be sent to a colleague, and "back" works. Pages declare
 * their parsers with these and read them with `useQueryStates` of nuqs.
 */
export const parseAsFamily = createParser<Family>({
  parse: (text) => (text === "4" || text === "6" ? (Number(text) as Family) : null),
  serialize: String,
});

/** Short text; what is longer than any identifier is not a filter but a mistake. */
export function parseAsText(lengthMax: number) {
  return createParser<string>({
    parse: (text) => (text.length > 0 && text.length <= lengthMax ? text : null),
    serialize: (text) => text,
  });
}

/** A list of fixed words, comma separated; words that do not exist are left out. */
export function parseAsWords<const Word extends string>(words: readonly Word[]) {
  return parseAsArrayOf(parseAsStringLiteral(words), ",");
}
