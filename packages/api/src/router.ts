import { z } from "zod";
import { bindingClearInput, bindingDetailInput, bindingListInput, bindingSummaryInput } from "./bindings.ts";
import {
  configurationCommitInput,
  configurationCompareInput,
  configurationLoadInput,
  configurationRollbackInput,
  configurationTextInput,
} from "./configuration.ts";
import { leasequeryListInput, leasequeryStartInput } from "./leasequery.ts";
import { clearStatisticsInput, statisticsInput } from "./statistics.ts";
import { administratorProcedure, answer, operatorProcedure, publicProcedure, router, viewerProcedure } from "./trpc.ts";
import { auditListInput, setupInput, tokenCreateInput, userCreateInput, userUpdateInput } from "./users.ts";

const runId = z.object({ id: z.string().max(64) });
const empty = z.object({}).optional();

/** Viewers read bindings, runs, counters and the configuration; operators run queries; administrators change the rest. */
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
  statistics: router({
    relay: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relay(input))),
    relayLeasequery: viewerProcedure
      .input(statisticsInput)
      .query(({ ctx, input }) => answer(ctx.services.statistics.relayLeasequery(input))),
    clear: operatorProcedure
      .input(clearStatisticsInput)
      .mutation(({ ctx, input }) => answer(ctx.services.statistics.clear(ctx.principal, input))),
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
