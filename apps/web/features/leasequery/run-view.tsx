"use client";

import type { LeasequeryRunDetail, LeasequeryRunServer } from "@leasewire/api";
import { Anchor, Button, Progress, Table, Text } from "@mantine/core";
import { IconPencil, IconPlayerStop, IconRepeat } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { formatMilliseconds, formatTimeMs } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Notice, type NoticeTone } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain } from "#ui/toast.tsx";
import { Exchanges } from "./exchanges.tsx";
import classes from "./leasequery.module.css";
import { RunBadge } from "./run-badge.tsx";
import { runStateWords, serverStateWords, type Tone } from "./run-state.ts";

const bindingLinksMax = 20;

/** One run: its outcome, each server, and the messages that went back and forth. */
export function RunView(props: {
  readonly run: LeasequeryRunDetail;
  readonly message: number | null;
  readonly onMessage: (index: number | null) => void;
  readonly onEdit: () => void;
  readonly onRepeat: () => void;
}) {
  const { run } = props;
  const trpc = useTRPC();
  const principal = usePrincipal();
  const cancel = useMutation(
    trpc.leasequery.cancel.mutationOptions({ onError: (error) => complain(error, "Not cancelled") }),
  );
  return (
    <div className={classes.view} data-testid="run" data-run-state={run.state}>
      <Panel
        title={
          <span className={classes.runTitle}>
            <span className="mono">{run.key}</span>
            <RunBadge words={runStateWords[run.state]} state={run.state} />
          </span>
        }
        labelledBy="run-title"
        actions={
          <span className={classes.actions}>
            {run.state === "running" ? (
              <ActionButton
                permission={can.cancelLeasequery(principal)}
                variant="default"
                leftSection={<IconPlayerStop size={14} />}
                loading={cancel.isPending}
                onClick={() => cancel.mutate({ id: run.id })}
              >
                Cancel
              </ActionButton>
            ) : (
              <ActionButton
                permission={can.runLeasequery(principal)}
                variant="default"
                leftSection={<IconRepeat size={14} />}
                onClick={props.onRepeat}
              >
                Repeat
              </ActionButton>
            )}
            <Button variant="default" leftSection={<IconPencil size={14} />} onClick={props.onEdit}>
              Edit as new query
            </Button>
          </span>
        }
      >
        <div className={classes.outcome}>
          <Outcome run={run} />
          <div className={classes.commandLine}>
            <code className={classes.command}>{run.command}</code>
            <CopyButton value={run.command} what="command" />
          </div>
          <Text size="xs" c="dimmed">
            Started {formatTimeMs(run.startedAtMs)} UTC by {run.startedBy}
            {run.finishedAtMs !== null &&
              `, ended after ${formatMilliseconds(Math.max(0, run.finishedAtMs - run.startedAtMs))}`}
            .
          </Text>
        </div>
      </Panel>
      <Servers servers={run.servers} />
      <Exchanges run={run} selected={props.message} onSelect={props.onMessage} />
    </div>
  );
}

const noticeTones: Readonly<Record<Tone, NoticeTone>> = {
  busy: "info",
  good: "good",
  neutral: "info",
  warn: "warn",
  bad: "bad",
};

function Outcome({ run }: { readonly run: LeasequeryRunDetail }) {
  const running = run.state === "running";
  const asked = run.servers.filter((server) => server.state === "querying").length;
  const title = running ? `Waiting for ${asked} of ${run.servers.length} servers.` : run.outcome;
  return (
    <div data-testid="run-outcome" data-stored={run.stored}>
      <Notice tone={noticeTones[runStateWords[run.state].tone]} title={title}>
        {run.bindingIds.length > 0 && (
          <span className={classes.bindings}>
            {run.bindingIds.slice(0, bindingLinksMax).map((id) => (
              <Anchor key={id} component={Link} href={paths.bindings({ family: run.family, id })} size="sm">
                Show binding <span className="mono">{addressOf(id)}</span>
              </Anchor>
            ))}
            {run.bindingIds.length > bindingLinksMax && <span>and {run.bindingIds.length - bindingLinksMax} more</span>}
            <span data-testid="stored">
              {run.stored ? "Stored in the database." : "Not stored yet: the database has not confirmed it."}
            </span>
          </span>
        )}
      </Notice>
    </div>
  );
}

/** `4/default:default/192.0.2.7/32`: the third part, and the length where it is a delegated prefix. */
function addressOf(id: string): string {
  const [, , address = id, length] = id.split("/");
  return length === undefined || length === "32" || length === "128" ? address : `${address}/${length}`;
}

function Servers({ servers }: { readonly servers: readonly LeasequeryRunServer[] }) {
  if (servers.length === 0) return null;
  return (
    <Panel title="Servers" labelledBy="run-servers" flush>
      <Table.ScrollContainer minWidth={640}>
        <Table data-testid="run-servers" aria-labelledby="run-servers">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Server</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Attempt</Table.Th>
              <Table.Th className={`num ${classes.server}`}>Round trip</Table.Th>
              <Table.Th>What happened</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {servers.map((server) => (
              <Table.Tr key={`${server.instance} ${server.serverAddress} ${server.serverPort} ${server.xid}`}>
                <Table.Td className={classes.server}>
                  <span className="mono">
                    {server.serverAddress}#{server.serverPort}
                  </span>
                  <Text size="xs" c="dimmed">
                    {server.instance}
                    {server.serverGroup !== null && `, group ${server.serverGroup}`}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <RunBadge words={serverStateWords[server.state]} state={server.state} />
                </Table.Td>
                <Table.Td>
                  <Attempt server={server} />
                </Table.Td>
                <Table.Td className="num mono">{formatMilliseconds(server.roundTripMs)}</Table.Td>
                <Table.Td className={classes.explanation}>{server.explanation}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function Attempt({ server }: { readonly server: LeasequeryRunServer }) {
  const now = useNowSeconds();
  const { attempts, attemptsMax, nextAttemptAtMs } = server;
  const waiting = server.state === "querying" && nextAttemptAtMs !== null;
  const left = waiting ? Math.max(0, Math.ceil(nextAttemptAtMs / 1000 - now)) : 0;
  return (
    <div className={classes.attempt}>
      <span>
        {attempts} of {attemptsMax}
        {waiting && <span className={classes.next}>, next in {left} s</span>}
      </span>
      {server.state === "querying" && (
        <Progress
          size={3}
          value={(100 * attempts) / Math.max(1, attemptsMax)}
          aria-label={`Attempts at ${server.serverAddress}`}
        />
      )}
    </div>
  );
}
