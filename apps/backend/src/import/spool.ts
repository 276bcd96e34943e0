import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ImportRequest } from "./import-run.ts";

/**
 * A file that is imported whole or not at all, in the data directory while it is read: `ID.part`. Once every row is known to be
 * good it is `ID.file` with `ID.json` beside it, both on the disk for certain: such an import is finished, however often the
 * program stops before.
 */
export class Spool {
  readonly #directory: string;
  readonly #id: string;
  #file: FileHandle | null = null;

  constructor(directory: string, id: string) {
    this.#directory = directory;
    this.#id = id;
  }

  async write(octets: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path("part"), "w", 0o600);
    await this.#file.writeFile(octets);
  }

  /** From here on the import will be finished. */
  async accept(request: ImportRequest): Promise<void> {
    this.#file ??= await open(this.#path("part"), "w", 0o600);
    await this.#file.sync();
    await this.#file.close();
    this.#file = null;
    await rename(this.#path("part"), this.#path("file"));
    const asked = await open(this.#path("json.part"), "w", 0o600);
    await asked.writeFile(JSON.stringify(request));
    await asked.sync();
    await asked.close();
    await rename(this.#path("json.part"), this.#path("json"));
    const directory = await open(this.#directory);
    await directory.sync();
    await directory.close();
  }

  read(): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path("file"));
  }

  async remove(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    // What is asked goes first: a file alone is never taken in.
    for (const ending of ["json", "json.part", "file", "part"]) await rm(this.#path(ending), { force: true });
  }

  #path(ending: string): string {
    return path.join(this.#directory, `${this.#id}.${ending}`);
  }
}

/** Makes the directory, removes what an import left that was not accepted, and answers those that have to be finished. */
export async function openSpools(directory: string): Promise<readonly ImportRequest[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = await readdir(directory);
  const accepted: ImportRequest[] = [];
  for (const name of names) {
    if (!name.endsWith(".json")) continue;
    const id = name.slice(0, -".json".length);
    const request = readRequest(await readFile(path.join(directory, name), "utf8"));
    if (request?.id === id && names.includes(`${id}.file`)) accepted.push(request);
  }
  const kept = new Set(accepted.flatMap(({ id }) => [`${id}.json`, `${id}.file`]));
  for (const name of names) if (!kept.has(name)) await rm(path.join(directory, name), { force: true });
  return accepted.sort((a, b) => a.startedAtMs - b.startedAtMs);
}

function readRequest(text: string): ImportRequest | undefined {
  try {
    return JSON.parse(text) as ImportRequest;
  } catch {
    return undefined;
  }
}
