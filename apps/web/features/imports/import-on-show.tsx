"use client";

import type { ImportJob, ImportJobDetail } from "@leasewire/api";
import { Anchor, Table, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect } from "react";
import { formatCount, formatCountOf, formatOctets, formatPercent, formatSpan } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain } from "#ui/toast.tsx";
import { importPercent, importStates, isRunning } from "./import-formats.ts";
import classes from "./imports.module.css";

/** One import: how far it is, what came of it, and the rows that were refused. `live`: its newest state from the list. */
export function ImportOnShow({ id, live }: { readonly id: string; readonly live: ImportJob | undefined }) {
  const trpc = useTRPC();
  const detail = useQuery(trpc.imports.get.queryOptions({ id }));
  const { refetch } = detail;
  const stamp = live === undefined ? "" : `${live.state} ${live.rowsRefused}`;
  // The list is told live; the refused rows are only in the detail.
  useEffect(() => {
    if (stamp !== "") void refetch();
  }, [stamp, refetch]);

  if (detail.isPending) return <Loading label="Reading the import" />;
  if (detail.isError) return <ErrorNotice error={detail.error} title="This import cannot be shown" />;
  return <Job job={{ ...detail.data, ...live }} />;
}

function Job({ job }: { readonly job: ImportJobDetail }) {
  const running = isRunning(job.state);
  const percent = importPercent(job);
  const state = importStates[job.state];
  const figures = [
    ["Rows read", formatCount(job.rowsRead)],
    ["Taken", formatCount(job.rowsTaken)],
    ["Passed over", formatCount(job.rowsPassedOver)],
    ["Refused", formatCount(job.rowsRefused)],
    ["DHCPv4 bindings", formatCount(job.bindings[4])],
    ["DHCPv6 bindings", formatCount(job.bindings[6])],
  ] as const;
  return (
    <Panel
      title={<span className={classes.fileName}>{job.fileName}</span>}
      labelledBy="import-title"
      flush
      actions={running && <CancelButton job={job} />}
    >
      <div className={classes.job} data-testid="import-job" data-import-state={job.state}>
        <div className={classes.outcome}>
          <Mark tone={state.tone} meaning={state.meaning} state={job.state}>
            {state.label}
          </Mark>
          <span role="status">{job.outcome}</span>
        </div>
        {running && (
          <div
            className={classes.progress}
            role="progressbar"
            aria-label="How much of the file is read"
            aria-valuemin={0}
            aria-valuemax={100}
            {...(percent !== null && { "aria-valuenow": Math.floor(percent) })}
          >
            <span style={{ width: `${percent ?? 100}%` }} data-unknown={percent === null} />
          </div>
        )}
        <Text size="xs" c="dimmed">
          {formatOctets(job.octetsRead)}
          {job.octetsTotal !== null && ` of ${formatOctets(job.octetsTotal)}`}
          {running && percent !== null && `, ${formatPercent(percent)}`}
          {job.finishedAtMs !== null && ` in ${formatSpan(Math.max(1, (job.finishedAtMs - job.startedAtMs) / 1000))}`}
          {job.allOrNothing && ", all or nothing"}
        </Text>
        <dl className={classes.figures}>
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {job.state === "done" && (
          <Text size="sm">
            <Link
              href={paths.bindings({ role: "server", family: job.bindings[4] > 0 ? 4 : 6, instance: job.instance })}
            >
              Look at the bindings of {job.instance}
            </Link>
          </Text>
        )}
      </div>
      {job.refusals.length > 0 && <Refusals job={job} />}
    </Panel>
  );
}

function Refusals({ job }: { readonly job: ImportJobDetail }) {
  const more = job.rowsRefused - job.refusals.length;
  return (
    <>
      <Table.ScrollContainer minWidth={560} mah={420}>
        <Table aria-label="Refused rows" data-testid="import-refusals" stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="num">Line</Table.Th>
              <Table.Th>Why it was refused</Table.Th>
              <Table.Th>Beginning of the row</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {job.refusals.map((refusal) => (
              <Table.Tr key={`${refusal.line} ${refusal.message}`}>
                <Table.Td className="num">{formatCount(refusal.line)}</Table.Td>
                <Table.Td className={classes.message}>{refusal.message}</Table.Td>
                <Table.Td className={`mono ${classes.row}`}>{refusal.text}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed" p="sm">
        {more > 0 &&
          `${formatCountOf(more, "further row")} ${more === 1 ? "was" : "were"} refused and ${more === 1 ? "is" : "are"} not listed. `}
        <Anchor href={`/api/import/refused?id=${encodeURIComponent(job.id)}`} download size="sm" underline="always">
          Every refused row as text
        </Anchor>
      </Text>
    </>
  );
}

function CancelButton({ job }: { readonly job: ImportJob }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const cancel = useMutation(
    trpc.imports.cancel.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.imports.pathKey() }),
      onError: (error) => complain(error, "The import was not cancelled"),
    }),
  );
  return (
    <ActionButton
      permission={can.importBindings(usePrincipal())}
      variant="default"
      size="compact-xs"
      leftSection={<IconX size={13} />}
      loading={cancel.isPending}
      onClick={() =>
        confirm({
          title: `Cancel the import of ${job.fileName}?`,
          body: job.allOrNothing
            ? "Nothing of the file is taken: the bindings stay as they were."
            : `The ${formatCountOf(job.rowsTaken, "row")} taken so far stay. The rest of the file is not read.`,
          action: "Cancel the import",
          dangerous: true,
          onConfirm: () => cancel.mutate({ id: job.id }),
        })
      }
    >
      Cancel
    </ActionButton>
  );
}
