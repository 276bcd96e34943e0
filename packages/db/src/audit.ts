import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";

export interface NewAuditEntry {
  readonly atMs: number;
  readonly actor: string;
  readonly via: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly detail: string;
}

export interface StoredAuditEntry extends NewAuditEntry {
  /** A number that rises with every entry. */
  readonly id: string;
}

/** What people and tokens did. There is no way to change or remove an entry. */
export class AuditRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  async add(node: string, entry: NewAuditEntry): Promise<void> {
    const { atMs, actor, via, action, subject, outcome, detail } = entry;
    await this.#client.auditEntry.create({
      data: {
        node,
        atMs: BigInt(atMs),
        actor: storableText(actor),
        via: storableText(via),
        action: storableText(action),
        subject: storableText(subject),
        outcome,
        detail: storableText(detail),
      },
    });
  }

  /** Newest first; with `before`, those older than that entry. What is no id of an entry ends the list. */
  async list(node: string, limit: number, before?: string): Promise<readonly StoredAuditEntry[]> {
    const id = before === undefined ? undefined : Number(before);
    if (id !== undefined && !(Number.isInteger(id) && id > 0 && id < 2 ** 31)) return [];
    const rows = await this.#client.auditEntry.findMany({
      where: { node, ...(id === undefined ? {} : { id: { lt: id } }) },
      orderBy: { id: "desc" },
      take: limit,
    });
    return rows.map(({ node: _node, ...row }) => ({
      ...row,
      id: String(row.id),
      atMs: Number(row.atMs),
      outcome: row.outcome as NewAuditEntry["outcome"],
    }));
  }
}
