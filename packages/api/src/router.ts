import { z } from "zod";
import { bindingClearInput, bindingDetailInput, bindingListInput, bindingSummaryInput } from "./bindings.ts";
import {
  configurationCommitInput,
  configurationCompareInput,
  configurationLoadInput,
  configurationRollbackInput,
  configurationTextInput,
} from "./configuration.ts";
import { connectionId } from "./connections.ts";
import { guardQuarantineInput, guardReleaseInput } from "./guard.ts";
import { importId, importListInput } from "./imports.ts";
import { labRelayInput } from "./lab.ts";
import { leasequeryListInput, leasequeryStartInput } from "./leasequery.ts";
import { lookupAskInput, lookupRunInput } from "./lookups.ts";
import { poolHistoryInput, servedInput } from "./pools.ts";
import { reconfigureInput } from "./reconfigure.ts";
import {
  bulkListInput,
  bulkRunId,
  bulkStartInput,
  recoveryCompareInput,
  templateId,
  templateSaveInput,
} from "./recovery.ts";
import { clearServerStatisticsInput, clearStatisticsInput, statisticsInput } from "./statistics.ts";
import { streamHistoryInput, streamListInput, streamRestartInput } from "./streams.ts";
import { administratorProcedure, answer, operatorProcedure, publicProcedure, router, viewerProcedure } from "./trpc.ts";
import { auditListInput, setupInput, tokenCreateInput, userCreateInput, userUpdateInput } from "./users.ts";

const runId = z.object({ id: z.string().max(64) });
const empty = z.object({}).optional();

/**
 * Viewers read everything about leases; operators run queries, keep templates, import and clear bindings, reconfigure
 * clients, close and restart connections and quarantine requestors; administrators change the rest.
 */
