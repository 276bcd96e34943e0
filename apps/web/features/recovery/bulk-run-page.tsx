"use client";

import type { BulkRun, BulkRunServer } from "@leasewire/api";
import { Anchor, Button, Table, Text } from "@mantine/core";
import {
  IconArrowLeft,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconRepeat,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { formatCount, formatCountOf, formatSpan, formatTime, formatTimeMs } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { paths } from "#lib/paths.ts";
import { can, every } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice, Notice, type NoticeTone } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain } from "#ui/toast.tsx";
import { formOfRun, readBulkForm } from "./bulk-form.ts";
import { CompareRuns } from "./compare-runs.tsx";
import { GroupsTable } from "./groups-table.tsx";
import { failedServers, runCan, runProgress, serverProgress } from "./progress.ts";
import { RecoveryProgress } from "./progress-bar.tsx";
import classes from "./recovery.module.css";
import { causes, keyWords, runStates, serverStates } from "./recovery-words.ts";
import { Took } from "./runs-table.tsx";
import { useBulkRun } from "./use-bulk-runs.ts";

/** One run: how far it is, each server, each relay and interface, and beside another run. */
export function BulkRunPage(props: {
  readonly id: string;
  readonly against: string | null;
  readonly onAgainst: (id: string | null) => void;
  readonly onClose: () => void;
  readonly onStarted: (id: string) => void;
}) {
  const run = useBulkRun(props.id);
  return (
    <div className={classes.page}>
      <div>
        <Anchor component="button" type="button" size="sm" onClick={props.onClose} className={classes.back}>
          <IconArrowLeft size={14} aria-hidden /> All runs
        </Anchor>
      </div>
      {run.isPending && <Loading label="Reading the run" />}
      {run.isError && run.data === undefined && (
        <ErrorNotice error={run.error} title="This run cannot be shown" onRetry={() => void run.refetch()} />
      )}
      {run.data !== undefined && (
        <>
          <Summary run={run.data} onStarted={props.onStarted} />
          <Servers run={run.data} />
          <NotUsed run={run.data} />
          <GroupsTable run={run.data} />
          <CompareRuns run={run.data} against={props.against} onAgainst={props.onAgainst} />
        </>
      )}
    </div>
  );
}

const noticeTones: Readonly<Record<string, NoticeTone>> = {
  good: "good",
  info: "info",
  warn: "warn",
  bad: "bad",
  dim: "info",
};

function Summary({ run, onStarted }: { readonly run: BulkRun; readonly onStarted: (id: string) => void }) {
  const state = runStates[run.state];
  const open = run.finishedAtMs === null;
  const figures = [
    ["Received", run.received, "Leases told by the servers."],
    ["New or changed", run.applied, "Of them: not in the table before, or different."],
    ["Known already", run.unchanged, "The table had them just so."],
    ["Older", run.older, "The table knows something newer."],
    ["Not used", run.refused, "See why below."],
  ] as const;
  return (
    <Panel
      title={
        <span className={classes.runTitle}>
          <span>
            DHCPv{run.family} by <span className="mono">{keyWords(run)}</span>
          </span>
          <Mark tone={state.tone} meaning={state.meaning} state={run.state}>
            {state.label}
          </Mark>
        </span>
      }
      labelledBy="bulk-run"
      actions={<Actions run={run} onStarted={onStarted} />}
    >
      <div className={classes.summary} data-testid="bulk-run" data-run-state={run.state} data-stored={run.stored}>
        <RecoveryProgress progress={runProgress(run)} label="Progress of the run" moving={run.state === "running"} />
        {!open && (
          <Notice tone={noticeTones[state.tone] ?? "info"} title={run.outcome}>
            <span data-testid="bulk-stored">
              {run.stored ? "Stored in the database." : "Not stored yet: the database has not confirmed it."}
            </span>
          </Notice>
        )}
        {open && run.outcome !== "" && <Text size="sm">{run.outcome}</Text>}
        <dl className={classes.figures}>
          {figures.map(([name, value, meaning]) => (
            <div key={name} title={meaning}>
              <dt>{name}</dt>
              <dd>{formatCount(value)}</dd>
            </div>
          ))}
        </dl>
        <div className={classes.commandLine}>
          <code className={classes.command}>{run.command}</code>
          <CopyButton value={run.command} what="command" />
        </div>
        <Text size="xs" c="dimmed">
          Started {formatTimeMs(run.startedAtMs)} UTC {causes[run.cause]} by {run.startedBy};{" "}
          {open ? "running for" : "took"} <Took run={run} />.
          {run.queryStartTimeSeconds !== null && ` Changes since ${formatTime(run.queryStartTimeSeconds)} UTC.`}
          {run.queryEndTimeSeconds !== null && ` Changes until ${formatTime(run.queryEndTimeSeconds)} UTC.`}
          {run.incremental && " Incremental: only what changed since the last stored base-time of each server."}
          {run.linkAddress !== null && ` Only on the link ${run.linkAddress}.`}
        </Text>
      </div>
    </Panel>
  );
}

