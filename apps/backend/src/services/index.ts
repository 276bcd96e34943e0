import type {
  Answer,
  LeasequeryRun,
  LeasequeryStartInput,
  LeasequeryTargets,
  ReconfigureInput,
  ReconfigureOutcome,
  Services,
  SystemInfo,
} from "@leasewire/api";
import type { EngineApi } from "../engine-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { fromEngine, refusal, value } from "./answer.ts";
import { auditOf, type WriteAudit } from "./audit.ts";
import type { ConfigurationService } from "./configuration.ts";
import { newId } from "./id.ts";
import type { People } from "./people.ts";
import type { PoolHistoryBook } from "./pool-history.ts";
import type { Records } from "./records.ts";
import type { Served } from "./served.ts";

/** Changes of one binding shown with it. */
export const historyEntriesMax = 200;

export interface ServicesParts {
  readonly engine: Remote<EngineApi>;
  readonly records: Records;
  readonly configuration: ConfigurationService;
  readonly people: People;
  readonly served: Served;
  readonly poolHistory: PoolHistoryBook;
  readonly imports: Services["imports"];
  readonly recovery: Pick<Services, "recovery" | "streams" | "templates" | "lookups" | "lab">;
  readonly audit: WriteAudit;
  readonly examples: () => Promise<LeasequeryTargets["examples"]>;
  readonly systemInfo: () => SystemInfo;
  readonly now: () => number;
}

