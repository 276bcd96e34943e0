"use client";

import type { LeasequeryRun, LeasequeryRunDetail } from "@leasewire/api";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLiveEvent, useLiveStatus, useWatch } from "#lib/live.tsx";
import { useTRPC } from "#lib/trpc.tsx";

/** How often a running query is asked for: with live changes only as a safety net, without them as the only news. */
const refetchPeriodLiveMs = 5_000;
const refetchPeriodDeafMs = 1_000;

export const runsPageSize = 50;
export const runsMax = 200;

/** One run with its messages, kept current. */
export function useRun(id: string | null) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const live = useLiveStatus().phase === "live";
  const options = trpc.leasequery.run.queryOptions({ id: id ?? "" });
  const query = useQuery({
    ...options,
    enabled: id !== null,
    refetchInterval: ({ state }) => {
      if (state.data === undefined || isSettled(state.data)) return false;
      return live ? refetchPeriodLiveMs : refetchPeriodDeafMs;
    },
  });
  useLiveEvent("run", (run) => {
    if (run.id !== id) return;
    queryClient.setQueryData<LeasequeryRunDetail>(
      options.queryKey,
      (known) => known && { ...run, exchanges: known.exchanges },
    );
    // The event carries no messages.
    void queryClient.invalidateQueries({ queryKey: options.queryKey });
  });
  useWatch("runs", () => void queryClient.invalidateQueries({ queryKey: options.queryKey }));
  return query;
}

/** Nothing about it will change any more. */
export function isSettled(run: LeasequeryRun): boolean {
  return run.finishedAtMs !== null && (run.stored || run.bindingIds.length === 0);
}

/** The latest runs, newest first, kept current. */
export function useRecentRuns(limit: number) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = trpc.leasequery.list.queryOptions({ limit }, { placeholderData: keepPreviousData });
  const live = useLiveStatus().phase === "live";
  const query = useQuery({ ...options, refetchInterval: live ? false : refetchPeriodLiveMs });
  const refetch = () => void queryClient.invalidateQueries({ queryKey: options.queryKey });
  useWatch("runs", refetch);
  useLiveEvent("run", (run) => {
    const known = queryClient.getQueryData<readonly LeasequeryRun[]>(options.queryKey);
    queryClient.setQueryData<readonly LeasequeryRun[]>(options.queryKey, known && withRun(known, run, limit));
  });
  return query;
}

/** Exported for its test. */
export function withRun(runs: readonly LeasequeryRun[], run: LeasequeryRun, limit: number): readonly LeasequeryRun[] {
  return runs.some((known) => known.id === run.id)
    ? runs.map((known) => (known.id === run.id ? run : known))
    : [run, ...runs].slice(0, limit);
}
