"use client";

import type { RelayBindingState, RelayBindingStates, RelayBulkConnections } from "@leasewire/api";
import { Anchor, Table } from "@mantine/core";
import Link from "next/link";
import { formatCount } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { Panel } from "#ui/page.tsx";
import classes from "./statistics.module.css";

const stateMeanings: Readonly<Record<RelayBindingState, string>> = {
  INIT: "Seen, and nothing asked yet.",
  SELECTING: "Offers are being collected.",
  REQUESTING: "Asked for a chosen address.",
  BOUND: "Has an active lease.",
  RENEWING: "Extends the lease at its own server.",
  REBINDING: "Extends the lease at any server.",
  RELEASE: "Gives the lease back.",
};

/** How far the clients behind the relay are. */
export function RelayStates({ states }: { readonly states: RelayBindingStates }) {
  const figures = Object.entries(states.byState) as [RelayBindingState, number][];
  return (
    <Panel
      title="Clients by state"
      labelledBy="relay-states"
      flush
      actions={
        <Anchor component={Link} href={paths.bindings({ family: states.family, role: "relay" })} size="sm">
          Their bindings
        </Anchor>
      }
    >
      <dl className={classes.totals} data-testid="relay-states">
        {figures.map(([name, value]) => (
          <div key={name} className={classes.figure} title={stateMeanings[name]}>
            <dt>{name}</dt>
            <dd>{formatCount(value)}</dd>
          </div>
        ))}
        <div className={classes.figure} title="A leasequery for their bindings is under way; their packets wait.">
          <dt>Waiting to be restored</dt>
          <dd>{formatCount(states.waitingToBeRestored)}</dd>
        </div>
        <div className={classes.figure}>
          <dt>Total</dt>
          <dd>{formatCount(states.total)}</dd>
        </div>
      </dl>
    </Panel>
  );
}

/** Connections of the relay for bulk leasequery: the fields of the vendor's schema, and what was not used. */
export function RelayBulkCounters({ statistics }: { readonly statistics: RelayBulkConnections }) {
  const figures = [
    ["Requested", statistics.requested],
    ["Attempted", statistics.attempted],
    ["Connected", statistics.connected],
    ["Terminated by server", statistics.terminatedByServer],
    ["Reached max attempts", statistics.reachedMaxAttempts],
    ["Closed due to error", statistics.closedDueToError],
    ["In flight", statistics.inFlight],
    ["Reply packet retries", statistics.replyPacketRetries],
    ["Reply max retried", statistics.replyMaxRetried],
  ] as const;
  const counters = [...statistics.drops, ...statistics.notes];
  return (
    <Panel
      title="Bulk leasequery"
      labelledBy="relay-bulk"
      flush
      actions={
        <Anchor component={Link} href={paths.recovery()} size="sm">
          Recovery
        </Anchor>
      }
    >
      <dl className={classes.totals} data-testid="relay-bulk-connections">
        {figures.map(([name, value]) => (
          <div key={name} className={classes.figure}>
            <dt>{name}</dt>
            <dd>{formatCount(value)}</dd>
          </div>
        ))}
      </dl>
      {counters.length > 0 && (
        <Table aria-label="Leases that were not used, or unusual">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Reason</Table.Th>
              <Table.Th className={`num ${classes.number}`}>Count</Table.Th>
              <Table.Th>Meaning</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {counters.map((counter) => (
              <Table.Tr key={counter.name}>
                <Table.Td className="mono">{counter.name}</Table.Td>
                <Table.Td className="num">{formatCount(counter.value)}</Table.Td>
                <Table.Td className={classes.meaning}>{counter.explanation}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {statistics.queries.length > 0 && (
        <Table aria-label="Bulk queries under way">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Xid</Table.Th>
              <Table.Th>Servers</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {statistics.queries.map((query) => (
              <Table.Tr key={`${query.runId} ${query.xid}`}>
                <Table.Td>
                  <Anchor component={Link} href={paths.recovery({ run: query.runId })} className="mono" size="sm">
                    {query.xid}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  {query.servers.map((server) => (
                    <div key={server.address}>
                      <span className="mono">{server.address}</span> {server.state}, {server.attempts}{" "}
                      {server.attempts === 1 ? "attempt" : "attempts"}
                    </div>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
