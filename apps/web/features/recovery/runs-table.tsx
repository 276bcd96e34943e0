"use client";

import type { BulkRun } from "@leasewire/api";
import { Button, Chip, Table, Text } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import { useState } from "react";
import { formatCount, formatMilliseconds, formatSpan, nothing } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { Ago } from "#ui/time.tsx";
import { runProgress } from "./progress.ts";
import { RecoveryProgress } from "./progress-bar.tsx";
import classes from "./recovery.module.css";
import { causes, keyWords, type RunFilter, runStates } from "./recovery-words.ts";
import { runsMax, runsPageSize, useBulkRuns } from "./use-bulk-runs.ts";

const filterLabels: Readonly<Record<RunFilter, string>> = {
  open: "Under way",
  complete: "Complete",
  failed: "Not complete",
};

/** Every bulk query with what came of it. */
export function RunsTable(props: {
  readonly filters: readonly RunFilter[];
  readonly onFilters: (filters: RunFilter[]) => void;
  readonly onOpen: (id: string) => void;
  readonly onNew: () => void;
}) {
  const [limit, setLimit] = useState(runsPageSize);
  const runs = useBulkRuns(limit, props.filters);
  const rows = runs.data ?? [];
  const narrowed = props.filters.length > 0;
  return (
    <Panel
      title="Bulk queries"
      labelledBy="bulk-runs"
      flush
      actions={
        <Chip.Group multiple value={[...props.filters]} onChange={(value) => props.onFilters(value as RunFilter[])}>
          <fieldset className={classes.chips} aria-label="Show only">
            {Object.entries(filterLabels).map(([value, label]) => (
              <Chip key={value} value={value} size="xs">
                {label}
              </Chip>
            ))}
          </fieldset>
        </Chip.Group>
      }
    >
      {runs.isError && <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.isPending && <Loading label="Reading the runs" />}
      {runs.data !== undefined && rows.length === 0 && (
        <EmptyState
          icon={<IconRestore size={28} stroke={1.4} />}
          title={narrowed ? "No run is like that" : "Nothing was asked for in bulk yet"}
          action={
            narrowed ? (
              <Button variant="default" onClick={() => props.onFilters([])}>
                Show all runs
              </Button>
            ) : (
              <Button onClick={props.onNew}>New bulk query</Button>
            )
          }
        >
          {narrowed
            ? "Take a filter away, or show all runs."
            : "A bulk query gets every binding behind a relay, on a circuit or of a client in one transfer. Relays start them by themselves too: after a start without bindings, and when a stream missed something."}
        </EmptyState>
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={940}>
          <Table aria-labelledby="bulk-runs" data-testid="bulk-runs" className={classes.table} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Query</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th className={classes.wide}>Progress</Table.Th>
                <Table.Th className="num">New</Table.Th>
                <Table.Th className="num">Servers</Table.Th>
                <Table.Th>Started</Table.Th>
                <Table.Th className="num">Took</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((run) => (
                <Row key={run.id} run={run} onOpen={() => props.onOpen(run.id)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {rows.length === limit && limit < runsMax && (
        <div className={classes.more}>
          <Button variant="subtle" onClick={() => setLimit(runsMax)}>
            Show older runs
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Row({ run, onOpen }: { readonly run: BulkRun; readonly onOpen: () => void }) {
  const state = runStates[run.state];
  const through = run.servers.filter((server) => server.state === "complete").length;
  return (
    <Table.Tr data-run={run.id} data-run-state={run.state}>
      <Table.Td className={classes.query}>
        <button type="button" className={classes.link} onClick={onOpen}>
          DHCPv{run.family} by {keyWords(run)}
        </button>
        <Text size="xs" c="dimmed">
          {run.incremental && "incremental, "}
          {causes[run.cause]}, {run.startedBy}
        </Text>
      </Table.Td>
      <Table.Td>
        <Mark tone={state.tone} meaning={state.meaning} state={run.state}>
          {state.label}
        </Mark>
      </Table.Td>
      <Table.Td>
        <RecoveryProgress
          progress={runProgress(run)}
          label={`Progress of ${keyWords(run)}`}
          moving={run.state === "running"}
        />
      </Table.Td>
      <Table.Td className="num">{formatCount(run.applied)}</Table.Td>
      <Table.Td className="num">
        {through} of {run.servers.length}
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Ago seconds={run.startedAtMs / 1000} />
      </Table.Td>
      <Table.Td className={`num ${classes.whole}`}>
        <Took run={run} />
      </Table.Td>
    </Table.Tr>
  );
}

/** How long a run took, or takes so far. */
export function Took({ run }: { readonly run: Pick<BulkRun, "startedAtMs" | "finishedAtMs"> }) {
  const now = useNowSeconds();
  if (run.startedAtMs === 0) return nothing;
  const seconds = (run.finishedAtMs ?? now * 1000) / 1000 - run.startedAtMs / 1000;
  return run.finishedAtMs !== null && seconds < 10
    ? formatMilliseconds(Math.max(0, seconds * 1000))
    : formatSpan(seconds);
}