function Actions({ run, onStarted }: { readonly run: BulkRun; readonly onStarted: (id: string) => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const role = can.runLeasequery(usePrincipal());
  const changed = (title: string) => ({
    onSuccess: (next: BulkRun) => queryClient.setQueryData(trpc.recovery.get.queryKey({ id: next.id }), next),
    onError: (error: unknown) => complain(error, title),
  });
  const pause = useMutation(trpc.recovery.pause.mutationOptions(changed("Not paused")));
  const resume = useMutation(trpc.recovery.resume.mutationOptions(changed("Not resumed")));
  const cancel = useMutation(trpc.recovery.cancel.mutationOptions(changed("Not cancelled")));
  const retry = useMutation(trpc.recovery.retry.mutationOptions(changed("Not asked again")));
  const start = useMutation(
    trpc.recovery.start.mutationOptions({
      onSuccess: ({ id }) => onStarted(id),
      onError: (error) => complain(error, "Not repeated"),
    }),
  );
  const form = formOfRun(run);
  const again = readBulkForm(form, Date.now() / 1000).input;
  const failed = failedServers(run);
  const id = { id: run.id };
  return (
    <span className={classes.actions}>
      {run.state === "paused" ? (
        <ActionButton
          permission={every(role, runCan.resume(run))}
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(id)}
        >
          Resume
        </ActionButton>
      ) : (
        <ActionButton
          permission={every(role, runCan.pause(run))}
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(id)}
        >
          Pause
        </ActionButton>
      )}
      <ActionButton
        permission={every(role, runCan.cancel(run))}
        variant="default"
        leftSection={<IconPlayerStop size={14} />}
        loading={cancel.isPending}
        onClick={() =>
          confirm({
            title: "Cancel this run?",
            body: "What was recovered until now stays in the table. What the servers have not told yet is missing until somebody asks again.",
            action: "Cancel run",
            dangerous: true,
            onConfirm: () => cancel.mutate(id),
          })
        }
      >
        Cancel
      </ActionButton>
      <ActionButton
        permission={every(role, runCan.retry(run))}
        variant="default"
        leftSection={<IconRefresh size={14} />}
        loading={retry.isPending}
        onClick={() => retry.mutate(id)}
        data-testid="retry-failed"
      >
        {failed > 0 && run.finishedAtMs !== null
          ? `Retry ${formatCountOf(failed, "failed server")}`
          : "Retry what failed"}
      </ActionButton>
      {run.finishedAtMs !== null && (
        <ActionButton
          permission={role}
          variant="default"
          leftSection={<IconRepeat size={14} />}
          loading={start.isPending}
          onClick={() => again !== null && start.mutate(again)}
        >
          Repeat
        </ActionButton>
      )}
      <Button
        variant="default"
        leftSection={<IconPencil size={14} />}
        onClick={() => router.push(paths.recovery({ view: "query", ...form }))}
      >
        Edit as new query
      </Button>
    </span>
  );
}

