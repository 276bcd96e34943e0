import type {
  Answer,
  BindingClearInput,
  BindingDetail,
  BindingListInput,
  BindingPage,
  BindingSummary,
  BindingSummaryInput,
  BindingsChanged,
  BulkRun,
  BulkStartInput,
  ClearServerStatisticsInput,
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
  RelayBindingStates,
  RelayBulkConnections,
  RelayLeasequeryStatistics,
  RelayStatistics,
  ServedInput,
  ServerActive,
  ServerBulkConnections,
  ServerStatistics,
  StreamEventKind,
  StreamPhase,
  StreamRestartInput,
  StreamView,
} from "@leasewire/api";
import type { Finding } from "@leasewire/config";
import type { StoredBaseTime, StreamKey } from "@leasewire/db";
import type { ChangeBatch } from "@leasewire/db/change-batch";
import type { InstanceName } from "@leasewire/net";
import type { ImportCounts } from "./imports.ts";

/** A bulk run as the engine thread knows it; whether it is stored, the main thread knows. */
export type RunningBulkRun = Omit<BulkRun, "stored">;

/** All that it brought is stored, and nothing about it changes any more unless somebody retries it. */
export interface FinishedBulkRun {
  readonly run: RunningBulkRun;
  /** Every group. */
  readonly groups: readonly RecoveryGroup[];
}

export interface StreamEventTold extends StreamKey {
  readonly atMs: number;
  readonly kind: StreamEventKind;
  readonly phase: StreamPhase;
  readonly text: string;
}

