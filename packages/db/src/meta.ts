import type { Family } from "@leasewire/bindings";
import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";
import type { Sql } from "./sql.ts";

/** What a node keeps about itself. */
export class MetaRepository {
  readonly #sql: Sql;
  readonly #client: PrismaClient;

  constructor(sql: Sql, client: PrismaClient) {
    this.#sql = sql;
    this.#client = client;
  }

  /** Highest sequence ever stored, 0 when there is none: numbering goes on after it. */
  async lastSequence(node: string, family: Family): Promise<number> {
    const [row] = await this.#sql.rows(
      'SELECT "lastSequence" FROM "ChangeLogPosition" WHERE "node" = ? AND "family" = ?',
      [node, family],
    );
    return row === undefined ? 0 : Number(row.lastSequence);
  }

  async fact(node: string, key: string): Promise<string | null> {
    const row = await this.#client.nodeFact.findUnique({ where: { node_key: { node, key } } });
    return row?.value ?? null;
  }

  async setFact(node: string, key: string, text: string): Promise<void> {
    const value = storableText(text);
    await this.#client.nodeFact.upsert({
      where: { node_key: { node, key } },
      create: { node, key, value },
      update: { value },
    });
  }
}