/** Everything behind the routers: asks the engine thread, the database, or both. */
export function createServices(parts: ServicesParts): Services {
  const { engine, records, configuration, people, served } = parts;
  const audit = auditOf(parts.audit);

  return {
    bindings: {
      list: (input) => fromEngine(() => engine.listBindings(input)),
      detail: (id) =>
        fromEngine(async () => {
          const found = await engine.bindingDetail(id);
          if (!found.ok) return found;
          return value({ ...found.value, history: await records.bindingHistory(id, historyEntriesMax) });
        }),
      summary: (input) => fromEngine(() => engine.summary(input)),
      clear: (who, input) =>
        fromEngine(async () => {
          const answer = await engine.clearBindings(input, who.email);
          const subject = input.all ? "all" : (input.address ?? input.interfaceName ?? "");
          const where = `at the DHCPv${input.family} ${input.role}`;
          const detail = answer.ok ? `${answer.value.cleared} cleared ${where}` : answer.refusal.message;
          audit(who, "bindings.clear", subject, answer.ok, detail);
          return answer;
        }),
      reconfigure: (who, input) =>
        fromEngine(async () => {
          const answer = await engine.reconfigureClients(input, who.email);
          const done = answer.ok && answer.value.started > 0;
          audit(who, "bindings.reconfigure", targetText(input), done, reconfiguredText(input, answer));
          return answer;
        }),
    },
    leasequery: {
      targets: () =>
        fromEngine(async () => {
          const [targets, examples] = await Promise.all([engine.targets(), parts.examples()]);
          return value({ ...targets, examples });
        }),
      start: (who, input) =>
        fromEngine(async () => {
          const id = newId(parts.now());
          const answer = await engine.startRun(id, input, who.email);
          const detail = answer.ok ? answer.value.command : answer.refusal.message;
          audit(who, "leasequery.start", keyText(input.key), answer.ok, detail);
          return answer.ok ? value({ id }) : answer;
        }),
      cancel: (who, id) =>
        fromEngine(async () => {
          const answer = await engine.cancelRun(id);
          audit(who, "leasequery.cancel", id, answer.ok, answer.ok ? answer.value.command : answer.refusal.message);
          return answer;
        }),
      run: (id) =>
        fromEngine(async () => {
          const run = (await engine.run(id)) ?? (await records.run(id));
          return run === null ? refusal("NOT_FOUND", "There is no leasequery run with this id.", "id") : value(run);
        }),
      list: ({ limit, before }) =>
        fromEngine(async () => {
          const [recent, stored] = await Promise.all([engine.runs(), records.runs(limit, before)]);
          return value(newestRuns(recent, stored, limit, before));
        }),
    },
    ...parts.recovery,
    statistics: {
      relay: ({ family, ...instance }) => fromEngine(async () => value(await engine.relayStatistics(family, instance))),
      relayLeasequery: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.relayLeasequeryStatistics(family, instance))),
      relayBulkConnections: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.relayBulkConnections(family, instance))),
      relayActive: (input) =>
        fromEngine(async () => {
          const streams = await parts.recovery.streams.list(input);
          return streams.ok ? value({ family: input.family, peers: streams.value }) : streams;
        }),
      relayBindingStates: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.relayBindingStates(family, instance))),
      clear: (who, { family, what, peerAddress, ...instance }) =>
        fromEngine(async () => {
          const isRecovery = what === "bulk-leasequery-connections" || what === "active-leasequery";
          if (!isRecovery) await engine.clearStatistics(family, instance, what);
          if (isRecovery || what === undefined) await engine.clearRecoveryStatistics(family, instance, peerAddress);
          const detail = [what ?? "all", peerAddress].filter((part) => part !== undefined).join(" of ");
          audit(who, "statistics.clear", `DHCPv${family}`, true, detail);
          return value({ cleared: true as const });
        }),
      server: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.serverStatistics(family, instance))),
      serverBulkConnections: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.serverBulkConnections(family, instance))),
      serverActive: ({ family, ...instance }) =>
        fromEngine(async () => value(await engine.serverActive(family, instance))),
      clearServer: (who, input) =>
        fromEngine(async () => {
          await engine.clearServerStatistics(input);
          const detail = [input.what ?? "all", input.peerAddress].filter((part) => part !== undefined).join(" of ");
          audit(who, "statistics.clear", `DHCPv${input.family} server`, true, detail);
          return value({ cleared: true as const });
        }),
    },
    pools: {
      list: (input) => fromEngine(async () => value(await served.pools(input))),
      history: (input) =>
        fromEngine(async () => {
          const history = parts.poolHistory.of(input.id, input.span);
          return history === null ? refusal("NOT_FOUND", "There is no pool with this id.", "id") : value(history);
        }),
    },
    connections: {
      list: (input) => fromEngine(async () => value(await served.connections(input))),
      close: (who, id) =>
        fromEngine(async () => {
          const answer = await engine.closeConnection(id, who.email);
          const subject = answer.ok ? `${answer.value.peerAddress}#${answer.value.peerPort}` : id;
          const detail = answer.ok ? `DHCPv${answer.value.family} ${answer.value.instance}` : answer.refusal.message;
          audit(who, "connections.close", subject, answer.ok, detail);
          return answer.ok ? value({ closed: true as const }) : answer;
        }),
    },
    guard: {
      list: (input) => fromEngine(async () => value(await engine.guardRequestors(input))),
      quarantine: (who, input) =>
        fromEngine(async () => {
          const answer = await engine.quarantineRequestor(input, who.email);
          const length = input.seconds === undefined ? "" : ` for ${input.seconds} s`;
          const done = `DHCPv${input.family} requestor quarantined${length}${input.reason === undefined ? "" : `: ${input.reason}`}`;
          audit(who, "guard.quarantine", input.address, answer.ok, answer.ok ? done : answer.refusal.message);
          return answer;
        }),
      release: (who, input) =>
        fromEngine(async () => {
          const answer = await engine.releaseRequestor(input, who.email);
          const detail = answer.ok ? `DHCPv${input.family} requestor released` : answer.refusal.message;
          audit(who, "guard.release", input.address, answer.ok, detail);
          return answer;
        }),
    },
    imports: parts.imports,
    configuration,
    users: people.users,
    setup: people.setup,
    audit: {
      list: async ({ limit, before }) => value(await records.audit(limit, before)),
      refused: (who, action, reason) =>
        parts.audit({
          actor: who?.email ?? "nobody",
          via: who?.via ?? "",
          action,
          subject: "",
          outcome: "refused",
          detail: reason,
        }),
    },
    system: { info: async () => parts.systemInfo() },
  };
}

function targetText({ target }: ReconfigureInput): string {
  switch (target.kind) {
    case "all":
      return "all";
    case "lease":
      return target.prefix.trim();
    case "client":
      return target.duid.trim();
  }
}

function reconfiguredText({ ask }: ReconfigureInput, answer: Answer<ReconfigureOutcome>): string {
  if (!answer.ok) return answer.refusal.message;
  const { started, refusals } = answer.value;
  const refused = refusals.map(({ clients, message }) => `; ${clients} refused: ${message}`);
  return `DHCPv6 clients told to ${ask}: ${started}${refused.join("")}`;
}

function keyText(key: LeasequeryStartInput["key"]): string {
  switch (key.kind) {
    case "address":
      return key.address;
    case "mac":
      return key.mac;
    case "client-id":
      return "duid" in key ? key.duid : key.clientId;
  }
}

/** Runs in memory are newer than their stored form. Ids rise with time. */
function newestRuns(
  recent: readonly LeasequeryRun[],
  stored: readonly LeasequeryRun[],
  limit: number,
  before: string | undefined,
): LeasequeryRun[] {
  const byId = new Map(stored.map((run) => [run.id, run]));
  for (const run of recent) if (before === undefined || run.id < before) byId.set(run.id, run);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}
