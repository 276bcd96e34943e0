"use client";

import type { ConfigurationCommit } from "@leasewire/api";
import { Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { formatTimeMs } from "#lib/format.ts";
import { useTRPCClient } from "#lib/trpc.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import classes from "./configuration.module.css";
import { DiffView } from "./diff-view.tsx";

/** How the text differs from the active configuration or an earlier one. */
export function CompareTab(props: {
  readonly text: string;
  readonly rollback: number;
  readonly history: readonly ConfigurationCommit[];
  readonly onRollback: (number: number) => void;
}) {
  const { rollback, history } = props;
  const compared = useCompare(props.text, rollback);
  const choices = history.map((commit) => ({
    value: String(commit.number),
    label: commit.number === 0 ? "The active configuration" : `Rollback ${commit.number}, ${formatTimeMs(commit.atMs)}`,
  }));
  return (
    <div className={classes.stack}>
      <Select
        label="Compare the text with"
        data={choices.length === 0 ? [{ value: "0", label: "The active configuration" }] : choices}
        value={String(rollback)}
        onChange={(value) => props.onRollback(Number(value ?? 0))}
        allowDeselect={false}
      />
      {compared.isPending && <Loading label="Comparing" />}
      {compared.isError && <ErrorNotice error={compared.error} title="This text cannot be compared" />}
      {compared.data !== undefined && (
        <>
          {compared.data.diff !== "" && (
            <Text size="xs" c="dimmed">
              {compared.data.added.length} statements more, {compared.data.removed.length} less
            </Text>
          )}
          <DiffView diff={compared.data.diff} label="Difference" />
        </>
      )}
    </div>
  );
}

/** `compare` is a mutation of the API since it may carry a large text; here it only reads, so it is kept like a query. */
export function useCompare(text: string, rollback: number) {
  const client = useTRPCClient();
  return useQuery({
    queryKey: ["configuration-compare", rollback, text],
    queryFn: ({ signal }) => client.configuration.compare.mutate({ text, rollback }, { signal }),
    gcTime: 30_000,
  });
}
