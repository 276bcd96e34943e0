"use client";

import type { Family, ServedConnection, ServedQuery } from "@leasewire/api";
import { Button, Table, Text } from "@mantine/core";
import { IconLock, IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatCount, formatCountOf, formatOctets } from "#lib/format.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Mark } from "#ui/mark.tsx";
import { Panel } from "#ui/page.tsx";
import { Ago } from "#ui/time.tsx";
import { complain, say } from "#ui/toast.tsx";
import { isSlow, phases, progressText } from "./connection-words.ts";
import classes from "./connections.module.css";

const shownAtFirst = 100;

/** Connections for bulk and active leasequery that requestors opened. */
export function ConnectionTable(props: {
  readonly connections: readonly ServedConnection[];
  readonly family: Family | null;
}) {
  const [shown, setShown] = useState(shownAtFirst);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const permission = can.closeConnections(usePrincipal());
  const close = useMutation(
    trpc.connections.close.mutationOptions({
      onSuccess: async () => {
        say("The connection is closed.");
        await queryClient.invalidateQueries({ queryKey: trpc.connections.pathKey() });
      },
      onError: (error) => complain(error, "The connection was not closed"),
    }),
  );
  const ask = (connection: ServedConnection) =>
    confirm({
      title: `Close the connection of ${peerOf(connection)}?`,
      body: `${whatItDoes(connection)} The requestor is told nothing more on this connection; it may connect again at once.`,
      action: "Close connection",
      dangerous: true,
      onConfirm: () => close.mutate({ id: connection.id }),
    });
  const rows = props.connections.slice(0, shown);

  return (
    <Panel title="Connections being served" labelledBy="connections-title" flush>
      {props.connections.length === 0 ? (
        <EmptyState
          icon={<IconPlugConnected size={28} stroke={1.4} />}
          title={`No requestor is connected${props.family === null ? "" : ` for DHCPv${props.family}`}`}
        >
          Bulk and active leasequery come over TCP. A server takes connections where its configuration has{" "}
          <span className="mono">allow-bulk-leasequery</span> or <span className="mono">allow-active-leasequery</span>,
          and they appear here while they are open.
        </EmptyState>
      ) : (
        <Table.ScrollContainer minWidth={980}>
          <Table aria-labelledby="connections-title" data-testid="connections" className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Requestor</Table.Th>
                <Table.Th>Phase</Table.Th>
                <Table.Th>Asks for</Table.Th>
                <Table.Th className="num">Messages/s</Table.Th>
                <Table.Th className="num">Sent</Table.Th>
                <Table.Th className="num">Backlog</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>
                  <span className={classes.hidden}>Close</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((connection) => (
                <Table.Tr key={connection.id} data-connection={connection.id} data-phase={connection.phase}>
                  <Table.Td>
                    <Peer connection={connection} />
                  </Table.Td>
                  <Table.Td>
                    <Mark
                      tone={phases[connection.phase].tone}
                      meaning={phases[connection.phase].meaning}
                      state={connection.phase}
                    >
                      {phases[connection.phase].label}
                    </Mark>
                  </Table.Td>
                  <Table.Td>
                    {connection.queries.length === 0 ? (
                      <Text size="sm" c="dimmed">
                        nothing now
                      </Text>
                    ) : (
                      connection.queries.map((query) => <Query key={`${query.kind} ${query.xid}`} query={query} />)
                    )}
                  </Table.Td>
                  <Table.Td className="num">{formatCount(connection.messagesPerSecond)}</Table.Td>
                  <Table.Td className="num">
                    <div>{formatCount(connection.messagesSent)}</div>
                    <Text size="xs" c="dimmed">
                      {formatOctets(connection.octetsSent)}
                    </Text>
                  </Table.Td>
                  <Table.Td className="num">
                    <Backlog connection={connection} />
                  </Table.Td>
                  <Table.Td className={classes.whole}>
                    <Ago seconds={connection.sinceMs / 1000} />
                  </Table.Td>
                  <Table.Td className={classes.actions}>
                    <ActionButton
                      permission={permission}
                      variant="default"
                      size="compact-xs"
                      leftSection={<IconPlugConnectedX size={13} />}
                      onClick={() => ask(connection)}
                    >
                      Close<span className={classes.hidden}> {peerOf(connection)}</span>
                    </ActionButton>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {rows.length < props.connections.length && (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setShown(shown + shownAtFirst)}>
            Show more of {formatCountOf(props.connections.length, "connection")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Peer({ connection }: { readonly connection: ServedConnection }) {
  return (
    <>
      <div className={classes.peer}>
        <span className="mono">{peerOf(connection)}</span>
        {connection.tls && (
          <span className={classes.tls}>
            <IconLock size={12} aria-hidden /> TLS
          </span>
        )}
      </div>
      <Text size="xs" c="dimmed">
        DHCPv{connection.family} at {connection.instance}
        {connection.tlsPeer !== null && <>, certificate of {connection.tlsPeer}</>}
      </Text>
    </>
  );
}

function Query({ query }: { readonly query: ServedQuery }) {
  return (
    <div className={classes.query}>
      <div>{query.key === "" ? "changes" : query.key}</div>
      <Text size="xs" c="dimmed">
        {progressText(query, formatCount)} · xid <span className="mono">{query.xid}</span>
      </Text>
      {query.percent !== null && (
        <div
          className={classes.progress}
          role="progressbar"
          aria-label={`How far the query ${query.xid} is`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(query.percent)}
        >
          <span style={{ width: `${query.percent}%` }} />
        </div>
      )}
    </div>
  );
}

function Backlog({ connection }: { readonly connection: ServedConnection }) {
  const { backlogOctets, backlogChanges } = connection;
  if (backlogOctets === 0 && backlogChanges === 0) return <span className={classes.none}>none</span>;
  return (
    <>
      {backlogOctets > 0 && <div>{formatOctets(backlogOctets)}</div>}
      {backlogChanges > 0 && <div>{formatCountOf(backlogChanges, "change")}</div>}
      {isSlow(connection) && (
        <Mark
          tone="warn"
          meaning="The requestor reads nothing at the moment. The server waits; nothing else is held up."
        >
          not reading
        </Mark>
      )}
    </>
  );
}

function peerOf({ peerAddress, peerPort }: ServedConnection): string {
  return `${peerAddress}#${peerPort}`;
}

function whatItDoes(connection: ServedConnection): string {
  switch (connection.phase) {
    case "active":
    case "catch-up":
      return "It is told changes as they happen, and misses those after the closing until it returns and catches up.";
    case "bulk":
      return "Its bulk query is not finished: what was sent so far is incomplete.";
    default:
      return "Nothing is being sent to it now.";
  }
}
