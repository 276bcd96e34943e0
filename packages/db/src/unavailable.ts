export type DatabaseFault =
  | "url-invalid"
  | "unreachable"
  | "refused-credentials"
  | "database-missing"
  | "permission-denied"
  | "not-a-database"
  | "damaged"
  | "disk-full"
  | "read-only"
  | "busy"
  | "database-newer"
  | "migration-failed"
  | "failed";

/**
 * The database cannot be used now. `message` is one line for the operator: what, where, and the remedy. It never holds a
 * password, and it survives structured clone (as a plain Error) because nothing else of it is needed to act on.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  readonly code: DatabaseFault;

  constructor(code: DatabaseFault, message: string) {
    super(oneLine(message));
    this.code = code;
  }
}

/**
 * Says in plain words what a driver threw.
 *
 * @param place the database as it may be shown: `SQLite /var/lib/leasewire/leasewire.sqlite`, `PostgreSQL host:5432/name`
 */
export function databaseUnavailable(error: unknown, place: string): DatabaseUnavailable {
  if (error instanceof DatabaseUnavailable) return error;
  const { code, text } = driverFault(error);
  const known = faults.find(({ matches }) => matches(code, text));
  if (known === undefined) return new DatabaseUnavailable("failed", `${place} failed: ${text} (${code}).`);
  return new DatabaseUnavailable(known.fault, `${place} ${known.what}: ${known.remedy}.`);
}

interface KnownFault {
  readonly fault: DatabaseFault;
  matches(code: string, text: string): boolean;
  readonly what: string;
  readonly remedy: string;
}

const codes =
  (...list: readonly string[]) =>
  (code: string) =>
    list.some((known) => code === known || (known.endsWith("_") && code.startsWith(known)));

/** Codes of SQLite, of PostgreSQL (SQLSTATE), and of the system. */
const faults: readonly KnownFault[] = [
  {
    fault: "not-a-database",
    matches: codes("SQLITE_NOTADB"),
    what: "is a file of another kind, not a database",
    remedy: "name another file in DATABASE_URL, or move this one away",
  },
  {
    fault: "damaged",
    matches: codes("SQLITE_CORRUPT", "SQLITE_CORRUPT_", "XX001", "XX002"),
    what: "is damaged",
    remedy: "restore it from a backup",
  },
  {
    fault: "disk-full",
    matches: codes("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "ENOSPC", "EDQUOT", "53100"),
    what: "cannot grow, the disk is full",
    remedy: "make room",
  },
  {
    fault: "read-only",
    matches: codes("SQLITE_READONLY", "SQLITE_READONLY_", "EROFS", "25006"),
    what: "is read-only",
    remedy: "let the account that runs Leasewire write it",
  },
  {
    fault: "permission-denied",
    matches: codes(
      "SQLITE_CANTOPEN",
      "SQLITE_CANTOPEN_",
      "SQLITE_PERM",
      "EACCES",
      "EPERM",
      "42501",
      "ENOTDIR",
      "EISDIR",
      "EEXIST",
    ),
    what: "cannot be opened",
    remedy:
      "check that the path is a file (or a directory that may be made) and that the account may read and write it",
  },
  {
    fault: "busy",
    matches: codes("SQLITE_BUSY", "SQLITE_BUSY_", "SQLITE_LOCKED", "SQLITE_LOCKED_", "55P03", "40001", "40P01"),
    what: "is held by another process",
    remedy: "stop the other process; Leasewire tries again",
  },
  {
    fault: "refused-credentials",
    matches: codes("28P01", "28000"),
    what: "refuses user or password",
    remedy: "correct them in DATABASE_URL",
  },
  {
    fault: "database-missing",
    matches: codes("3D000"),
    what: "does not exist on that server",
    remedy: "create it with createdb, or name another one in DATABASE_URL",
  },
  {
    fault: "unreachable",
    matches: (code, text) =>
      codes(
        "ECONNREFUSED",
        "ECONNRESET",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ETIMEDOUT",
        "EHOSTUNREACH",
        "ENETUNREACH",
        "EPIPE",
        "57P01",
        "57P02",
        "57P03",
        "53300",
        "08006",
        "08001",
        "08003",
      )(code) || /connection terminated|timeout (expired|exceeded)|not queryable|connection error/i.test(text),
    what: "cannot be reached",
    remedy: "check that the server runs and takes connections from here",
  },
];

function driverFault(error: unknown): { readonly code: string; readonly text: string } {
  // Prisma wraps what the driver said; node wraps the attempts at several addresses of one host.
  const seen: unknown[] = [error];
  for (let at = 0; at < seen.length && at < 16; at += 1) {
    const each = seen[at];
    if (typeof each !== "object" || each === null) continue;
    const fields = each as Record<string, unknown>;
    const code =
      fields.originalCode ?? (typeof fields.code === "string" && !/^P\d{4}$/.test(fields.code) && fields.code);
    if (typeof code === "string") {
      return { code, text: String(fields.originalMessage ?? fields.message ?? "no reason was given") };
    }
    seen.push(
      fields.cause,
      fields.meta,
      fields.driverAdapterError,
      ...(Array.isArray(fields.errors) ? fields.errors : []),
    );
  }
  return { code: "no code", text: error instanceof Error ? error.message : String(error) };
}

function oneLine(text: string): string {
  const line = text
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}/gu, "?")
    .trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
