import { parseAsInteger, parseAsStringLiteral } from "nuqs/server";
import { textViews } from "./config-text.ts";

export const sideTabs = ["findings", "compare", "history"] as const;
export type SideTab = (typeof sideTabs)[number];

export const configurationUrl = {
  view: parseAsStringLiteral(textViews).withDefault("set"),
  tab: parseAsStringLiteral(sideTabs).withDefault("findings"),
  /** Compare with the Nth configuration back; 0 is the active one. */
  rollback: parseAsInteger.withDefault(0),
  /** Number of the commit whose text is open in the history. */
  commit: parseAsInteger,
};
