import { join, resolve } from "node:path";
import { DatabaseUnavailable } from "./unavailable.ts";

export type DatabaseLocation =
  | { readonly provider: "sqlite"; readonly file: string; readonly place: string }
  | { readonly provider: "postgresql"; readonly url: string; readonly place: string };

/** Where the database is, and how that may be shown: without user and password. */
export function databaseLocation(url: string | undefined, dataDirectory: string): DatabaseLocation {
  if (url === undefined || url === "") return sqlite(join(dataDirectory, "leasewire.sqlite"));
  if (url.startsWith("file:")) {
    const name = url.slice("file:".length).replace(/^\/\/(?=\/)/, "");
    if (name !== "" && !name.includes("?")) return sqlite(name);
  }
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) {
    const { host, pathname } = new URL(url);
    return { provider: "postgresql", url, place: `PostgreSQL ${host}${pathname}` };
  }
  throw new DatabaseUnavailable(
    "url-invalid",
    "DATABASE_URL is neither file:PATH (SQLite) nor postgresql://USER:PASSWORD@HOST:PORT/DATABASE: correct it, or unset it for SQLite in the data directory.",
  );
}

function sqlite(name: string): DatabaseLocation {
  const file = resolve(name);
  return { provider: "sqlite", file, place: `SQLite ${file}` };
}
