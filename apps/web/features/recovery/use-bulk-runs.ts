"use client";

import type { BulkRun, StreamView } from "@leasewire/api";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLiveEvent, useLiveStatus, useWatch } from "#lib/live.tsx";
import { useThrottled } from "#lib/throttle.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { isSettled } from "./progress.ts";
import { type RunFilter, statesOf } from "./recovery-words.ts";

/** How often something under way is asked for: with live changes only as a safety net, without them as the only news. */
const refetchPeriodLiveMs = 5_000;
const refetchPeriodDeafMs = 1_000;
/** Groups are counted again this often while a run receives. */
const groupsPeriodMs = 1_000;

export const runsPageSize = 50;
export const runsMax = 200;

/** The latest runs, newest first, kept current. */
export function useBulkRuns(limit: number, filters: readonly RunFilter[]) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const live = useLiveStatus().phase === "live";
  const states = statesOf(filters);
  const options = trpc.recovery.list.queryOptions(
    { limit, ...(states && { states: [...states] }) },
    { placeholderData: keepPreviousData },
  );
  const query = useQuery({ ...options, refetchInterval: live ? false : refetchPeriodLiveMs });
  useWatch("recovery", () => void queryClient.invalidateQueries({ queryKey: options.queryKey }));
  useLiveEvent("recovery", (run) => {
    const known = queryClient.getQueryData<readonly BulkRun[]>(options.queryKey);
    if (known === undefined) return;
    const fits = states === undefined || states.includes(run.state);
    queryClient.setQueryData<readonly BulkRun[]>(options.queryKey, withRun(known, run, fits, limit));
  });
  return query;
}

/** Exported for its test. */
export function withRun(runs: readonly BulkRun[], run: BulkRun, fits: boolean, limit: number): readonly BulkRun[] {
  if (!fits) return runs.filter(({ id }) => id !== run.id);
  return runs.some(({ id }) => id === run.id)
    ? runs.map((known) => (known.id === run.id ? run : known))
    : [run, ...runs].slice(0, limit);
}

/** One run, kept current. */
export function useBulkRun(id: string | null) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const live = useLiveStatus().phase === "live";
  const options = trpc.recovery.get.queryOptions({ id: id ?? "-" });
  const query = useQuery({
    ...options,
    enabled: id !== null,
    refetchInterval: ({ state }) => {
      if (state.data === undefined || isSettled(state.data)) return false;
      return live ? refetchPeriodLiveMs : refetchPeriodDeafMs;
    },
  });
  useWatch("recovery", () => void queryClient.invalidateQueries({ queryKey: options.queryKey }));
  useLiveEvent("recovery", (run) => {
    if (run.id === id) queryClient.setQueryData<BulkRun>(options.queryKey, run);
  });
  return query;
}

/** Expected, recovered, missing and stale for each relay and interface, counted again as the run goes on. */
export function useGroups(run: BulkRun) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = trpc.recovery.groups.queryOptions({ id: run.id }, { placeholderData: keepPreviousData });
  const again = useThrottled(() => void queryClient.invalidateQueries({ queryKey: options.queryKey }), groupsPeriodMs);
  useLiveEvent("recovery", (changed) => {
    if (changed.id === run.id) again();
  });
  return useQuery({ ...options, refetchInterval: run.finishedAtMs === null ? refetchPeriodLiveMs : false });
}

/** Standing connections of the relays, kept current. */
export function useStreams() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const live = useLiveStatus().phase === "live";
  const options = trpc.streams.list.queryOptions({});
  const query = useQuery({ ...options, refetchInterval: live ? 15_000 : refetchPeriodLiveMs });
  useWatch("streams", () => void queryClient.invalidateQueries({ queryKey: options.queryKey }));
  useLiveEvent("stream", (stream) => {
    const known = queryClient.getQueryData<readonly StreamView[]>(options.queryKey);
    queryClient.setQueryData<readonly StreamView[]>(options.queryKey, known && withStream(known, stream));
  });
  return query;
}

export function withStream(streams: readonly StreamView[], stream: StreamView): readonly StreamView[] {
  return streams.some(({ id }) => id === stream.id)
    ? streams.map((known) => (known.id === stream.id ? stream : known))
    : [...streams, stream];
}
