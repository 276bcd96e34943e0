import type {
  Answer,
  BindingClearInput,
  BindingDetail,
  BindingListInput,
  BindingPage,
  BindingSummary,
  BindingSummaryInput,
  BindingsChanged,
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
  ReconfigureInput,
  ReconfigureOutcome,
  RelayLeasequeryStatistics,
  RelayStatistics,
  ServedInput,
  ServerActive,
  ServerBulkConnections,
  ServerStatistics,
} from "@leasewire/api";
import type { Finding } from "@leasewire/config";
import type { ChangeBatch } from "@leasewire/db/change-batch";
import type { InstanceName } from "@leasewire/net";
import type { ImportCounts } from "./imports.ts";

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
