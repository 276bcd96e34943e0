"use client";

import type { CandidateView } from "@leasewire/api";
import type { Finding } from "@leasewire/config";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC, useTRPCClient } from "#lib/trpc.tsx";
import { say } from "#ui/toast.tsx";

const checkDelayMs = 400;

/** Candidate, active configuration and history, kept current; what other people do to them is announced. */
export function useConfiguration() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const principal = usePrincipal();
  const candidate = useQuery(trpc.configuration.candidate.queryOptions({}));
  const active = useQuery(trpc.configuration.active.queryOptions({}));
  const history = useQuery(trpc.configuration.history.queryOptions());
  const refetch = () => void queryClient.invalidateQueries({ queryKey: trpc.configuration.pathKey() });
  useWatch("configuration", refetch);
  useLiveEvent("configuration", (event) => {
    refetch();
    if (event.by === principal.email) return;
    say(event.kind === "commit" ? `Committed by ${event.by}.` : `${event.by} changed the candidate.`);
  });
  return {
    candidate,
    active,
    history,
    /** Takes over what a command answered, before anything is fetched. */
    setCandidate: (view: CandidateView) =>
      queryClient.setQueryData(trpc.configuration.candidate.queryOptions({}).queryKey, view),
    refetch,
  };
}

export interface Checked {
  /** null until the first answer. */
  readonly findings: readonly Finding[] | null;
  /** True while the findings are of an older text. */
  readonly stale: boolean;
  readonly error: unknown;
  checkNow(): void;
}

/** Checks the text a moment after it stopped changing. */
export function useCheck(text: string | null): Checked {
  const client = useTRPCClient();
  const [settled] = useDebouncedValue(text, checkDelayMs);
  const check = useQuery({
    queryKey: ["configuration-check", settled],
    queryFn: ({ signal }) => client.configuration.check.mutate({ text: settled ?? "" }, { signal }),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  });
  return {
    findings: check.data?.findings ?? null,
    stale: settled !== text || check.isPlaceholderData || check.isFetching,
    error: check.error,
    checkNow: () => void check.refetch(),
  };
}

/** The browser asks before a reload or closing the tab loses text. */
export function useUnsavedWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
}
