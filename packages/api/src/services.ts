import type { z } from "zod";
import type {
  BindingClearInput,
  BindingDetail,
  BindingListInput,
  BindingPage,
  BindingSummary,
  BindingSummaryInput,
} from "./bindings.ts";
import type { Principal, Refusal } from "./common.ts";
import type {
  CandidateView,
  CheckResult,
  CommitResult,
  CompareResult,
  ConfigurationCommit,
  ConfigurationView,
  configurationCommitInput,
  configurationCompareInput,
  configurationLoadInput,
} from "./configuration.ts";
import type { ServedConnection, ServerActive } from "./connections.ts";
import type { GuardQuarantineInput, GuardReleaseInput, GuardView } from "./guard.ts";
import type { ImportJob, ImportJobDetail, importListInput } from "./imports.ts";
import type { LabRestart, LabView } from "./lab.ts";
import type {
  LeasequeryRun,
  LeasequeryRunDetail,
  LeasequeryStartInput,
  LeasequeryTargets,
  leasequeryListInput,
} from "./leasequery.ts";
import type { LookupAnswers, LookupAskInput, LookupRunInput } from "./lookups.ts";
import type { PoolHistory, PoolHistoryInput, PoolsView, ServedInput } from "./pools.ts";
import type { ReconfigureInput, ReconfigureOutcome } from "./reconfigure.ts";
import type {
  BulkRun,
  BulkStartInput,
  bulkListInput,
  QueryTemplate,
  RecoveryComparison,
  RecoveryGroups,
  recoveryCompareInput,
  TemplateSaveInput,
} from "./recovery.ts";
import type {
  ClearRelayStatisticsInput,
  ClearServerStatisticsInput,
  RelayActive,
  RelayBindingStates,
  RelayBulkConnections,
  RelayLeasequeryStatistics,
  RelayStatistics,
  ServerBulkConnections,
  ServerStatistics,
  statisticsInput,
} from "./statistics.ts";
import type { StreamHistory, StreamListInput, StreamRestartInput, StreamView, streamHistoryInput } from "./streams.ts";
import type {
  AuditEntry,
  auditListInput,
  SystemInfo,
  setupInput,
  TokenView,
  tokenCreateInput,
  UserView,
  userCreateInput,
  userUpdateInput,
} from "./users.ts";

/** What a person asked for, or why it is refused. Refusals are values; an exception means a fault of ours. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/**
 * Everything the routers can ask of the program. The backend implements it; the routers only check input and roles.
 * Each command that changes something takes the principal first and writes its audit entry itself.
 */
