import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { PrismaClient } from "../generated/sqlite/client.ts";
import { storableText } from "./binding-writer.ts";
import type { RunFields } from "./runs.ts";

/** The active leasequery of a relay to one server. */
export interface StreamKey {
  readonly family: Family;
  readonly instance: InstanceName;
  /** Canonical text. */
  readonly server: string;
}

export interface StoredStreamEvent {
  readonly atMs: number;
  readonly kind: string;
  readonly phase: string | null;
  readonly text: string;
}

export interface StoredBaseTime extends StreamKey {
  /** Unix seconds by the server's clock. */
  readonly baseTimeSeconds: number;
}

/** Bulk runs, and what streams are remembered by. The caller's own types go in and come out, as JSON. */
export class RecoveryRepository {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  /** A run with the same id is replaced. */
  async putRun<Run extends RunFields>(node: string, run: Run, groups: readonly unknown[]): Promise<void> {
    const { id } = run;
    const data = {
      node,
      family: run.family,
      startedAtMs: BigInt(run.startedAtMs),
      startedBy: storableText(run.startedBy),
      state: run.state,
      run: JSON.stringify(run),
      groups: JSON.stringify(groups),
    };
    await this.#client.bulkRun.upsert({ where: { id }, create: { id, ...data }, update: data });
  }

  async run<Run>(node: string, id: string): Promise<Run | null> {
    const row = await this.#client.bulkRun.findFirst({ where: { node, id }, select: { run: true } });
    return row === null ? null : (JSON.parse(row.run) as Run);
  }

  /** What a run brought, group by group; null when there is no such run. */
  async groups<Group>(node: string, id: string): Promise<readonly Group[] | null> {
    const row = await this.#client.bulkRun.findFirst({ where: { node, id }, select: { groups: true } });
    return row === null ? null : (JSON.parse(row.groups) as Group[]);
  }

  /** Newest first; with `before`, those started before that run. An unknown `before` ends the list. */
  async runs<Run>(
    node: string,
    limit: number,
    filter: {
      readonly before?: string | undefined;
      readonly family?: number | undefined;
      readonly states?: readonly string[] | undefined;
    } = {},
  ): Promise<readonly Run[]> {
    const { before, family, states } = filter;
    const where = {
      node,
      ...(family === undefined ? {} : { family }),
      ...(states === undefined ? {} : { state: { in: [...states] } }),
    };
    let older = {};
    if (before !== undefined) {
      const last = await this.#client.bulkRun.findFirst({
        where: { node, id: before },
        select: { startedAtMs: true },
      });
      if (last === null) return [];
      const { startedAtMs } = last;
      older = { OR: [{ startedAtMs: { lt: startedAtMs } }, { startedAtMs, id: { lt: before } }] };
    }
    const rows = await this.#client.bulkRun.findMany({
      where: { ...where, ...older },
      orderBy: [{ startedAtMs: "desc" }, { id: "desc" }],
      take: limit,
      select: { run: true },
    });
    return rows.map(({ run }) => JSON.parse(run) as Run);
  }

  async addEvents(node: string, events: readonly (StreamKey & StoredStreamEvent)[]): Promise<void> {
    await this.#client.streamEvent.createMany({
      data: events.map(({ family, instance, server, atMs, kind, phase, text }) => ({
        node,
        family,
        instance,
        server: storableText(server),
        atMs: BigInt(Math.round(atMs)),
        kind,
        phase,
        text: storableText(text),
      })),
    });
  }

  /** Oldest first: the newest `limit` at or after `fromMs`, and what was the last one before them. */
  async events(
    node: string,
    { family, instance, server }: StreamKey,
    fromMs: number,
    limit: number,
  ): Promise<{ readonly events: readonly StoredStreamEvent[]; readonly before: StoredStreamEvent | null }> {
    const where = { node, family, instance, server };
    const rows = await this.#client.streamEvent.findMany({
      where: { ...where, atMs: { gte: BigInt(Math.round(fromMs)) } },
      orderBy: [{ atMs: "desc" }, { id: "desc" }],
      take: limit,
    });
    const oldest = rows.at(-1);
    const before = await this.#client.streamEvent.findFirst({
      where: {
        ...where,
        ...(oldest === undefined
          ? { atMs: { lt: BigInt(Math.round(fromMs)) } }
          : { OR: [{ atMs: { lt: oldest.atMs } }, { atMs: oldest.atMs, id: { lt: oldest.id } }] }),
      },
      orderBy: [{ atMs: "desc" }, { id: "desc" }],
    });
    return { events: rows.reverse().map(eventOf), before: before === null ? null : eventOf(before) };
  }

  /** Removes what happened before that moment. Answers how much that was. */
  async forgetEvents(node: string, beforeMs: number): Promise<number> {
    const { count } = await this.#client.streamEvent.deleteMany({
      where: { node, atMs: { lt: BigInt(Math.round(beforeMs)) } },
    });
    return count;
  }

  async baseTimes(node: string): Promise<readonly StoredBaseTime[]> {
    const rows = await this.#client.baseTime.findMany({ where: { node } });
    return rows.map(({ family, instance, server, baseTimeSeconds }) => ({
      family: family as Family,
      instance: instance as InstanceName,
      server,
      baseTimeSeconds: Number(baseTimeSeconds),
    }));
  }

  async putBaseTime(node: string, { family, instance, server, baseTimeSeconds }: StoredBaseTime): Promise<void> {
    const value = BigInt(baseTimeSeconds);
    await this.#client.baseTime.upsert({
      where: { node_family_instance_server: { node, family, instance, server } },
      create: { node, family, instance, server, baseTimeSeconds: value },
      update: { baseTimeSeconds: value },
    });
  }

  /** The relay of this instance knows nothing any more: it has to ask for everything. */
  async forgetBaseTimes(node: string, instance: InstanceName): Promise<void> {
    await this.#client.baseTime.deleteMany({ where: { node, instance } });
  }
}

function eventOf(row: {
  readonly atMs: bigint;
  readonly kind: string;
  readonly phase: string | null;
  readonly text: string;
}): StoredStreamEvent {
  return { atMs: Number(row.atMs), kind: row.kind, phase: row.phase, text: row.text };
}
