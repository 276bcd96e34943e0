import type {
  Answer,
  BindingClearInput,
  BindingDetail,
  BindingListInput,
  BindingPage,
  BindingSummary,
  BindingSummaryInput,
  BulkStartInput,
  ClearServerStatisticsInput,
  DhcpStateName,
  EngineConnection,
  EnginePools,
  Family,
  GuardQuarantineInput,
  GuardReleaseInput,
  GuardView,
  InstanceSelector,
  LeasequeryRun,
  LeasequeryRunDetail,
  LeasequeryStartInput,
  LeasequeryTargets,
  LookupAnswer,
  LookupRunInput,
  ReconfigureInput,
  ReconfigureOutcome,
  RecoveryGroup,
  Refusal,
  RelayBindingStates,
  RelayBulkConnections,
  RelayLeasequeryStatistics,
  RelayStatistics,
  ServedInput,
  ServerActive,
  ServerBulkConnections,
  ServerStatistics,
  StreamRestartInput,
  StreamView,
} from "@leasewire/api";
import { dhcpStateNames } from "@leasewire/api";
import { BindingTable, parseBindingId } from "@leasewire/bindings";
import { type Finding, hasErrors, parseConfiguration } from "@leasewire/config";
import type { StoredBaseTime } from "@leasewire/db";
import type { ChangeBatch } from "@leasewire/db/change-batch";
import type { RandomSource, RequestorLimits } from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import type { openServerDatagrams, openUdp } from "@leasewire/transport";
import type { PersistenceApi } from "../persistence-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { bindingDetail } from "./binding-rows.ts";
import { BindingViews, countStates } from "./binding-views.ts";
import { ChangeWriter } from "./change-writer.ts";
import { clearBindings } from "./clear-bindings.ts";
import { exportRows, Imports } from "./imports.ts";
import { instancesMatching } from "./instances.ts";
import { engineThreadLimits } from "./limits.ts";
import { lookUp } from "./look-ups.ts";
import type { EngineApi, EngineEvent, RunningBulkRun } from "./messages.ts";
import { Publisher } from "./publisher.ts";
import { RelayAgents } from "./relay/agents.ts";
import { forgetBindings } from "./relay/forget.ts";
import { Recovery } from "./relay/recovery.ts";
import { RelayRequestors } from "./relay/relay-requestors.ts";
import { sumOf } from "./relay/statistics.ts";
import { restoreTables } from "./restore.ts";
import { ServerDesk } from "./server/desk.ts";
import { LocalServers } from "./server/local-servers.ts";
import { reconfigureClients } from "./server/reconfigure.ts";
import { SteadyClock } from "./steady-clock.ts";

export interface EngineServiceParts {
  readonly node: string;
  readonly persistence: Pick<Remote<PersistenceApi>, "writeChanges" | "writeRun" | "readBindings" | "lastSequence">;
  readonly emit: (event: EngineEvent) => void;
  readonly random: RandomSource;
  /** Faults of sockets and handlers, for the log. */
  readonly onFault?: (error: Error) => void;
  readonly limits?: Partial<RequestorLimits>;
  readonly open?: typeof openUdp;
  readonly openServer?: typeof openServerDatagrams;
  /** Absent: that of the limits. */
  readonly recoveryBehindMax?: number;
  /** Kept over restarts; see `serverEngine6`. */
  readonly reconfigureSecret?: Uint8Array | undefined;
}

const families = [4, 6] as const;

/**
 * The engines of this node with their sockets, clock and tables: everything the engine thread does, without the thread.
 *
 * Invariants:
 *   - The tables change only by what an engine step returned, by expiry, and by a clear command.
 *   - Nothing here waits for the database while packets wait.
 *   - A configuration is in force whole, or not at all.
 */
