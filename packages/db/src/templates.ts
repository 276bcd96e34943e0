import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";

/** A query kept under a name; `input` is the caller's own type, as JSON. */
export interface StoredTemplate<Input = unknown> {
  readonly id: string;
  readonly name: string;
  readonly input: Input;
  /** null: only by hand. */
  readonly everySeconds: number | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly lastRunId: string | null;
  readonly lastRunAtMs: number | null;
  readonly nextRunAtMs: number | null;
  readonly lastRefusal: string | null;
}

export class TemplateRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  /** By name. */
  async list<Input>(node: string): Promise<readonly StoredTemplate<Input>[]> {
    const rows = await this.#client.queryTemplate.findMany({ where: { node }, orderBy: { name: "asc" } });
    return rows.map(({ node: _node, input, createdAtMs, lastRunAtMs, nextRunAtMs, ...row }) => ({
      ...row,
      input: JSON.parse(input) as Input,
      createdAtMs: Number(createdAtMs),
      lastRunAtMs: lastRunAtMs === null ? null : Number(lastRunAtMs),
      nextRunAtMs: nextRunAtMs === null ? null : Number(nextRunAtMs),
    }));
  }

  /** One with the same id is replaced. */
  async put<Input>(node: string, template: StoredTemplate<Input>): Promise<void> {
    const { id, name, input, createdBy, createdAtMs, lastRunAtMs, nextRunAtMs, lastRefusal, ...rest } = template;
    const data = {
      ...rest,
      node,
      name: storableText(name),
      input: JSON.stringify(input),
      createdBy: storableText(createdBy),
      createdAtMs: BigInt(createdAtMs),
      lastRunAtMs: lastRunAtMs === null ? null : BigInt(lastRunAtMs),
      nextRunAtMs: nextRunAtMs === null ? null : BigInt(nextRunAtMs),
      lastRefusal: lastRefusal === null ? null : storableText(lastRefusal),
    };
    await this.#client.queryTemplate.upsert({ where: { id }, create: { id, ...data }, update: data });
  }

  /** False when there is none with that id. */
  async remove(node: string, id: string): Promise<boolean> {
    const { count } = await this.#client.queryTemplate.deleteMany({ where: { node, id } });
    return count > 0;
  }
}
