"use client";

import type { BulkRun, RecoveryComparison } from "@leasewire/api";
import { Select, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { formatCount, formatTimeMs, nothing } from "#lib/format.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import classes from "./recovery.module.css";
import { keyWords, runStates } from "./recovery-words.ts";
import { Took } from "./runs-table.tsx";
import { useBulkRuns } from "./use-bulk-runs.ts";

const offeredMax = 50;

/** This run beside another one. */
export function CompareRuns(props: {
  readonly run: BulkRun;
  readonly against: string | null;
  readonly onAgainst: (id: string | null) => void;
}) {
  const { run, against } = props;
  const trpc = useTRPC();
  const runs = useBulkRuns(offeredMax, []);
  const comparable = against !== null && against !== run.id;
  const comparison = useQuery(
    trpc.recovery.compare.queryOptions({ first: against ?? "-", second: run.id }, { enabled: comparable }),
  );
  const others = (runs.data ?? []).filter(({ id, family }) => id !== run.id && family === run.family);
  const data = others.map((other) => ({
    value: other.id,
    label: `${formatTimeMs(other.startedAtMs)}  ${keyWords(other)}  ${runStates[other.state].label.toLowerCase()}`,
  }));
  if (comparable && !data.some(({ value }) => value === against)) data.push({ value: against, label: against });
  return (
    <Panel
      title="Beside another run"
      labelledBy="compare-title"
      flush
      actions={
        <Select
          aria-label="Compare with"
          placeholder={others.length === 0 ? "There is no other run" : "Choose a run"}
          w={380}
          searchable
          clearable
          clearButtonProps={{ "aria-label": "Compare with none" }}
          disabled={data.length === 0}
          value={comparable ? against : null}
          onChange={props.onAgainst}
          data={data}
          data-testid="compare-with"
        />
      }
    >
      {!comparable && (
        <Text size="sm" c="dimmed" p="sm">
          {data.length === 0
            ? "Once there are two runs of this family, they can be held against each other here: what each brought for every relay and interface."
            : "Choose an earlier run to see what each brought for every relay and interface."}
        </Text>
      )}
      {comparable && comparison.isPending && <Loading label="Comparing" />}
      {comparable && comparison.isError && (
        <ErrorNotice error={comparison.error} onRetry={() => void comparison.refetch()} />
      )}
      {comparable && comparison.data !== undefined && <Comparison comparison={comparison.data} />}
    </Panel>
  );
}

function Comparison({ comparison }: { readonly comparison: RecoveryComparison }) {
  const { first, second, groups } = comparison;
  const rows = [
    ["Received", first.received, second.received],
    ["New or changed", first.applied, second.applied],
    ["Known already", first.unchanged, second.unchanged],
    ["Not used", first.refused, second.refused],
  ] as const;
  return (
    <div data-testid="comparison">
      <Table className={classes.table} aria-label="Figures of both runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Figure</Table.Th>
            <Table.Th className="num">Other, {formatTimeMs(first.startedAtMs)}</Table.Th>
            <Table.Th className="num">This, {formatTimeMs(second.startedAtMs)}</Table.Th>
            <Table.Th className="num">Difference</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Td>State</Table.Td>
            <Table.Td className="num">{runStates[first.state].label}</Table.Td>
            <Table.Td className="num">{runStates[second.state].label}</Table.Td>
            <Table.Td />
          </Table.Tr>
          <Table.Tr>
            <Table.Td>Took</Table.Td>
            <Table.Td className="num">
              <Took run={first} />
            </Table.Td>
            <Table.Td className="num">
              <Took run={second} />
            </Table.Td>
            <Table.Td />
          </Table.Tr>
          {rows.map(([name, one, other]) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td className="num">{formatCount(one)}</Table.Td>
              <Table.Td className="num">{formatCount(other)}</Table.Td>
              <Table.Td className="num">{difference(one, other)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {groups.length > 0 && (
        <Table.ScrollContainer minWidth={640} mah={420}>
          <Table className={classes.table} aria-label="Bindings recovered by both runs" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Relay</Table.Th>
                <Table.Th>Interface</Table.Th>
                <Table.Th className="num">Other</Table.Th>
                <Table.Th className="num">This</Table.Th>
                <Table.Th className="num">Difference</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {groups.map((group) => (
                <Table.Tr key={`${group.relayId} ${group.interfaceName}`}>
                  <Table.Td className={`mono ${classes.explanation}`}>{group.relayId ?? nothing}</Table.Td>
                  <Table.Td className="mono">{group.interfaceName ?? nothing}</Table.Td>
                  <Table.Td className="num">{group.first === null ? nothing : formatCount(group.first)}</Table.Td>
                  <Table.Td className="num">{group.second === null ? nothing : formatCount(group.second)}</Table.Td>
                  <Table.Td className="num">{difference(group.first ?? 0, group.second ?? 0)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {comparison.total > groups.length && (
        <Text size="xs" c="dimmed" p="sm">
          The {formatCount(groups.length)} largest differences of {formatCount(comparison.total)} are shown.
        </Text>
      )}
    </div>
  );
}

function difference(first: number, second: number): string {
  if (first === second) return "none";
  return second > first ? `+${formatCount(second - first)}` : `−${formatCount(first - second)}`;
}