export interface Services {
  readonly bindings: {
    list(input: BindingListInput): Promise<Answer<BindingPage>>;
    detail(id: string): Promise<Answer<BindingDetail>>;
    summary(input: BindingSummaryInput): Promise<Answer<BindingSummary>>;
    clear(who: Principal, input: BindingClearInput): Promise<Answer<{ cleared: number }>>;
    reconfigure(who: Principal, input: ReconfigureInput): Promise<Answer<ReconfigureOutcome>>;
  };
  readonly leasequery: {
    targets(): Promise<Answer<LeasequeryTargets>>;
    start(who: Principal, input: LeasequeryStartInput): Promise<Answer<{ id: string }>>;
    cancel(who: Principal, id: string): Promise<Answer<LeasequeryRun>>;
    run(id: string): Promise<Answer<LeasequeryRunDetail>>;
    list(input: z.output<typeof leasequeryListInput>): Promise<Answer<readonly LeasequeryRun[]>>;
  };
  /** Bulk queries of the relays: what a relay that lost its bindings gets back, and what it does not. */
  readonly recovery: {
    start(who: Principal, input: BulkStartInput): Promise<Answer<{ id: string }>>;
    /** Newest first. */
    list(input: z.output<typeof bulkListInput>): Promise<Answer<readonly BulkRun[]>>;
    get(id: string): Promise<Answer<BulkRun>>;
    cancel(who: Principal, id: string): Promise<Answer<BulkRun>>;
    /** Connections stay open, nothing is read from them. */
    pause(who: Principal, id: string): Promise<Answer<BulkRun>>;
    resume(who: Principal, id: string): Promise<Answer<BulkRun>>;
    /** Only the servers that failed, in the same run. */
    retry(who: Principal, id: string): Promise<Answer<BulkRun>>;
    groups(id: string): Promise<Answer<RecoveryGroups>>;
    compare(input: z.output<typeof recoveryCompareInput>): Promise<Answer<RecoveryComparison>>;
  };
  /** Connections of the relays for active leasequery. */
  readonly streams: {
    list(input: StreamListInput): Promise<Answer<readonly StreamView[]>>;
    restart(who: Principal, input: StreamRestartInput): Promise<Answer<{ restarted: number }>>;
    history(input: z.output<typeof streamHistoryInput>): Promise<Answer<StreamHistory>>;
  };
  /** Bulk queries kept under a name. */
  readonly templates: {
    /** By name. */
    list(): Promise<Answer<readonly QueryTemplate[]>>;
    save(who: Principal, input: TemplateSaveInput): Promise<Answer<QueryTemplate>>;
    remove(who: Principal, id: string): Promise<Answer<{ removed: true }>>;
    /** Starts its query now. */
    run(who: Principal, id: string): Promise<Answer<{ id: string }>>;
  };
  /** Many keys, one answer a line. */
  readonly lookups: {
    run(input: LookupRunInput): Promise<Answer<LookupAnswers>>;
    ask(who: Principal, input: LookupAskInput): Promise<Answer<LookupAnswers>>;
  };
  /** The built-in lab. */
  readonly lab: {
    view(): Promise<Answer<LabView>>;
    /** A relay of the lab loses all it knows and starts anew. */
    restartRelay(who: Principal, name: string): Promise<Answer<LabRestart>>;
  };
  readonly statistics: {
    relay(input: z.output<typeof statisticsInput>): Promise<Answer<RelayStatistics>>;
    relayLeasequery(input: z.output<typeof statisticsInput>): Promise<Answer<RelayLeasequeryStatistics>>;
    relayBulkConnections(input: z.output<typeof statisticsInput>): Promise<Answer<RelayBulkConnections>>;
    relayActive(input: z.output<typeof statisticsInput>): Promise<Answer<RelayActive>>;
    relayBindingStates(input: z.output<typeof statisticsInput>): Promise<Answer<RelayBindingStates>>;
    clear(who: Principal, input: ClearRelayStatisticsInput): Promise<Answer<{ cleared: true }>>;
    server(input: z.output<typeof statisticsInput>): Promise<Answer<ServerStatistics>>;
    serverBulkConnections(input: z.output<typeof statisticsInput>): Promise<Answer<ServerBulkConnections>>;
    serverActive(input: z.output<typeof statisticsInput>): Promise<Answer<ServerActive>>;
    clearServer(who: Principal, input: ClearServerStatisticsInput): Promise<Answer<{ cleared: true }>>;
  };
  /** What the local servers of this node give out. */
  readonly pools: {
    list(input: ServedInput): Promise<Answer<PoolsView>>;
    history(input: PoolHistoryInput): Promise<Answer<PoolHistory>>;
  };
  /** Connections for bulk and active leasequery that requestors opened. */
  readonly connections: {
    list(input: ServedInput): Promise<Answer<readonly ServedConnection[]>>;
    close(who: Principal, id: string): Promise<Answer<{ closed: true }>>;
  };
  /** The storm guard: who asks how much, and who is not answered. */
  readonly guard: {
    list(input: ServedInput): Promise<Answer<GuardView>>;
    quarantine(who: Principal, input: GuardQuarantineInput): Promise<Answer<{ changed: number }>>;
    release(who: Principal, input: GuardReleaseInput): Promise<Answer<{ changed: number }>>;
  };
  /** Imports of bindings. Their files come by HTTP, not through a router. */
  readonly imports: {
    list(input: z.output<typeof importListInput>): Promise<Answer<readonly ImportJob[]>>;
    get(id: string): Promise<Answer<ImportJobDetail>>;
    cancel(who: Principal, id: string): Promise<Answer<ImportJob>>;
  };
  readonly configuration: {
    active(): Promise<Answer<ConfigurationView>>;
    candidate(): Promise<Answer<CandidateView>>;
    load(who: Principal, input: z.output<typeof configurationLoadInput>): Promise<Answer<LoadOutcome>>;
    check(text: string | undefined): Promise<Answer<CheckResult>>;
    compare(input: z.output<typeof configurationCompareInput>): Promise<Answer<CompareResult>>;
    commit(who: Principal, input: z.output<typeof configurationCommitInput>): Promise<Answer<CommitResult>>;
    rollback(who: Principal, number: number): Promise<Answer<CandidateView>>;
    discard(who: Principal): Promise<Answer<CandidateView>>;
    history(): Promise<Answer<readonly ConfigurationCommit[]>>;
    historyText(number: number): Promise<Answer<{ text: string; commit: ConfigurationCommit }>>;
  };
  readonly users: {
    list(): Promise<Answer<readonly UserView[]>>;
    create(who: Principal, input: z.output<typeof userCreateInput>): Promise<Answer<UserView>>;
    update(who: Principal, input: z.output<typeof userUpdateInput>): Promise<Answer<UserView>>;
    tokens(who: Principal): Promise<Answer<readonly TokenView[]>>;
    createToken(
      who: Principal,
      input: z.output<typeof tokenCreateInput>,
    ): Promise<Answer<{ token: TokenView; secret: string }>>;
    revokeToken(who: Principal, id: string): Promise<Answer<{ revoked: true }>>;
  };
  readonly setup: {
    /** True while there is no administrator yet. */
    needed(): Promise<boolean>;
    complete(input: z.output<typeof setupInput>): Promise<Answer<{ email: string }>>;
  };
  readonly audit: {
    list(input: z.output<typeof auditListInput>): Promise<Answer<readonly AuditEntry[]>>;
    /** Called by the routers when a role is missing. */
    refused(who: Principal | null, action: string, reason: string): void;
  };
  readonly system: { info(): Promise<SystemInfo> };
}

type LoadOutcome = CheckResult & { readonly candidate: CandidateView };
