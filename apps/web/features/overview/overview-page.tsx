"use client";

import type { LeasequeryRun, LeasequeryTargets } from "@leasewire/api";
import { Anchor, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useSystemInfo } from "#features/shell/system-info.ts";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { useThrottled } from "#lib/throttle.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { Ago } from "#ui/time.tsx";
import { FamilyTotals } from "./family-totals.tsx";
import { FirstSteps } from "./first-steps.tsx";
import classes from "./overview-page.module.css";
import { SeeRecovery } from "./see-recovery.tsx";

const runsShown = 8;
/** How often totals are counted again while bindings change. */
const totalsPeriodMs = 1_000;

export function OverviewPage() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const targets = useQuery(trpc.leasequery.targets.queryOptions());
  const runs = useQuery(trpc.leasequery.list.queryOptions({ limit: runsShown }));
  const totals4 = useQuery(trpc.bindings.summary.queryOptions({ family: 4 }));
  const totals6 = useQuery(trpc.bindings.summary.queryOptions({ family: 6 }));

  const countAgain = useThrottled(
    () => void queryClient.invalidateQueries({ queryKey: trpc.bindings.summary.pathKey() }),
    totalsPeriodMs,
  );
  const listAgain = useThrottled(
    () => void queryClient.invalidateQueries({ queryKey: trpc.leasequery.list.pathKey() }),
    totalsPeriodMs,
  );
  useWatch("bindings4", countAgain);
  useWatch("bindings6", countAgain);
  useWatch("runs", listAgain);
  useLiveEvent("bindings", countAgain);
  useLiveEvent("bindingsOverflow", countAgain);
  useLiveEvent("run", listAgain);

  const empty = totals4.data?.total === 0 && totals6.data?.total === 0 && runs.data?.length === 0;
  return (
    <Page>
      <PageHeader title="Overview" description="What is known, who is asked, and what needs attention" />
      <AlarmNotices />
      {empty && targets.data && <FirstSteps targets={targets.data} />}
      {!empty && <SeeRecovery />}
      <div className={classes.columns}>
        <FamilyTotals family={4} totals={totals4} />
        <FamilyTotals family={6} totals={totals6} />
      </div>
      <Panel
        title="Last leasequeries"
        flush
        actions={
          <Anchor component={Link} href={paths.leasequery()} size="sm">
            New leasequery
          </Anchor>
        }
      >
        {runs.isPending && <Loading />}
        {runs.isError && <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />}
        {runs.data && <LastRuns runs={runs.data} />}
      </Panel>
      <Panel title="Relays and the servers they know" flush>
        {targets.isPending && <Loading />}
        {targets.isError && <ErrorNotice error={targets.error} onRetry={() => void targets.refetch()} />}
        {targets.data && <Relays relays={targets.data.relays} />}
      </Panel>
    </Page>
  );
}

function AlarmNotices() {
  const alarms = useSystemInfo().data?.alarms ?? [];
  return alarms.map((alarm) => (
    <Notice key={alarm.text} tone={alarm.severity === "critical" ? "bad" : "warn"} title={alarm.text}>
      {alarm.remedy}
    </Notice>
  ));
}

function LastRuns({ runs }: { readonly runs: readonly LeasequeryRun[] }) {
  if (runs.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        No leasequery has run yet.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table aria-label="Last leasequeries">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Query</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id}>
              <Table.Td>
                <Anchor component={Link} href={paths.leasequery({ run: run.id })} size="sm" className="mono">
                  {run.key}
                </Anchor>{" "}
                <Text span size="xs" c="dimmed">
                  DHCPv{run.family}
                </Text>
              </Table.Td>
              <Table.Td>
                <span className={classes.runState} data-state={run.state}>
                  {run.state}
                </span>
              </Table.Td>
              <Table.Td>{run.outcome}</Table.Td>
              <Table.Td>{run.startedBy}</Table.Td>
              <Table.Td>
                <Ago seconds={run.startedAtMs / 1000} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Relays({ relays }: { readonly relays: LeasequeryTargets["relays"] }) {
  if (relays.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        No relay is configured, so nobody can be asked. Add{" "}
        <span className="mono">set forwarding-options dhcp-relay server-group …</span> under{" "}
        <Anchor component={Link} href={paths.configuration()} size="sm" underline="always">
          Configuration
        </Anchor>
        .
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table aria-label="Relays and servers">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Relay</Table.Th>
            <Table.Th>Family</Table.Th>
            <Table.Th>Gateway address</Table.Th>
            <Table.Th>Servers</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {relays.map((relay) => (
            <Table.Tr key={`${relay.instance}/${relay.family}`}>
              <Table.Td className="mono">{relay.instance}</Table.Td>
              <Table.Td>DHCPv{relay.family}</Table.Td>
              <Table.Td className="mono">{relay.gatewayAddress ?? "—"}</Table.Td>
              <Table.Td>
                {relay.unavailable !== null ? (
                  <span className={classes.unavailable}>{relay.unavailable}</span>
                ) : (
                  relay.servers.map((server) => (
                    <div key={`${server.address}#${server.port}/${server.group}`}>
                      <span className="mono">
                        {server.address}#{server.port}
                      </span>
                      {server.group !== null && (
                        <Text span size="xs" c="dimmed">
                          {" "}
                          group {server.group}
                        </Text>
                      )}
                    </div>
                  ))
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
