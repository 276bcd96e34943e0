import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";

/** What the repository itself reads of a run; the rest is kept as it is. */
export interface RunFields {
  readonly id: string;
  readonly family: number;
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly state: string;
}

/** Leasequery runs: the caller's own types go in and come out, as JSON. */
export class RunRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  /** A run with the same id is replaced. */
  async put<Run extends RunFields & { readonly exchanges: readonly unknown[] }>(
    node: string,
    whole: Run,
  ): Promise<void> {
    const { exchanges, ...run } = whole;
    const data = {
      node,
      family: run.family,
      startedAtMs: BigInt(run.startedAtMs),
      startedBy: storableText(run.startedBy),
      state: run.state,
      run: JSON.stringify(run),
      exchanges: JSON.stringify(exchanges),
    };
    const { id } = run;
    await this.#client.leasequeryRun.upsert({ where: { id }, create: { id, ...data }, update: data });
  }

  /** The run with its exchanges. */
  async find<Run>(node: string, id: string): Promise<Run | null> {
    const row = await this.#client.leasequeryRun.findFirst({ where: { node, id } });
    return row === null ? null : ({ ...JSON.parse(row.run), exchanges: JSON.parse(row.exchanges) } as Run);
  }

  /** Newest first, without exchanges; with `before`, those started before that run. An unknown `before` ends the list. */
  async list<Run>(node: string, limit: number, before?: string): Promise<readonly Run[]> {
    const client = this.#client.leasequeryRun;
    let where: object = { node };
    if (before !== undefined) {
      const last = await client.findFirst({ where: { node, id: before }, select: { startedAtMs: true } });
      if (last === null) return [];
      const { startedAtMs } = last;
      where = { node, OR: [{ startedAtMs: { lt: startedAtMs } }, { startedAtMs, id: { lt: before } }] };
    }
    const rows = await client.findMany({
      where,
      orderBy: [{ startedAtMs: "desc" }, { id: "desc" }],
      take: limit,
      select: { run: true },
    });
    return rows.map(({ run }) => JSON.parse(run) as Run);
  }
}
