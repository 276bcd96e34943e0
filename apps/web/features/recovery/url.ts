import { createParser, parseAsArrayOf, parseAsBoolean, parseAsStringLiteral } from "nuqs/server";
import { parseAsFamily, parseAsText } from "#lib/url-state.ts";
import { runFilters } from "./recovery-words.ts";

function parseAsTyped(lengthMax: number) {
  return createParser<string>({
    parse: (text) => (text.length <= lengthMax ? text : null),
    serialize: (text) => text,
  });
}

export const recoveryViews = ["runs", "query", "streams"] as const;
export type RecoveryView = (typeof recoveryViews)[number];

/** Which part of the console is open, and what is chosen in it. */
export const recoveryUrl = {
  view: parseAsStringLiteral(recoveryViews).withDefault("runs"),
  /** The run on show, and the one beside it. */
  run: parseAsText(64),
  against: parseAsText(64),
  show: parseAsArrayOf(parseAsStringLiteral(runFilters), ",").withDefault([]),
  /** The stream whose time line is open. */
  stream: parseAsText(256),
  span: parseAsStringLiteral(["hour", "day"] as const).withDefault("hour"),
};

/** The bulk form as typed. */
export const bulkFormUrl = {
  family: parseAsFamily.withDefault(4),
  kind: parseAsStringLiteral([
    "relay-id",
    "remote-id",
    "client-id",
    "mac",
    "address",
    "link-address",
    "all-configured",
  ] as const).withDefault("relay-id"),
  key: parseAsTyped(600).withDefault(""),
  link: parseAsTyped(64).withDefault(""),
  instance: parseAsTyped(128).withDefault(""),
  server: parseAsTyped(64).withDefault(""),
  group: parseAsTyped(63).withDefault(""),
  from: parseAsTyped(40).withDefault(""),
  until: parseAsTyped(40).withDefault(""),
  incremental: parseAsBoolean.withDefault(false),
};