export class EngineService implements EngineApi {
  readonly #parts: EngineServiceParts;
  readonly #clock = new SteadyClock();
  readonly #tables: Readonly<Record<Family, BindingTable>>;
  readonly #views: BindingViews;
  readonly #relays: RelayRequestors;
  readonly #imports: Imports;
  #agents: RelayAgents | null = null;
  #recovery: Recovery | null = null;
  #servers: LocalServers | null = null;
  #serverDesk: ServerDesk | null = null;
  #writer: ChangeWriter | null = null;
  #publisher: Publisher | null = null;
  #restoring: Promise<void> = Promise.resolve();
  #configuring: Promise<unknown> = Promise.resolve();
  #expiryTimer: NodeJS.Timeout | null = null;
  #restoreRefused = 0;
  #faults = 0;
  #stopping = false;

  constructor(parts: EngineServiceParts) {
    this.#parts = parts;
    const hashKey = [parts.random.uint32(), parts.random.uint32()] as const;
    this.#tables = { 4: new BindingTable(4, { hashKey }), 6: new BindingTable(6, { hashKey }) };
    this.#views = new BindingViews(this.#tables, () => this.#clock.now());
    this.#imports = new Imports({
      tables: this.#tables,
      nowSeconds: () => this.#clock.nowSeconds(),
      durableSequence: (family) => this.#durable(family),
      behind: () => this.#writer?.behind ?? 0,
      pools: () => this.#servers?.pools ?? [],
      onChanged: () => this.#changed(),
    });
    this.#relays = new RelayRequestors({
      node: parts.node,
      tables: this.#tables,
      random: parts.random,
      now: () => this.#clock.now(),
      durableSequence: (family) => this.#durable(family),
      writeRun: (run) => parts.persistence.writeRun(run),
      onRun: (run) => parts.emit({ kind: "run", run }),
      onChanged: () => this.#changed(),
      onFault: (error) => this.#fault(error),
      agents: () => this.#agents,
      limits: parts.limits,
      open: parts.open,
    });
  }

  /** Fills the tables from the database; calls that need them wait for it. Resolves when that is done. */
  start(): Promise<void> {
    this.#restoring = this.#restore();
    return this.#restoring;
  }

  configure(text: string): Promise<{ readonly ok: boolean; readonly findings: readonly Finding[] }> {
    const result = this.#configuring.then(() => this.#configure(text));
    // The next one waits for this one, whatever becomes of it.
    this.#configuring = result.catch(() => {});
    return result;
  }

  async listBindings(input: BindingListInput): Promise<Answer<BindingPage>> {
    await this.#restoring;
    return this.#views.page(input, () => this.#durable(input.family));
  }

  async bindingDetail(id: string): Promise<Answer<Omit<BindingDetail, "history">>> {
    await this.#restoring;
    const parsed = parseBindingId(id);
    if (!parsed.ok) return refuse("BAD_REQUEST", parsed.error.message, "id");
    const { family, instance, address, prefixLength } = parsed.value;
    const table = this.#tables[family];
    const binding = table.at(table.byPrefix(instance, address, prefixLength));
    if (binding === undefined) return refuse("NOT_FOUND", `There is no binding ${id} any more.`, "id");
    return { ok: true, value: bindingDetail(family, binding, this.#durable(family)) };
  }

  async summary({ family, role, ...instance }: BindingSummaryInput): Promise<Answer<BindingSummary>> {
    await this.#restoring;
    const table = this.#tables[family];
    const byState = Object.fromEntries(dhcpStateNames.map((name) => [name, 0])) as Record<DhcpStateName, number>;
    const byInstance: Record<string, number> = {};
    let total = 0;
    for (const name of instancesMatching(table.instanceNames(), instance)) {
      const counts = role === undefined ? table.counts(name) : await countStates(table, name, role);
      let sum = 0;
      for (const [index, state] of dhcpStateNames.entries()) {
        const count = counts[index + 1] ?? 0;
        byState[state] += count;
        sum += count;
      }
      byInstance[name] = sum;
      total += sum;
    }
    const durableSequence = this.#durable(family);
    return { ok: true, value: { total, byState, byInstance, sequence: table.sequence, durableSequence } };
  }

  async clearBindings(input: BindingClearInput, by: string): Promise<Answer<{ readonly cleared: number }>> {
    await this.#restoring;
    const refusal = this.#removalRefusal("nothing can be cleared");
    if (refusal !== null) return refusal;
    const answer = await clearBindings(
      this.#tables[input.family],
      input,
      by,
      () => this.#clock.nowSeconds(),
      (binding) => {
        if (input.role === "relay") this.#agents?.cleared(input.family, binding);
        else this.#servers?.cleared(input.family, binding);
      },
    );
    this.#changed();
    return answer;
  }

  async reconfigureClients(input: ReconfigureInput): Promise<Answer<ReconfigureOutcome>> {
    await this.#restoring;
    if (this.#servers === null) throw new Error("the engines have no servers");
    return reconfigureClients(this.#tables[6], this.#servers, input);
  }

  async importBegin(id: string): ReturnType<EngineApi["importBegin"]> {
    await this.#restoring;
    return this.#imports.begin(id);
  }

  async importBatch(id: string, batch: ChangeBatch): ReturnType<EngineApi["importBatch"]> {
    return this.#imports.batch(id, batch);
  }

  async importStored(id: string): Promise<boolean> {
    return this.#imports.stored(id);
  }

  async importEnd(id: string): Promise<void> {
    this.#imports.end(id);
  }

  async exportBindings(
    family: Family,
    instance: InstanceName,
    afterRow: number,
  ): ReturnType<EngineApi["exportBindings"]> {
    await this.#restoring;
    return exportRows(this.#tables[family], instance, afterRow);
  }

  async targets(): Promise<Omit<LeasequeryTargets, "examples">> {
    await this.#configuring;
    return this.#relays.targets();
  }

  async startRun(id: string, input: LeasequeryStartInput, startedBy: string): Promise<Answer<LeasequeryRun>> {
    await this.#restoring;
    await this.#configuring;
    if (this.#stopping) return refuse("UNAVAILABLE", "The engines are stopping.");
    return this.#relays.startRun(id, input, startedBy);
  }

  async cancelRun(id: string): Promise<Answer<LeasequeryRun>> {
    return this.#relays.cancelRun(id);
  }

  async run(id: string): Promise<LeasequeryRunDetail | null> {
    return this.#relays.run(id);
  }

  async runs(): Promise<readonly LeasequeryRun[]> {
    return this.#relays.runs();
  }

  async relayStatistics(family: Family, instance: InstanceSelector): Promise<RelayStatistics> {
    const agents = await this.#relayAgents();
    return sumOf(family, this.#relays.statistics(family, instance), agents.statistics(family, instance));
  }

  async relayLeasequeryStatistics(family: Family, instance: InstanceSelector): Promise<RelayLeasequeryStatistics> {
    return this.#relays.leasequeryStatistics(family, instance);
  }

  async clearStatistics(family: Family, instance: InstanceSelector, what: "leasequery" | undefined): Promise<void> {
    this.#relays.clearStatistics(family, instance, what);
    if (what === undefined) (await this.#relayAgents()).clearStatistics(family, instance);
  }

  async relayBulkConnections(family: Family, instance: InstanceSelector): Promise<RelayBulkConnections> {
    return (await this.#recovering()).bulkConnections(family, instance);
  }

  async relayBindingStates(family: Family, instance: InstanceSelector): Promise<RelayBindingStates> {
    const { restore, ...byState } = (await this.#relayAgents()).bindingStates(family, instance);
    const total = Object.values(byState).reduce((sum, count) => sum + count, 0);
    return { family, total, byState, waitingToBeRestored: restore };
  }

  async clearRecoveryStatistics(family: Family, instance: InstanceSelector, server: string | undefined): Promise<void> {
    (await this.#recovering()).clearStatistics(family, instance, server);
  }

  async beginRecovery(baseTimes: readonly StoredBaseTime[]): Promise<void> {
    await this.#configuring;
    (await this.#recovering()).begin(baseTimes);
  }

  async startBulkRun(
    id: string,
    input: BulkStartInput,
    startedBy: string,
    cause: "operator" | "repetition",
  ): Promise<Answer<RunningBulkRun>> {
    await this.#configuring;
    if (this.#stopping) return refuse("UNAVAILABLE", "The engines are stopping.");
    return (await this.#recovering()).start(input, { id, startedBy, cause });
  }

  async commandBulkRun(kind: "cancel" | "pause" | "resume" | "retry", id: string): Promise<Answer<RunningBulkRun>> {
    return (await this.#recovering()).command(kind, id);
  }

  async bulkRun(id: string): Promise<RunningBulkRun | null> {
    return (await this.#recovering()).run(id);
  }

  async bulkRuns(): Promise<readonly RunningBulkRun[]> {
    return (await this.#recovering()).runs();
  }

  async bulkGroups(id: string): Promise<readonly RecoveryGroup[] | null> {
    return (await this.#recovering()).groups(id);
  }

  async streams(): Promise<readonly StreamView[]> {
    return (await this.#recovering()).streams();
  }

  async restartStreams(input: StreamRestartInput): Promise<Answer<{ readonly restarted: number }>> {
    return (await this.#recovering()).restartStreams(input);
  }

  async lookUp(input: LookupRunInput): Promise<readonly LookupAnswer[]> {
    await this.#restoring;
    return lookUp(this.#tables, (family) => this.#durable(family), input);
  }

  async relaysForwarding(): ReturnType<EngineApi["relaysForwarding"]> {
    await this.#configuring;
    return (await this.#relayAgents()).forwardingInstances.map((instance) => ({
      instance,
      bindings: { 4: this.#bindingsOf(4, instance), 6: this.#bindingsOf(6, instance) },
    }));
  }

  async forgetRelay(instance: InstanceName, startedBy: string): ReturnType<EngineApi["forgetRelay"]> {
    const agents = await this.#relayAgents();
    const recovery = await this.#recovering();
    const refusal = this.#removalRefusal("nothing can be forgotten");
    if (refusal !== null) return refusal;
    const cause = `the relay was restarted empty by ${startedBy}`;
    const forgotten = { 4: 0, 6: 0 };
    for (const family of families) {
      forgotten[family] = await forgetBindings(
        this.#tables[family],
        instance,
        cause,
        () => this.#clock.nowSeconds(),
        (of, binding) => agents.forgotten(of, binding),
      );
    }
    this.#changed();
    recovery.beginAnew(instance, startedBy, forgotten);
    return { ok: true, value: forgotten };
  }

  async serverPools(input: ServedInput): Promise<EnginePools> {
    return (await this.#desk()).pools(input);
  }

  async servedConnections(input: ServedInput): Promise<readonly EngineConnection[]> {
    return (await this.#desk()).connections(input);
  }

  async closeConnection(id: string): Promise<Answer<EngineConnection>> {
    return (await this.#desk()).closeConnection(id);
  }

  async serverStatistics(family: Family, instance: InstanceSelector): Promise<ServerStatistics> {
    return (await this.#desk()).statistics(family, instance);
  }

  async serverBulkConnections(family: Family, instance: InstanceSelector): Promise<ServerBulkConnections> {
    return (await this.#desk()).bulkConnections(family, instance);
  }

  async serverActive(family: Family, instance: InstanceSelector): Promise<ServerActive> {
    return (await this.#desk()).active(family, instance);
  }

  async clearServerStatistics(input: ClearServerStatisticsInput): Promise<void> {
    (await this.#desk()).clearStatistics(input);
  }

  async guardRequestors(input: ServedInput): Promise<GuardView> {
    return (await this.#desk()).guard(input);
  }

  async quarantineRequestor(input: GuardQuarantineInput, by: string): Promise<Answer<{ readonly changed: number }>> {
    return (await this.#desk()).quarantine(input, by);
  }

  async releaseRequestor(input: GuardReleaseInput): Promise<Answer<{ readonly changed: number }>> {
    return (await this.#desk()).release(input);
  }

  async metrics(): ReturnType<EngineApi["metrics"]> {
    const metrics: { name: string; labels: Record<string, string>; value: number }[] = [];
    const add = (name: string, value: number, labels: Record<string, string> = {}) =>
      metrics.push({ name: `leasewire_${name}`, labels, value });
    this.#relays.metrics(add);
    this.#agents?.metrics(add);
    this.#recovery?.metrics(add);
    for (const family of families) {
      const table = this.#tables[family];
      const labels = { family: String(family) };
      for (const instance of table.instanceNames()) {
        const counts = table.counts(instance);
        for (const [index, state] of dhcpStateNames.entries()) {
          add("bindings", counts[index + 1] ?? 0, { ...labels, instance, state });
        }
      }
      add("binding_table_bytes", table.bytes, labels);
      add("binding_sequence", table.sequence, labels);
      add("binding_durable_sequence", this.#durable(family), labels);
    }
    this.#serverDesk?.metrics(add);
    add("binding_views", this.#views.size);
    add("storage_behind", this.#writer?.behind ?? 0);
    add("storage_refusing", this.#writer?.refusing ? 1 : 0);
    add("restore_refused_total", this.#restoreRefused);
    add("engine_faults_total", this.#faults);
    return metrics;
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#imports.stop();
    await this.#restoring.catch(() => {});
    await this.#configuring;
    await this.#relays.quiesce();
    this.#recovery?.close();
    if (this.#expiryTimer !== null) clearTimeout(this.#expiryTimer);
    await this.#servers?.quiesce();
    const { promise: impatience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, engineThreadLimits.flushMsMax);
    await Promise.race([this.#writer?.flush(), impatience]);
    clearTimeout(timer);
    await this.#servers?.close();
    await this.#agents?.close();
    this.#relays.close();
    this.#publisher?.close();
  }

  async #restore(): Promise<void> {
    const startedAtMs = performance.now();
    const { bindings, refused } = await restoreTables(
      this.#tables,
      this.#parts.persistence,
      (refusing, reason) => this.#parts.emit({ kind: "storage-refusing", refusing, reason }),
      () => this.#stopping,
    );
    this.#restoreRefused = refused;
    this.#writer = new ChangeWriter({
      tables: this.#tables,
      persistence: this.#parts.persistence,
      afterChanges: () => this.#relays.writeFinished(),
      onDurable: (family, sequence) => {
        this.#servers?.durable(family, sequence);
        this.#recovery?.durable(family, sequence);
        this.#imports.durable();
        this.#parts.emit({ kind: "durable", family, sequence });
      },
      onRefusing: (refusing, reason) => {
        this.#servers?.granting(!refusing);
        this.#parts.emit({ kind: "storage-refusing", refusing, reason });
      },
    });
    this.#agents = new RelayAgents({
      node: this.#parts.node,
      tables: this.#tables,
      random: this.#parts.random,
      now: () => this.#clock.now(),
      onChanged: () => this.#changed(),
      onLeasequeryReply: (...reply) => this.#relays.received(...reply),
      onQueryFailed: (xid, reason) => this.#relays.sendFailed(xid, reason),
      onFault: (error) => this.#fault(error),
      open: this.#parts.openServer,
    });
    this.#recovery = new Recovery({
      node: this.#parts.node,
      tables: this.#tables,
      random: this.#parts.random,
      now: () => this.#clock.now(),
      behind: () => this.#writer?.behind ?? 0,
      durableSequence: (family) => this.#durable(family),
      onChanged: () => this.#changed(),
      onRun: (run) => this.#parts.emit({ kind: "bulk-run", run }),
      onFinished: (finished) => this.#parts.emit({ kind: "bulk-run-finished", finished }),
      onStream: (stream) => this.#parts.emit({ kind: "stream", stream }),
      onStreamEvents: (events) => this.#parts.emit({ kind: "stream-events", events }),
      onBaseTimes: (baseTimes) => this.#parts.emit({ kind: "base-times", baseTimes }),
      onRestoring: (...told) => this.#agents?.restoring(...told),
      behindMax: this.#parts.recoveryBehindMax,
      onFault: (error) => this.#fault(error),
    });
    this.#servers = new LocalServers({
      node: this.#parts.node,
      tables: this.#tables,
      random: this.#parts.random,
      now: () => this.#clock.now(),
      durableSequence: (family) => this.#durable(family),
      onChanged: () => this.#changed(),
      onFault: (error) => this.#fault(error),
      reconfigureSecret: this.#parts.reconfigureSecret,
      open: this.#parts.openServer,
    });
    this.#serverDesk = new ServerDesk(this.#servers, () => this.#clock.now());
    this.#publisher = new Publisher(this.#tables, (family) => this.#durable(family), this.#parts.emit);
    this.#scheduleExpiry(0);
    if (this.#stopping) return;
    this.#parts.emit({ kind: "restored", bindings, tookMs: Math.round(performance.now() - startedAtMs) });
  }

  async #configure(text: string): Promise<{ ok: boolean; findings: readonly Finding[] }> {
    await this.#restoring;
    const { tree, findings } = parseConfiguration(text);
    if (hasErrors(findings)) return { ok: false, findings };
    const agents = this.#agents;
    const recovery = this.#recovery;
    const servers = this.#servers;
    if (this.#stopping || agents === null || recovery === null || servers === null)
      return { ok: false, findings: [stoppingFinding] };
    const prepared = [
      await agents.prepare(tree),
      await this.#relays.prepare(tree),
      await servers.prepare(tree),
      await recovery.prepare(tree),
    ];
    const all = [...findings, ...prepared.flatMap((part) => part.findings)];
    if (hasErrors(all)) {
      for (const part of prepared) await part.discard();
      return { ok: false, findings: all };
    }
    await Promise.all(prepared.map((part) => part.apply()));
    return { ok: true, findings: all };
  }

  #fault(error: Error): void {
    this.#faults += 1;
    this.#parts.onFault?.(error);
  }

  #changed(): void {
    this.#publisher?.kick();
    this.#writer?.kick();
  }

  #scheduleExpiry(delayMs: number): void {
    if (this.#stopping) return;
    this.#expiryTimer = setTimeout(() => this.#scheduleExpiry(this.#expire()), delayMs);
  }

  /** Ends what has run out and removes what ended long ago, a slice at a time. Returns when to go on, in ms. */
  #expire(): number {
    const drivers = [this.#relays, this.#agents, this.#recovery, this.#servers];
    if (drivers.every((driver) => driver?.isIdle !== false)) this.#clock.adopt();
    const nowSeconds = this.#clock.nowSeconds();
    const rows = engineThreadLimits.expiryRowsPerSlice;
    let done = true;
    for (const family of families) {
      const table = this.#tables[family];
      if (!table.expire(nowSeconds, rows).done) done = false;
      if (this.#canRemove && !table.sweep(nowSeconds, rows).done) done = false;
    }
    if (this.#writer !== null && this.#writer.behind > 0) this.#changed();
    return done ? engineThreadLimits.expiryPeriodMs : 0;
  }

  /** There once the bindings are restored. */
  async #desk(): Promise<ServerDesk> {
    await this.#restoring;
    if (this.#serverDesk === null) throw new Error("the engines have no servers");
    return this.#serverDesk;
  }

  /** What is not in the table any more could not be caught up with once it has left the change log. */
  get #canRemove(): boolean {
    return this.#writer?.refusing !== true && (this.#writer?.behind ?? 0) <= engineThreadLimits.removalsBehindMax;
  }

  #removalRefusal(what: string): { ok: false; refusal: Refusal } | null {
    if (this.#canRemove) return null;
    return refuse(
      "UNAVAILABLE",
      this.#writer?.refusing === true
        ? `The database refuses writes, so ${what} now: try again when it works.`
        : `More than ${engineThreadLimits.removalsBehindMax} changes wait for the database, so ${what} now: try again in a few seconds.`,
    );
  }

  #bindingsOf(family: Family, instance: InstanceName): number {
    return this.#tables[family].counts(instance).reduce((sum, count) => sum + count, 0);
  }

  async #recovering(): Promise<Recovery> {
    await this.#restoring;
    if (this.#recovery === null) throw new Error("the engines have no recovery");
    return this.#recovery;
  }

  async #relayAgents(): Promise<RelayAgents> {
    await this.#restoring;
    if (this.#agents === null) throw new Error("the engines have no relay agents");
    return this.#agents;
  }

  #durable(family: Family): number {
    return this.#writer?.durableSequence[family] ?? 0;
  }
}

const stoppingFinding: Finding = {
  severity: "error",
  rule: "engines-stopping",
  path: "",
  message: "The engines are stopping: the configuration was not applied.",
};

function refuse(code: Refusal["code"], message: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message, field } };
}
