import { createParser, parseAsInteger, parseAsStringLiteral } from "nuqs/server";
import { parseAsFamily } from "#lib/url-state.ts";

/** Text that may be empty: a gateway address that was cleared is not the same as one never touched. */
function parseAsTyped(lengthMax: number) {
  return createParser<string>({
    parse: (text) => (text.length <= lengthMax ? text : null),
    serialize: (text) => text,
  });
}

/** Everything of the page: the form as typed, the run on show, and the message of it that is open. */
export const leasequeryUrl = {
  family: parseAsFamily.withDefault(4),
  kind: parseAsStringLiteral(["address", "mac", "client-id"] as const).withDefault("address"),
  key: parseAsTyped(600).withDefault(""),
  gateway: parseAsTyped(64),
  link: parseAsTyped(64).withDefault(""),
  instance: parseAsTyped(128).withDefault(""),
  server: parseAsTyped(64).withDefault(""),
  group: parseAsTyped(63).withDefault(""),
  run: parseAsTyped(64),
  message: parseAsInteger,
};