function Servers({ run }: { readonly run: BulkRun }) {
  if (run.servers.length === 0) return null;
  return (
    <Panel title={`Servers (${run.servers.length})`} labelledBy="bulk-servers" flush>
      <Table.ScrollContainer minWidth={1080} mah={520}>
        <Table aria-labelledby="bulk-servers" data-testid="bulk-servers" className={classes.table} stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Server</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th className={classes.wide}>Progress</Table.Th>
              <Table.Th>Attempt</Table.Th>
              <Table.Th className="num">New</Table.Th>
              <Table.Th className="num">Known</Table.Th>
              <Table.Th>Last status</Table.Th>
              <Table.Th>What happened</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {run.servers.map((server) => (
              <ServerRow key={`${server.instance} ${server.address} ${server.port}`} server={server} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function ServerRow({ server }: { readonly server: BulkRunServer }) {
  const state = serverStates[server.state];
  return (
    <Table.Tr data-server={server.address} data-server-state={server.state}>
      <Table.Td className={classes.whole}>
        <span className="mono">
          {server.address}#{server.port}
        </span>
        <Text size="xs" c="dimmed">
          {server.instance}
          {server.group !== null && `, group ${server.group}`}
        </Text>
      </Table.Td>
      <Table.Td>
        <Mark tone={state.tone} meaning={state.meaning} state={server.state}>
          {state.label}
        </Mark>
      </Table.Td>
      <Table.Td>
        <RecoveryProgress
          progress={serverProgress(server)}
          label={`Progress of ${server.address}`}
          moving={server.state === "receiving"}
        />
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Attempt server={server} />
      </Table.Td>
      <Table.Td className="num">{formatCount(server.applied)}</Table.Td>
      <Table.Td className="num">{formatCount(server.unchanged)}</Table.Td>
      <Table.Td className={classes.status}>{server.lastStatus ?? <span className={classes.dim}>none</span>}</Table.Td>
      <Table.Td className={classes.explanation}>
        {server.explanation}
        {server.notKept > 0 && (
          <Text size="xs" c="dimmed">
            {formatCountOf(server.notKept, "lease")} of other relays, or of nobody: not kept.
          </Text>
        )}
        {server.waiting > 0 && (
          <Text size="xs" c="dimmed">
            {formatCountOf(server.waiting, "lease")} waiting for their access interface.
          </Text>
        )}
        {server.clockOffsetSeconds !== null && Math.abs(server.clockOffsetSeconds) >= 2 && (
          <Text size="xs" c="dimmed">
            Its clock is {formatSpan(Math.abs(server.clockOffsetSeconds))}{" "}
            {server.clockOffsetSeconds > 0 ? "behind" : "ahead"}; times were converted.
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Attempt({ server }: { readonly server: BulkRunServer }) {
  const now = useNowSeconds();
  const next = server.state === "waiting" ? server.nextAttemptAtMs : null;
  return (
    <>
      {server.attempts} of {server.attemptsMax}
      {next !== null && (
        <Text size="xs" c="dimmed">
          next in {formatSpan(Math.max(0, Math.ceil(next / 1000 - now)))}
        </Text>
      )}
    </>
  );
}

/** Leases that were told and not used, over all servers. */
function NotUsed({ run }: { readonly run: BulkRun }) {
  const sums = new Map<string, { reason: string; count: number; explanation: string }>();
  for (const { reason, count, explanation } of run.servers.flatMap(({ refused }) => refused)) {
    sums.set(reason, { reason, explanation, count: count + (sums.get(reason)?.count ?? 0) });
  }
  if (sums.size === 0) return null;
  return (
    <Panel title="Leases that were not used" labelledBy="not-used" flush>
      <Table aria-labelledby="not-used" data-testid="not-used" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Reason</Table.Th>
            <Table.Th className="num">Leases</Table.Th>
            <Table.Th>Meaning</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...sums.values()]
            .sort((a, b) => b.count - a.count)
            .map((one) => (
              <Table.Tr key={one.reason}>
                <Table.Td className="mono">{one.reason}</Table.Td>
                <Table.Td className="num">{formatCount(one.count)}</Table.Td>
                <Table.Td className={classes.explanation}>{one.explanation}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
