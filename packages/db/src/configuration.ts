import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";

/** A commit as it is kept: everything but its number, which depends on what came after. */
export interface StoredCommit {
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly comment: string | null;
  readonly via: "web" | "cli" | "first start" | "automatic rollback";
  /** `set` statements in canonical order. */
  readonly text: string;
}

/** The configuration being edited, and what a `commit confirmed` waits for. */
export interface StoredCandidate {
  /** null: equal to the active configuration. */
  readonly text: string | null;
  readonly changedBy: string | null;
  readonly confirmBeforeMs: number | null;
  /** Id of the commit to go back to when nobody confirms in time. */
  readonly revertTo: string | null;
}

const unchanged: StoredCandidate = { text: null, changedBy: null, confirmBeforeMs: null, revertTo: null };

export class CommitRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  /** Newest first: the first one is active. */
  async list(node: string, max: number): Promise<readonly StoredCommit[]> {
    const rows = await this.#client.configurationCommit.findMany({
      where: { node },
      orderBy: { serial: "desc" },
      take: max,
    });
    return rows.map(storedCommit);
  }

  async find(node: string, id: string): Promise<StoredCommit | null> {
    const row = await this.#client.configurationCommit.findFirst({ where: { node, id } });
    return row === null ? null : storedCommit(row);
  }

  /** Commit and candidate in one transaction: a commit that is there has its candidate with it. */
  async add(node: string, commit: StoredCommit, candidate: StoredCandidate = unchanged): Promise<void> {
    const { id, atMs, by, comment, via, text } = commit;
    await this.#client.$transaction([
      this.#client.configurationCommit.create({
        data: {
          id,
          node,
          atMs: BigInt(atMs),
          by: storableText(by),
          comment: comment === null ? null : storableText(comment),
          via,
          text: storableText(text),
        },
      }),
      saveCandidate(this.#client, node, candidate),
    ]);
  }
}

export class CandidateRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  async read(node: string): Promise<StoredCandidate> {
    const row = await this.#client.configurationCandidate.findUnique({ where: { node } });
    if (row === null) return unchanged;
    return {
      text: row.text,
      changedBy: row.changedBy,
      confirmBeforeMs: row.confirmBeforeMs === null ? null : Number(row.confirmBeforeMs),
      revertTo: row.confirmRevertTo,
    };
  }

  async save(node: string, candidate: StoredCandidate): Promise<void> {
    await saveCandidate(this.#client, node, candidate);
  }
}

function saveCandidate(client: PrismaClient, node: string, candidate: StoredCandidate) {
  const data = {
    text: candidate.text === null ? null : storableText(candidate.text),
    changedBy: candidate.changedBy === null ? null : storableText(candidate.changedBy),
    confirmBeforeMs: candidate.confirmBeforeMs === null ? null : BigInt(candidate.confirmBeforeMs),
    confirmRevertTo: candidate.revertTo,
  };
  return client.configurationCandidate.upsert({ where: { node }, create: { node, ...data }, update: data });
}

type Row = Awaited<ReturnType<PrismaClient["configurationCommit"]["findFirstOrThrow"]>>;

function storedCommit({ id, atMs, by, comment, via, text }: Row): StoredCommit {
  return { id, atMs: Number(atMs), by, comment, via: via as StoredCommit["via"], text };
}