export const appRouter = router({
  session: router({
    me: publicProcedure.query(({ ctx }) => ctx.principal),
  }),
  setup: router({
    needed: publicProcedure.query(({ ctx }) => ctx.services.setup.needed()),
    complete: publicProcedure
      .input(setupInput)
      .mutation(({ ctx, input }) => answer(ctx.services.setup.complete(input))),
  }),
  system: router({
    info: viewerProcedure.query(({ ctx }) => ctx.services.system.info()),
  }),
  bindings: router({
    list: viewerProcedure.input(bindingListInput).query(({ ctx, input }) => answer(ctx.services.bindings.list(input))),
    detail: viewerProcedure
      .input(bindingDetailInput)
      .query(({ ctx, input }) => answer(ctx.services.bindings.detail(input.id))),
    summary: viewerProcedure
      .input(bindingSummaryInput)
      .query(({ ctx, input }) => answer(ctx.services.bindings.summary(input))),
    clear: operatorProcedure
      .input(bindingClearInput)
      .mutation(({ ctx, input }) => answer(ctx.services.bindings.clear(ctx.principal, input))),
    reconfigure: operatorProcedure
      .input(reconfigureInput)
      .mutation(({ ctx, input }) => answer(ctx.services.bindings.reconfigure(ctx.principal, input))),
  }),
  leasequery: router({
    targets: viewerProcedure.query(({ ctx }) => answer(ctx.services.leasequery.targets())),
    start: operatorProcedure
      .input(leasequeryStartInput)
      .mutation(({ ctx, input }) => answer(ctx.services.leasequery.start(ctx.principal, input))),
    cancel: operatorProcedure
      .input(runId)
      .mutation(({ ctx, input }) => answer(ctx.services.leasequery.cancel(ctx.principal, input.id))),
    run: viewerProcedure.input(runId).query(({ ctx, input }) => answer(ctx.services.leasequery.run(input.id))),
    list: viewerProcedure
      .input(leasequeryListInput)
      .query(({ ctx, input }) => answer(ctx.services.leasequery.list(input))),
  }),
  recovery: router({
    start: operatorProcedure
      .input(bulkStartInput)
      .mutation(({ ctx, input }) => answer(ctx.services.recovery.start(ctx.principal, input))),
    list: viewerProcedure.input(bulkListInput).query(({ ctx, input }) => answer(ctx.services.recovery.list(input))),
    get: viewerProcedure.input(bulkRunId).query(({ ctx, input }) => answer(ctx.services.recovery.get(input.id))),
    cancel: operatorProcedure
      .input(bulkRunId)
      .mutation(({ ctx, input }) => answer(ctx.services.recovery.cancel(ctx.principal, input.id))),
    pause: operatorProcedure
      .input(bulkRunId)
      .mutation(({ ctx, input }) => answer(ctx.services.recovery.pause(ctx.principal, input.id))),
    resume: operatorProcedure
      .input(bulkRunId)
      .mutation(({ ctx, input }) => answer(ctx.services.recovery.resume(ctx.principal, input.id))),
    retry: operatorProcedure
      .input(bulkRunId)
      .mutation(({ ctx, input }) => answer(ctx.services.recovery.retry(ctx.principal, input.id))),
    groups: viewerProcedure.input(bulkRunId).query(({ ctx, input }) => answer(ctx.services.recovery.groups(input.id))),
    compare: viewerProcedure
      .input(recoveryCompareInput)
      .query(({ ctx, input }) => answer(ctx.services.recovery.compare(input))),
  }),
  streams: router({
    list: viewerProcedure.input(streamListInput).query(({ ctx, input }) => answer(ctx.services.streams.list(input))),
    restart: operatorProcedure
      .input(streamRestartInput)
      .mutation(({ ctx, input }) => answer(ctx.services.streams.restart(ctx.principal, input))),
    history: viewerProcedure
      .input(streamHistoryInput)
      .query(({ ctx, input }) => answer(ctx.services.streams.history(input))),
  }),
  templates: router({
    list: viewerProcedure.query(({ ctx }) => answer(ctx.services.templates.list())),
    save: operatorProcedure
      .input(templateSaveInput)
      .mutation(({ ctx, input }) => answer(ctx.services.templates.save(ctx.principal, input))),
    remove: operatorProcedure
      .input(templateId)
      .mutation(({ ctx, input }) => answer(ctx.services.templates.remove(ctx.principal, input.id))),
    run: operatorProcedure
      .input(templateId)
      .mutation(({ ctx, input }) => answer(ctx.services.templates.run(ctx.principal, input.id))),
  }),
  /** Mutations only because ten thousand lines do not fit in an address. */
  lookups: router({
    run: viewerProcedure.input(lookupRunInput).mutation(({ ctx, input }) => answer(ctx.services.lookups.run(input))),
    ask: operatorProcedure
      .input(lookupAskInput)
      .mutation(({ ctx, input }) => answer(ctx.services.lookups.ask(ctx.principal, input))),
  }),
  lab: router({
    view: viewerProcedure.query(({ ctx }) => answer(ctx.services.lab.view())),
    restartRelay: administratorProcedure
      .input(labRelayInput)
      .mutation(({ ctx, input }) => answer(ctx.services.lab.restartRelay(ctx.principal, input.name))),
  }),
  statistics: router({
    relay: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relay(input))),
    relayLeasequery: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relayLeasequery(input))),
    relayBulkConnections: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relayBulkConnections(input))),
    relayActive: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relayActive(input))),
    relayBindingStates: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relayBindingStates(input))),
    clear: operatorProcedure
      .input(clearStatisticsInput)
      .mutation(({ ctx, input }) => answer(ctx.services.statistics.clear(ctx.principal, input))),
    server: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.server(input))),
    serverBulkConnections: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.serverBulkConnections(input))),
    serverActive: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.serverActive(input))),
    clearServer: operatorProcedure
      .input(clearServerStatisticsInput)
      .mutation(({ ctx, input }) => answer(ctx.services.statistics.clearServer(ctx.principal, input))),
  }),
  pools: router({
    list: viewerProcedure.input(servedInput).query(({ ctx, input }) => answer(ctx.services.pools.list(input))),
    history: viewerProcedure
      .input(poolHistoryInput)
      .query(({ ctx, input }) => answer(ctx.services.pools.history(input))),
  }),
  connections: router({
    list: viewerProcedure.input(servedInput).query(({ ctx, input }) => answer(ctx.services.connections.list(input))),
    close: operatorProcedure
      .input(connectionId)
      .mutation(({ ctx, input }) => answer(ctx.services.connections.close(ctx.principal, input.id))),
  }),
  guard: router({
    list: viewerProcedure.input(servedInput).query(({ ctx, input }) => answer(ctx.services.guard.list(input))),
    quarantine: operatorProcedure
      .input(guardQuarantineInput)
      .mutation(({ ctx, input }) => answer(ctx.services.guard.quarantine(ctx.principal, input))),
    release: operatorProcedure
      .input(guardReleaseInput)
      .mutation(({ ctx, input }) => answer(ctx.services.guard.release(ctx.principal, input))),
  }),
  imports: router({
    list: viewerProcedure.input(importListInput).query(({ ctx, input }) => answer(ctx.services.imports.list(input))),
    get: viewerProcedure.input(importId).query(({ ctx, input }) => answer(ctx.services.imports.get(input.id))),
    cancel: operatorProcedure
      .input(importId)
      .mutation(({ ctx, input }) => answer(ctx.services.imports.cancel(ctx.principal, input.id))),
  }),
  configuration: router({
    active: viewerProcedure.input(empty).query(({ ctx }) => answer(ctx.services.configuration.active())),
    candidate: viewerProcedure.input(empty).query(({ ctx }) => answer(ctx.services.configuration.candidate())),
    check: viewerProcedure
      .input(configurationTextInput)
      .mutation(({ ctx, input }) => answer(ctx.services.configuration.check(input.text))),
    compare: viewerProcedure
      .input(configurationCompareInput)
      .mutation(({ ctx, input }) => answer(ctx.services.configuration.compare(input))),
    load: administratorProcedure
      .input(configurationLoadInput)
      .mutation(({ ctx, input }) => answer(ctx.services.configuration.load(ctx.principal, input))),
    commit: administratorProcedure
      .input(configurationCommitInput)
      .mutation(({ ctx, input }) => answer(ctx.services.configuration.commit(ctx.principal, input))),
    rollback: administratorProcedure
      .input(configurationRollbackInput)
      .mutation(({ ctx, input }) => answer(ctx.services.configuration.rollback(ctx.principal, input.number))),
    discard: administratorProcedure.mutation(({ ctx }) => answer(ctx.services.configuration.discard(ctx.principal))),
    history: viewerProcedure.query(({ ctx }) => answer(ctx.services.configuration.history())),
    historyText: viewerProcedure
      .input(configurationRollbackInput)
      .query(({ ctx, input }) => answer(ctx.services.configuration.historyText(input.number))),
  }),
  users: router({
    list: administratorProcedure.query(({ ctx }) => answer(ctx.services.users.list())),
    create: administratorProcedure
      .input(userCreateInput)
      .mutation(({ ctx, input }) => answer(ctx.services.users.create(ctx.principal, input))),
    update: administratorProcedure
      .input(userUpdateInput)
      .mutation(({ ctx, input }) => answer(ctx.services.users.update(ctx.principal, input))),
    tokens: viewerProcedure.query(({ ctx }) => answer(ctx.services.users.tokens(ctx.principal))),
    createToken: viewerProcedure
      .input(tokenCreateInput)
      .mutation(({ ctx, input }) => answer(ctx.services.users.createToken(ctx.principal, input))),
    revokeToken: viewerProcedure
      .input(runId)
      .mutation(({ ctx, input }) => answer(ctx.services.users.revokeToken(ctx.principal, input.id))),
  }),
  audit: router({
    list: administratorProcedure
      .input(auditListInput)
      .query(({ ctx, input }) => answer(ctx.services.audit.list(input))),
  }),
});

export type AppRouter = typeof appRouter;
