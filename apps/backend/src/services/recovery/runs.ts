import {
  type BulkRun,
  type BulkStartInput,
  type Principal,
  type RecoveryComparison,
  type RecoveryGroup,
  type RecoveryGroups,
  recoveryGroupsShownMax,
  type Services,
} from "@leasewire/api";
import type { RecoveryRepository } from "@leasewire/db";
import type { EngineApi } from "../../engine-thread/messages.ts";
import type { Remote } from "../../threads/rpc.ts";
import { fromEngine, refusal, value } from "../answer.ts";
import type { WriteAuditOf } from "../audit.ts";
import { newId } from "../id.ts";
import type { RecoveryBook } from "./book.ts";

export interface RecoveryRunsParts {
  readonly node: string;
  readonly engine: Pick<Remote<EngineApi>, "startBulkRun" | "commandBulkRun" | "bulkRun" | "bulkRuns" | "bulkGroups">;
  readonly records: Pick<RecoveryRepository, "run" | "runs" | "groups">;
  readonly book: Pick<RecoveryBook, "shown">;
  readonly audit: WriteAuditOf;
  readonly now: () => number;
}

/** Bulk runs: those the engine still knows, and those of the database. */
export function createRecoveryRuns(parts: RecoveryRunsParts): Services["recovery"] {
  const { node, engine, records, book, audit } = parts;

  const command = (kind: "cancel" | "pause" | "resume" | "retry") => (who: Principal, id: string) =>
    fromEngine(async () => {
      const answer = await engine.commandBulkRun(kind, id);
      audit(who, `recovery.${kind}`, id, answer.ok, answer.ok ? answer.value.command : answer.refusal.message);
      return answer.ok ? value(book.shown(answer.value)) : answer;
    });

  return {
    start: (who, input) =>
      fromEngine(async () => {
        const id = newId(parts.now());
        const answer = await engine.startBulkRun(id, input, who.email, "operator");
        const detail = answer.ok ? answer.value.command : answer.refusal.message;
        audit(who, "recovery.start", keyText(input), answer.ok, detail);
        return answer.ok ? value({ id }) : answer;
      }),
    list: ({ limit, before, family, states }) =>
      fromEngine(async () => {
        const recent = (await engine.bulkRuns()).map((run) => book.shown(run));
        let last: Pick<BulkRun, "id" | "startedAtMs"> | null = null;
        if (before !== undefined) {
          last = recent.find(({ id }) => id === before) ?? (await records.run<BulkRun>(node, before));
          if (last === null) return value([]);
        }
        const inDatabase = await records.runs<BulkRun>(node, limit + recent.length, {
          // One that is only in memory is newer than all that are stored.
          before: last === null || recent.some(({ id }) => id === before) ? undefined : before,
          family,
          states,
        });
        const byId = new Map(inDatabase.map((run) => [run.id, run]));
        for (const run of recent) byId.set(run.id, run);
        const chosen = [...byId.values()].filter(
          (run) =>
            (last === null || isOlder(run, last)) &&
            (family === undefined || run.family === family) &&
            (states === undefined || states.includes(run.state)),
        );
        return value(chosen.sort((a, b) => (isOlder(a, b) ? 1 : -1)).slice(0, limit));
      }),
    get: (id) =>
      fromEngine(async () => {
        const run = await find(id);
        return run === null ? noRun("id") : value(run);
      }),
    cancel: command("cancel"),
    pause: command("pause"),
    resume: command("resume"),
    retry: command("retry"),
    groups: (id) =>
      fromEngine(async () => {
        const groups = await groupsOf(id);
        return groups === null ? noRun("id") : value(shownGroups(id, groups));
      }),
    compare: ({ first, second }) =>
      fromEngine(async () => {
        const runs = [await find(first), await find(second)] as const;
        if (runs[0] === null) return noRun("first");
        if (runs[1] === null) return noRun("second");
        const groups = [(await groupsOf(first)) ?? [], (await groupsOf(second)) ?? []] as const;
        return value(compared(runs[0], runs[1], groups[0], groups[1]));
      }),
  };

  async function find(id: string): Promise<BulkRun | null> {
    const run = await engine.bulkRun(id);
    return run === null ? records.run<BulkRun>(node, id) : book.shown(run);
  }

  async function groupsOf(id: string): Promise<readonly RecoveryGroup[] | null> {
    return (await engine.bulkGroups(id)) ?? (await records.groups<RecoveryGroup>(node, id));
  }
}

export function keyText({ key }: BulkStartInput): string {
  const own = Object.entries(key).find(([name, text]) => name !== "kind" && text !== undefined);
  return own === undefined ? key.kind : `${key.kind} ${own[1]}`;
}

function noRun(field: string) {
  return refusal("NOT_FOUND", "There is no bulk run with this id.", field);
}

function isOlder(a: Pick<BulkRun, "id" | "startedAtMs">, b: Pick<BulkRun, "id" | "startedAtMs">): boolean {
  return a.startedAtMs === b.startedAtMs ? a.id < b.id : a.startedAtMs < b.startedAtMs;
}

function shownGroups(runId: string, groups: readonly RecoveryGroup[]): RecoveryGroups {
  const lost = ({ missing, stale }: RecoveryGroup) => missing + (stale ?? 0);
  const size = ({ expected, recovered }: RecoveryGroup) => Math.max(expected, recovered);
  const sorted = [...groups].sort((a, b) => lost(b) - lost(a) || size(b) - size(a));
  const sum = { expected: 0, recovered: 0, missing: 0, stale: null as number | null };
  for (const group of groups) {
    sum.expected += group.expected;
    sum.recovered += group.recovered;
    sum.missing += group.missing;
    if (group.stale !== null) sum.stale = (sum.stale ?? 0) + group.stale;
  }
  return { runId, groups: sorted.slice(0, recoveryGroupsShownMax), total: groups.length, sum };
}

function compared(
  first: BulkRun,
  second: BulkRun,
  ofFirst: readonly RecoveryGroup[],
  ofSecond: readonly RecoveryGroup[],
): RecoveryComparison {
  const rows = new Map<
    string,
    { -readonly [K in keyof RecoveryComparison["groups"][number]]: RecoveryComparison["groups"][number][K] }
  >();
  for (const [side, groups] of [
    ["first", ofFirst],
    ["second", ofSecond],
  ] as const) {
    for (const { relayId, interfaceName, recovered } of groups) {
      const key = `${relayId ?? ""}|${interfaceName ?? ""}`;
      const row = rows.get(key) ?? { relayId, interfaceName, first: null, second: null };
      row[side] = (row[side] ?? 0) + recovered;
      rows.set(key, row);
    }
  }
  const apart = ({ first: a, second: b }: { first: number | null; second: number | null }) =>
    Math.abs((a ?? 0) - (b ?? 0));
  const sorted = [...rows.values()].sort((a, b) => apart(b) - apart(a));
  return { first, second, groups: sorted.slice(0, recoveryGroupsShownMax), total: sorted.length };
}
