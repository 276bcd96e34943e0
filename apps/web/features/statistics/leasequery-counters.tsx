"use client";

import type { RelayLeasequeryStatistics } from "@leasewire/api";
import { Anchor, Table, Text } from "@mantine/core";
import Link from "next/link";
import { formatCount } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { Panel } from "#ui/page.tsx";
import classes from "./statistics.module.css";

/** Totals of individual leasequeries, and each query with its servers. */
export function LeasequeryCounters({ statistics }: { readonly statistics: RelayLeasequeryStatistics }) {
  const totals = [
    ["In-flight queries", statistics.inFlightQueries],
    ["Total queries", statistics.totalQueries],
    ["Total attempts", statistics.totalAttempts],
    ["Reply packet retries", statistics.replyPacketRetries],
    ["Replies given up after max retries", statistics.repliesGivenUp],
  ] as const;
  return (
    <Panel title="Individual leasequeries" labelledBy="leasequery-counters" flush>
      <dl className={classes.totals} data-testid="leasequery-totals">
        {totals.map(([name, value]) => (
          <div key={name} className={classes.figure}>
            <dt>{name}</dt>
            <dd>{formatCount(value)}</dd>
          </div>
        ))}
      </dl>
      {statistics.queries.length === 0 ? (
        <Text size="sm" c="dimmed" px="sm" pb="sm">
          No query is kept: none was made since the counters began.
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={640} mah={420}>
          <Table aria-labelledby="leasequery-counters" data-testid="leasequery-queries" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Xid</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th className="num">Confirmed</Table.Th>
                <Table.Th className="num">Unconfirmed</Table.Th>
                <Table.Th className="num">Attempts</Table.Th>
                <Table.Th>Servers</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {statistics.queries.map((query) => (
                <Table.Tr key={`${query.runId} ${query.xid}`}>
                  <Table.Td>
                    <Anchor
                      component={Link}
                      href={paths.leasequery({ family: statistics.family, run: query.runId })}
                      className="mono"
                      size="sm"
                    >
                      {query.xid}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{query.state}</Table.Td>
                  <Table.Td className="num">{formatCount(query.confirmedReplies)}</Table.Td>
                  <Table.Td className="num">{formatCount(query.unconfirmedReplies)}</Table.Td>
                  <Table.Td className="num">{formatCount(query.attempts)}</Table.Td>
                  <Table.Td>
                    {query.servers.map((server) => (
                      <div key={`${server.serverAddress} ${server.xid}`}>
                        <span className="mono">{server.serverAddress}</span> {server.state}
                        {server.xid !== query.xid && <span className={classes.dim}> as {server.xid}</span>}
                      </div>
                    ))}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
