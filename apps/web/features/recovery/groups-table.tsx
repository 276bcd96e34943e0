"use client";

import type { BulkRun, RecoveryGroup } from "@leasewire/api";
import { Table, Text } from "@mantine/core";
import { formatCount, formatCountOf, nothing } from "#lib/format.ts";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import classes from "./recovery.module.css";
import { useGroups } from "./use-bulk-runs.ts";

type Counts = Pick<RecoveryGroup, "expected" | "recovered" | "missing" | "stale">;

/** Is it complete: for each relay and access interface what was expected, and what came. */
export function GroupsTable({ run }: { readonly run: BulkRun }) {
  const groups = useGroups(run);
  return (
    <Panel title="By relay and access interface" labelledBy="groups" flush>
      {groups.isPending && <Loading label="Counting" />}
      {groups.isError && groups.data === undefined && (
        <ErrorNotice error={groups.error} onRetry={() => void groups.refetch()} />
      )}
      {groups.data?.total === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {run.finishedAtMs === null
            ? "No lease has arrived yet."
            : "No lease of this query was told, and none was expected."}
        </Text>
      )}
      {groups.data !== undefined && groups.data.total > 0 && (
        <Table.ScrollContainer minWidth={720} mah={520}>
          <Table aria-labelledby="groups" data-testid="groups" className={classes.table} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Relay</Table.Th>
                <Table.Th>Interface</Table.Th>
                <Table.Th className="num" title="In the table as active before the run">
                  Expected
                </Table.Th>
                <Table.Th className="num" title="Told as active by a server of the run">
                  Recovered
                </Table.Th>
                <Table.Th className="num" title="Expected, and not told so far">
                  Missing
                </Table.Th>
                <Table.Th className="num" title="In the table as active, and told by no server of the completed run">
                  Stale
                </Table.Th>
                <Table.Th>Verdict</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr className={classes.total}>
                <Table.Td colSpan={2}>All {formatCountOf(groups.data.total, "group")}</Table.Td>
                <Numbers counts={groups.data.sum} />
                <Table.Td>
                  <Verdict counts={groups.data.sum} open={run.finishedAtMs === null} />
                </Table.Td>
              </Table.Tr>
              {groups.data.groups.map((group) => (
                <Table.Tr key={`${group.relayId} ${group.interfaceName}`}>
                  <Table.Td className={`mono ${classes.explanation}`}>{group.relayId ?? nothing}</Table.Td>
                  <Table.Td className="mono">
                    {group.interfaceName ?? <span className={classes.dim}>not placed</span>}
                  </Table.Td>
                  <Numbers counts={group} />
                  <Table.Td>
                    <Verdict counts={group} open={run.finishedAtMs === null} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {groups.data !== undefined && groups.data.total > groups.data.groups.length && (
        <Text size="xs" c="dimmed" p="sm">
          The {formatCount(groups.data.groups.length)} with most missing and stale bindings are shown; all{" "}
          {formatCount(groups.data.total)} are counted.
        </Text>
      )}
    </Panel>
  );
}

function Numbers({ counts }: { readonly counts: Counts }) {
  return (
    <>
      <Table.Td className="num">{formatCount(counts.expected)}</Table.Td>
      <Table.Td className="num">{formatCount(counts.recovered)}</Table.Td>
      <Table.Td className="num">{formatCount(counts.missing)}</Table.Td>
      <Table.Td className="num">{counts.stale === null ? nothing : formatCount(counts.stale)}</Table.Td>
    </>
  );
}

function Verdict({ counts, open }: { readonly counts: Counts; readonly open: boolean }) {
  if (counts.missing > 0 && open) {
    return (
      <Mark tone="info" meaning="Servers are still telling.">
        arriving
      </Mark>
    );
  }
  if (counts.missing > 0) {
    return (
      <Mark
        tone="bad"
        meaning="Expected bindings were not told, and a server that may know them did not tell everything."
      >
        missing
      </Mark>
    );
  }
  if ((counts.stale ?? 0) > 0) {
    return (
      <Mark tone="warn" meaning="The table still holds bindings as active that no server knows any more.">
        stale
      </Mark>
    );
  }
  return (
    <Mark tone="good" meaning="Nothing that was expected is missing, and nothing is left that no server knows.">
      whole
    </Mark>
  );
}
