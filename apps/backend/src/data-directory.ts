import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reasonOf, StartFailure } from "./start-failure.ts";

/** The directory with everything one node keeps: database, secret, lock. Held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  /** Signs sessions. Made once; whoever reads it can sign himself in. */
  readonly secret: string;
  release(): void;
}

const secretBytes = 32;

/** Creates the directory where missing and takes its lock; throws StartFailure when it cannot be written or is in use. */
export function openDataDirectory(directory: string): DataDirectory {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
  tryWriting(directory);
  const release = lock(directory);
  try {
    return { path: directory, secret: readSecret(path.join(directory, "secret")), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Not by `recursive: true`: Node never comes back from that where a file system answers ENOENT for ever, as /proc does. */
function makeDirectory(directory: string) {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

function tryWriting(directory: string) {
  const probe = path.join(directory, `.write-test-${process.pid}`);
  try {
    if (!statSync(directory).isDirectory()) throw new Error("there is a file of this name");
    writeFileSync(probe, "");
    unlinkSync(probe);
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): StartFailure {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "no space left",
    ENOTDIR: "a part of the path is a file",
    ENOENT: "this file system takes no new directories",
  };
  const reason = (code !== undefined && reasons[code]) || reasonOf(error);
  return new StartFailure(
    `The data directory ${directory} cannot be written: ${reason}. Make it writable, or set LEASEWIRE_DATA to another.`,
  );
}

/**
 * A record lock of the kernel, by way of SQLite: it goes with the process however that ends, so none is ever stale, and
 * it holds between containers that share the directory.
 */
function lock(directory: string): () => void {
  const pidFile = path.join(directory, "leasewire.pid");
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path.join(directory, "lock"));
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (!/locked|busy/i.test(reasonOf(error))) throw unusable(directory, error);
    const pid = readIfThere(pidFile)?.trim();
    const who = pid !== undefined && /^\d+$/.test(pid) ? `another Leasewire (process ${pid})` : "another Leasewire";
    throw new StartFailure(
      `The data directory ${directory} is in use by ${who}: stop that one, or set LEASEWIRE_DATA to another directory.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return () => {
    unlinkSync(pidFile);
    database.close();
  };
}

function readSecret(file: string): string {
  const found = readIfThere(file)?.trim();
  if (found !== undefined && found.length >= secretBytes) return found;
  const secret = randomBytes(secretBytes).toString("base64url");
  try {
    const handle = openSync(file, "w", 0o600);
    writeSync(handle, `${secret}\n`);
    closeSync(handle);
  } catch (error) {
    throw unusable(path.dirname(file), error);
  }
  return secret;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartFailure(`${file} cannot be read: ${reasonOf(error)}.`);
  }
}