/** What the engine thread does for the main thread. No call waits for disk; scans run in slices between packets. */
export interface EngineApi {
  /**
   * Applies a committed configuration (canonical `set` text): opens and closes sockets as needed. Findings of severity
   * error mean that the old configuration stays in force, whole: a port in use, an address that is not ours.
   */
  configure(text: string): Promise<{ readonly ok: boolean; readonly findings: readonly Finding[] }>;
  listBindings(input: BindingListInput): Promise<Answer<BindingPage>>;
  /** All but the history, which is in the database. */
  bindingDetail(id: string): Promise<Answer<Omit<BindingDetail, "history">>>;
  summary(input: BindingSummaryInput): Promise<Answer<BindingSummary>>;
  clearBindings(input: BindingClearInput, by: string): Promise<Answer<{ readonly cleared: number }>>;
  /** Tells clients of DHCPv6 local servers to come back; what was refused is in the outcome. */
  reconfigureClients(input: ReconfigureInput, by: string): Promise<Answer<ReconfigureOutcome>>;
  /** Begins an import; answers how many further bindings the tables can hold. */
  importBegin(id: string): Promise<Answer<{ readonly bindingsMax: Readonly<Record<Family, number>> }>>;
  /** Puts rows of a file; see `Imports.batch`. Resolves late when the database is behind. */
  importBatch(id: string, batch: ChangeBatch): Promise<Answer<ImportCounts>>;
  /** Whether all that was imported until now is in the database; resolves when that is known. */
  importStored(id: string): Promise<boolean>;
  importEnd(id: string): Promise<void>;
  /** A piece of all bindings of an instance; `next` for the following one. */
  exportBindings(
    family: Family,
    instance: InstanceName,
    afterRow: number,
  ): Promise<{ readonly bindings: ChangeBatch; readonly next: number | null }>;
  targets(): Promise<Omit<LeasequeryTargets, "examples">>;
  /** Refuses what cannot be sent; otherwise the run is under way when this resolves. */
  startRun(id: string, input: LeasequeryStartInput, startedBy: string): Promise<Answer<LeasequeryRun>>;
  cancelRun(id: string): Promise<Answer<LeasequeryRun>>;
  /** A run still in memory: running, or finished lately. */
  run(id: string): Promise<LeasequeryRunDetail | null>;
  runs(): Promise<readonly LeasequeryRun[]>;
  relayStatistics(family: Family, instance: InstanceSelector): Promise<RelayStatistics>;
  relayLeasequeryStatistics(family: Family, instance: InstanceSelector): Promise<RelayLeasequeryStatistics>;
  clearStatistics(family: Family, instance: InstanceSelector, what: "leasequery" | undefined): Promise<void>;
  relayBulkConnections(family: Family, instance: InstanceSelector): Promise<RelayBulkConnections>;
  relayBindingStates(family: Family, instance: InstanceSelector): Promise<RelayBindingStates>;
  /** Counters of bulk connections and streams; with a server, only of the stream to it. */
  clearRecoveryStatistics(family: Family, instance: InstanceSelector, server: string | undefined): Promise<void>;
  /** Bulk runs and streams that begin by themselves begin, after the first configuration. Once. */
  beginRecovery(baseTimes: readonly StoredBaseTime[]): Promise<void>;
  /** Refuses what cannot be asked; otherwise the run is under way, or waits for its turn, when this resolves. */
  startBulkRun(
    id: string,
    input: BulkStartInput,
    startedBy: string,
    cause: "operator" | "repetition",
  ): Promise<Answer<RunningBulkRun>>;
  commandBulkRun(kind: "cancel" | "pause" | "resume" | "retry", id: string): Promise<Answer<RunningBulkRun>>;
  /** A run still in memory. */
  bulkRun(id: string): Promise<RunningBulkRun | null>;
  bulkRuns(): Promise<readonly RunningBulkRun[]>;
  bulkGroups(id: string): Promise<readonly RecoveryGroup[] | null>;
  streams(): Promise<readonly StreamView[]>;
  restartStreams(input: StreamRestartInput): Promise<Answer<{ readonly restarted: number }>>;
  /** One answer for each line that is not empty, from the tables. */
  lookUp(input: LookupRunInput): Promise<readonly LookupAnswer[]>;
  /** Relays that pass messages on, with what they hold. */
  relaysForwarding(): Promise<
    readonly { readonly instance: InstanceName; readonly bindings: Readonly<Record<Family, number>> }[]
  >;
  /** The relay of the instance loses all it knows, and asks for it again. Answers what was lost. */
  forgetRelay(instance: InstanceName, startedBy: string): Promise<Answer<Readonly<Record<Family, number>>>>;
  /** Address pools of the local servers, filled or not. */
  serverPools(input: ServedInput): Promise<EnginePools>;
  /** Connections for bulk and active leasequery that requestors opened. */
  servedConnections(input: ServedInput): Promise<readonly EngineConnection[]>;
  closeConnection(id: string, by: string): Promise<Answer<EngineConnection>>;
  serverStatistics(family: Family, instance: InstanceSelector): Promise<ServerStatistics>;
  serverBulkConnections(family: Family, instance: InstanceSelector): Promise<ServerBulkConnections>;
  serverActive(family: Family, instance: InstanceSelector): Promise<ServerActive>;
  clearServerStatistics(input: ClearServerStatisticsInput): Promise<void>;
  /** Requestors of individual leasequery, as the storm guard sees them. */
  guardRequestors(input: ServedInput): Promise<GuardView>;
  quarantineRequestor(input: GuardQuarantineInput, by: string): Promise<Answer<{ readonly changed: number }>>;
  releaseRequestor(input: GuardReleaseInput, by: string): Promise<Answer<{ readonly changed: number }>>;
  /** For /metrics: every counter with its labels. */
  metrics(): Promise<
    readonly { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
  >;
  /** Cancels runs, flushes changes to the persistence thread, closes sockets. */
  stop(): Promise<void>;
}

/** What the engine thread tells the main thread unasked. */
export type EngineEvent =
  | { readonly kind: "bindings"; readonly batch: BindingsChanged }
  | { readonly kind: "bindings-overflow"; readonly family: Family; readonly toSequence: number }
  | { readonly kind: "durable"; readonly family: Family; readonly sequence: number }
  | { readonly kind: "run"; readonly run: LeasequeryRun }
  | { readonly kind: "bulk-run"; readonly run: RunningBulkRun }
  | { readonly kind: "bulk-run-finished"; readonly finished: FinishedBulkRun }
  | { readonly kind: "stream"; readonly stream: StreamView }
  | { readonly kind: "stream-events"; readonly events: readonly StreamEventTold[] }
  /** To be stored: all that was told before these times is. */
  | { readonly kind: "base-times"; readonly baseTimes: readonly StoredBaseTime[] }
  /** The table is filled from the database and the engines may start. */
  | { readonly kind: "restored"; readonly bindings: number; readonly tookMs: number }
  /** The database refuses writes (true) or takes them again (false). */
  | { readonly kind: "storage-refusing"; readonly refusing: boolean; readonly reason: string };

/** Start data of the engine worker. The port to the main thread is the worker's parentPort. */
export interface EngineWorkerData {
  readonly node: string;
  /** The node's secret: what the engines derive from it stays the same over restarts. */
  readonly secret: string;
  /** Port to the persistence thread. */
  readonly persistencePort: import("node:worker_threads").MessagePort;
}
