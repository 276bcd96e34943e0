"use client";

import type { LeasequeryRun } from "@leasewire/api";
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { Ago } from "#ui/time.tsx";
import classes from "./leasequery.module.css";
import { RunBadge } from "./run-badge.tsx";
import { runStateWords } from "./run-state.ts";
import { runsMax, runsPageSize, useRecentRuns } from "./use-runs.ts";

/** Who asked what lately, and how it ended. */
export function RecentRuns(props: { readonly selected: string | null; readonly onSelect: (id: string) => void }) {
  const [limit, setLimit] = useState(runsPageSize);
  const runs = useRecentRuns(limit);
  return (
    <Panel title="Recent runs" labelledBy="recent-runs" flush>
      {runs.isError && <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.isPending && <Loading label="Loading runs" />}
      {runs.data?.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          Nobody has asked anything yet. Runs stay listed here, with who started them and how they ended.
        </Text>
      )}
      {runs.data !== undefined && runs.data.length > 0 && (
        <ul className={classes.runs} data-testid="recent-runs">
          {runs.data.map((run) => (
            <li key={run.id}>
              <RunRow run={run} selected={run.id === props.selected} onSelect={() => props.onSelect(run.id)} />
            </li>
          ))}
        </ul>
      )}
      {runs.data?.length === limit && limit < runsMax && (
        <div className={classes.more}>
          <Button variant="subtle" onClick={() => setLimit(runsMax)}>
            Show older runs
          </Button>
        </div>
      )}
    </Panel>
  );
}

function RunRow(props: { readonly run: LeasequeryRun; readonly selected: boolean; readonly onSelect: () => void }) {
  const { run } = props;
  return (
    <button
      type="button"
      className={classes.run}
      data-testid="recent-run"
      {...(props.selected && { "aria-current": "true" as const })}
      onClick={props.onSelect}
    >
      <span className={classes.runTop}>
        <span className={`mono ${classes.runKey}`}>{run.key}</span>
        <RunBadge words={runStateWords[run.state]} state={run.state} />
      </span>
      <span className={classes.runBottom}>
        <span>DHCPv{run.family}</span>
        <span className={classes.runWho}>{run.startedBy}</span>
        <Ago seconds={Math.floor(run.startedAtMs / 1000)} />
      </span>
    </button>
  );
}
