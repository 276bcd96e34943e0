"use client";

import type { StreamView } from "@leasewire/api";
import { Anchor, Button, Table, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconLock, IconPlugConnected, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { Fragment, useState } from "react";
import { formatCount, formatCountOf, formatSpan, nothing } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { Ago } from "#ui/time.tsx";
import { complain, say } from "#ui/toast.tsx";
import classes from "./recovery.module.css";
import { streamPhaseWords } from "./recovery-words.ts";
import { StreamDetail } from "./stream-detail.tsx";
import { useStreams } from "./use-bulk-runs.ts";

const shownAtFirst = 100;
/** A server that is further behind than this is pointed out. */
const lagSecondsHigh = 60;

/** Standing connections of the relays: are they current, and what they missed. */
export function Streams(props: {
  readonly opened: string | null;
  readonly span: "hour" | "day";
  readonly onOpen: (id: string | null) => void;
  readonly onSpan: (span: "hour" | "day") => void;
}) {
  const streams = useStreams();
  const [shown, setShown] = useState(shownAtFirst);
  const rows = streams.data ?? [];
  return (
    <Panel title="Active leasequery, relay to server" labelledBy="streams" flush>
      {streams.isError && <ErrorNotice error={streams.error} onRetry={() => void streams.refetch()} />}
      {streams.isPending && <Loading label="Reading the streams" />}
      {streams.data !== undefined && rows.length === 0 && (
        <EmptyState
          icon={<IconPlugConnected size={28} stroke={1.4} />}
          title="No relay has active leasequery"
          wide
          action={
            <Anchor component={Link} href={paths.configuration()} size="sm" underline="always">
              Open the configuration
            </Anchor>
          }
        >
          With active leasequery a server tells a relay every change as it happens. Configure{" "}
          <span className="mono">set forwarding-options dhcp-relay active-leasequery</span> beside{" "}
          <span className="mono">bulk-leasequery</span>; the relay connects to all its servers by itself.
        </EmptyState>
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={1040}>
          <Table aria-labelledby="streams" data-testid="streams" className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Server</Table.Th>
                <Table.Th>Phase</Table.Th>
                <Table.Th className="num">Behind</Table.Th>
                <Table.Th>Last heard</Table.Th>
                <Table.Th>Last keepalive</Table.Th>
                <Table.Th className="num">Received</Table.Th>
                <Table.Th className="num">Reconnects</Table.Th>
                <Table.Th>Gaps</Table.Th>
                <Table.Th>
                  <span className={classes.hidden}>What to do</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.slice(0, shown).map((stream) => (
                <Fragment key={stream.id}>
                  <Row
                    stream={stream}
                    open={stream.id === props.opened}
                    onToggle={() => props.onOpen(stream.id === props.opened ? null : stream.id)}
                  />
                  {stream.id === props.opened && (
                    <Table.Tr>
                      <Table.Td colSpan={9} className={classes.detailCell} id={`stream-${stream.id}`}>
                        <StreamDetail stream={stream} span={props.span} onSpan={props.onSpan} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {rows.length > shown && (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setShown(shown + shownAtFirst)}>
            Show more of {formatCountOf(rows.length, "stream")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Row(props: { readonly stream: StreamView; readonly open: boolean; readonly onToggle: () => void }) {
  const { stream, open } = props;
  const phase = streamPhaseWords[stream.phase];
  const openGaps = stream.gaps.filter(({ healedAtMs }) => healedAtMs === null).length;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <Table.Tr data-stream={stream.id} data-phase={stream.phase}>
      <Table.Td>
        <button type="button" className={classes.toggle} aria-expanded={open} onClick={props.onToggle}>
          <Chevron size={14} aria-hidden />
          <span className="mono">
            {stream.server}#{stream.port}
          </span>
          {stream.secure && (
            <span className={classes.tls}>
              <IconLock size={12} aria-hidden /> TLS
            </span>
          )}
        </button>
        <Text size="xs" c="dimmed" pl={18}>
          DHCPv{stream.family} of {stream.instance}
        </Text>
      </Table.Td>
      <Table.Td>
        <Mark tone={phase.tone} meaning={phase.meaning} state={stream.phase}>
          {phase.label}
        </Mark>
        <Text size="xs" c="dimmed">
          <Next stream={stream} />
        </Text>
      </Table.Td>
      <Table.Td className="num">
        <Lag stream={stream} />
      </Table.Td>
      <Table.Td className={classes.whole}>
        {stream.lastReceivedAtMs === null ? nothing : <Ago seconds={stream.lastReceivedAtMs / 1000} />}
      </Table.Td>
      <Table.Td className={classes.whole}>
        {stream.lastKeepaliveAtMs === null ? nothing : <Ago seconds={stream.lastKeepaliveAtMs / 1000} />}
      </Table.Td>
      <Table.Td className="num">
        <div>{formatCount(stream.received)}</div>
        <Text size="xs" c="dimmed">
          {formatCount(Math.round(stream.ratePerSecond))}/s
        </Text>
      </Table.Td>
      <Table.Td className="num">{formatCount(stream.reconnects)}</Table.Td>
      <Table.Td>
        {openGaps > 0 ? (
          <Mark tone="bad" meaning="Changes of that time may be missing until a bulk query fills it.">
            {openGaps} open
          </Mark>
        ) : (
          <span className={classes.dim}>{stream.gaps.length === 0 ? "none" : `${stream.gaps.length} filled`}</span>
        )}
      </Table.Td>
      <Table.Td className={classes.rowActions}>
        <Restart stream={stream} />
      </Table.Td>
    </Table.Tr>
  );
}

function Next({ stream }: { readonly stream: StreamView }) {
  const now = useNowSeconds();
  if (stream.reconnectAtMs !== null) {
    return `again in ${formatSpan(Math.max(0, Math.ceil(stream.reconnectAtMs / 1000 - now)))}`;
  }
  return `for ${formatSpan(Math.max(0, now - stream.phaseSinceMs / 1000))}`;
}

function Lag({ stream }: { readonly stream: StreamView }) {
  if (stream.lagSeconds === null) return nothing;
  const text = stream.lagSeconds < 1 ? "< 1 s" : formatSpan(stream.lagSeconds);
  if (stream.lagSeconds <= lagSecondsHigh) return text;
  return (
    <Mark tone="warn" meaning="What was last told is that old by the server's clock.">
      {text}
    </Mark>
  );
}

function Restart({ stream }: { readonly stream: StreamView }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const permission = can.restartStreams(usePrincipal());
  const restart = useMutation(
    trpc.streams.restart.mutationOptions({
      onSuccess: async () => {
        say(`The connection to ${stream.server} begins anew.`);
        await queryClient.invalidateQueries({ queryKey: trpc.streams.pathKey() });
      },
      onError: (error) => complain(error, "Not restarted"),
    }),
  );
  const [logicalSystem, routingInstance] = stream.instance.split(":");
  const input = { family: stream.family, logicalSystem, routingInstance, peerAddress: stream.server };
  const hidden = <span className={classes.hidden}> {stream.server}</span>;
  return (
    <>
      <ActionButton
        permission={permission}
        variant="default"
        size="compact-xs"
        leftSection={<IconRefresh size={13} />}
        loading={restart.isPending}
        onClick={() => restart.mutate(input)}
      >
        Reconnect{hidden}
      </ActionButton>
      <ActionButton
        permission={permission}
        variant="default"
        size="compact-xs"
        onClick={() =>
          confirm({
            title: `Get everything again from ${stream.server}?`,
            body: "The connection is opened anew and the server tells all its bindings of this relay once more, however much is known already. Gaps are filled by it.",
            action: "Resync",
            onConfirm: () => restart.mutate({ ...input, resync: true }),
          })
        }
        data-testid="resync"
      >
        Resync{hidden}
      </ActionButton>
    </>
  );
}
