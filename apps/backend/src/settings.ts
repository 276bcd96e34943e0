import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { passwordLengthMin } from "@leasewire/api";
import { StartFailure } from "./start-failure.ts";

/** What the environment says. Read once, checked whole, and passed on as values: nothing else looks at `process.env`. */
export interface Settings {
  readonly listen: { readonly host: string; readonly port: number };
  /** Absolute path. */
  readonly dataDirectory: string;
  /** Absolute for SQLite. Holds the password of PostgreSQL: what may be shown is `Database.place`. */
  readonly databaseUrl: string;
  readonly node: string;
  /** Absolute path of the configuration for a first start. */
  readonly configurationFile: string | null;
  readonly administrator: AdministratorSettings | null;
  /** Where people reach the pages when that is not the listen address: a name, a reverse proxy. */
  readonly publicUrl: URL | null;
  readonly web: boolean;
  readonly logLevel: LogLevel;
}

export interface AdministratorSettings {
  readonly email: string;
  /** null: the account must exist already. */
  readonly password: string | null;
  readonly token: string | null;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A token is compared with a hash; one that can be guessed protects nothing. */
export const adminTokenLengthMin = 12;
const adminTokenLengthMax = 256;
const passwordLengthMax = 128;
const emailLengthMax = 254;

/** Throws StartFailure naming the variable, its value where that is no secret, and what to write. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): Settings {
  const value = (name: string) => {
    const text = environment[name]?.trim();
    return text === undefined || text === "" ? null : text;
  };
  const dataDirectory = path.resolve(workingDirectory, value("LEASEWIRE_DATA") ?? "var");
  const file = value("LEASEWIRE_CONFIG");
  return {
    listen: readListen(value("LEASEWIRE_LISTEN") ?? "127.0.0.1:8067"),
    dataDirectory,
    databaseUrl: readDatabaseUrl(value("DATABASE_URL"), dataDirectory, workingDirectory),
    node: readNode(value("LEASEWIRE_NODE")),
    configurationFile: file === null ? null : path.resolve(workingDirectory, file),
    administrator: readAdministrator(
      value("LEASEWIRE_ADMIN_EMAIL"),
      environment.LEASEWIRE_ADMIN_PASSWORD || null,
      value("LEASEWIRE_ADMIN_TOKEN"),
    ),
    publicUrl: readPublicUrl(value("LEASEWIRE_PUBLIC_URL")),
    web: readSwitch("LEASEWIRE_WEB", value("LEASEWIRE_WEB") ?? "on"),
    logLevel: readLogLevel(value("LEASEWIRE_LOG_LEVEL") ?? "info"),
  };
}

/** `127.0.0.1:8067`, `[::1]:8067`, `noc.example.net:8067`; port 0 takes any free one. */
function readListen(text: string): Settings["listen"] {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535)
    throw refused(
      "LEASEWIRE_LISTEN",
      text,
      "is not an address with a port",
      "write it like 127.0.0.1:8067 or [::1]:8067",
    );
  return { host: match[1] ?? match[2]!, port };
}

function readDatabaseUrl(text: string | null, dataDirectory: string, workingDirectory: string): string {
  if (text === null) return `file:${path.join(dataDirectory, "leasewire.sqlite")}`;
  if (text.startsWith("file:")) {
    const name = text.slice("file:".length).replace(/^\/\/(?=\/)/, "");
    if (name !== "" && !name.startsWith("?")) return `file:${path.resolve(workingDirectory, name)}`;
  }
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text;
  // The value may hold a password and is not repeated.
  throw new StartFailure(
    "DATABASE_URL is neither file:PATH (SQLite) nor postgresql://USER:PASSWORD@HOST:PORT/DATABASE: correct it, or unset it for SQLite in the data directory.",
  );
}

function readNode(text: string | null): string {
  const name = text ?? hostname().split(".")[0] ?? "";
  if (/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name)) return name;
  if (text === null) return "node";
  throw refused("LEASEWIRE_NODE", text, "is not a name for this node", "use 1 to 63 letters, digits, '-', '_' or '.'");
}

function readAdministrator(email: string | null, password: string | null, token: string | null) {
  if (email === null) {
    const alone = password !== null ? "LEASEWIRE_ADMIN_PASSWORD" : token !== null ? "LEASEWIRE_ADMIN_TOKEN" : null;
    if (alone === null) return null;
    throw new StartFailure(`${alone} is set and LEASEWIRE_ADMIN_EMAIL is not: set it to the administrator's address.`);
  }
  if (email.length > emailLengthMax || !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(email))
    throw refused("LEASEWIRE_ADMIN_EMAIL", email, "is not an e-mail address", "write it like noc@example.net");
  if (password !== null && (password.length < passwordLengthMin || password.length > passwordLengthMax))
    throw new StartFailure(
      `LEASEWIRE_ADMIN_PASSWORD has ${password.length} characters: choose one of ${passwordLengthMin} to ${passwordLengthMax}.`,
    );
  if (token !== null && !/^[!-~]+$/.test(token))
    throw new StartFailure("LEASEWIRE_ADMIN_TOKEN holds a blank or a character outside ASCII: use letters and digits.");
  if (token !== null && (token.length < adminTokenLengthMin || token.length > adminTokenLengthMax))
    throw new StartFailure(
      `LEASEWIRE_ADMIN_TOKEN has ${token.length} characters: choose one of ${adminTokenLengthMin} to ${adminTokenLengthMax}, for example from "openssl rand -hex 32".`,
    );
  return { email: email.toLowerCase(), password, token };
}

function readPublicUrl(text: string | null): URL | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.pathname !== "/" || url.search !== "")
    throw refused(
      "LEASEWIRE_PUBLIC_URL",
      text,
      "is not the address of a site",
      "write it like https://leasewire.example.net",
    );
  return url;
}

function readSwitch(name: string, text: string): boolean {
  if (["on", "1", "true", "yes"].includes(text)) return true;
  if (["off", "0", "false", "no"].includes(text)) return false;
  throw refused(name, text, "is neither on nor off", "set it to on or off");
}

function readLogLevel(text: string): LogLevel {
  const level = logLevels.find((name) => name === text);
  if (level !== undefined) return level;
  throw refused("LEASEWIRE_LOG_LEVEL", text, "is not a log level", `use one of ${logLevels.join(", ")}`);
}

function refused(name: string, value: string, what: string, remedy: string): StartFailure {
  return new StartFailure(`${name}=${JSON.stringify(value.slice(0, 100))} ${what}: ${remedy}.`);
}

/** The version in the program's own package.json. */
export function programVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
