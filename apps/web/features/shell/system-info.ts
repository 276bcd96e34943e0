"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLiveEvent } from "#lib/live.tsx";
import { useTRPC } from "#lib/trpc.tsx";

/** How often alarms are asked for while no event announces a change. */
const refetchPeriodMs = 30_000;

/** Version, node, lab, alarms. */
export function useSystemInfo() {
  const trpc = useTRPC();
  return useQuery(trpc.system.info.queryOptions(undefined, { refetchInterval: refetchPeriodMs }));
}

/** Asks again as soon as the number of alarms changes; used once, by the header. */
export function useAlarmEvents(): void {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  useLiveEvent("alarms", () => void queryClient.invalidateQueries({ queryKey: trpc.system.info.queryKey() }));
}
