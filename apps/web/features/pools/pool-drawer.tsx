"use client";

import type { Pool, PoolHistory } from "@leasewire/api";
import { Button, Drawer, SegmentedControl, Table } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { ReactNode } from "react";
import { formatLargeCount, formatSpan } from "#lib/format.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Mono } from "#ui/copy.tsx";
import { Facts } from "#ui/facts.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { poolStates } from "./pool-states.ts";
import classes from "./pools.module.css";
import { bindingsOf } from "./pools-filter.ts";
import { UsageBar } from "./usage-bar.tsx";

const PoolChart = dynamic(() => import("./pool-chart.tsx"), {
  ssr: false,
  loading: () => <Loading label="Drawing the chart" />,
});

type Span = "hour" | "day";

/** One pool: numbers, its past, its ranges. `id` is the one in the URL. */
export function PoolDrawer(props: {
  readonly id: string | null;
  readonly pool: Pool | undefined;
  readonly gone: boolean;
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  readonly onClose: () => void;
}) {
  return (
    <Drawer
      opened={props.id !== null}
      onClose={props.onClose}
      position="right"
      size="min(760px, 96vw)"
      title="Pool"
      closeButtonProps={{ "aria-label": "Close" }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      data-testid="pool-drawer"
    >
      {props.gone && (
        <Notice tone="warn" title="This pool is not in the configuration">
          It may have been taken out, or the link is from another Leasewire.
        </Notice>
      )}
      {props.pool !== undefined && <PoolOnShow pool={props.pool} span={props.span} onSpan={props.onSpan} />}
    </Drawer>
  );
}

function PoolOnShow({
  pool,
  span,
  onSpan,
}: {
  readonly pool: Pool;
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
}) {
  const state = poolStates[pool.state];
  return (
    <div className={classes.drawerBody}>
      <div className={classes.drawerTitle}>
        <h2 className={classes.drawerName}>{pool.name}</h2>
        <Mark tone={state.tone} meaning={state.meaning} state={pool.state}>
          {state.label}
        </Mark>
        <Button component={Link} href={bindingsOf(pool)} variant="default" leftSection={<IconListDetails size={14} />}>
          Bindings of this pool
        </Button>
      </div>
      <UsageBar pool={pool} name={pool.name} />
      <History
        pool={pool}
        span={span}
        control={
          <SegmentedControl
            aria-label="Span"
            value={span}
            onChange={(value) => onSpan(value === "day" ? "day" : "hour")}
            data={[
              { value: "hour", label: "Last hour" },
              { value: "day", label: "Last day" },
            ]}
          />
        }
      />
      <Panel title="Numbers">
        <Facts
          facts={[
            { label: "Total", value: formatLargeCount(pool.total) },
            { label: "Active", value: formatLargeCount(pool.active) },
            { label: "Offered", value: formatLargeCount(pool.offered) },
            { label: "Reserved for hosts", value: formatLargeCount(pool.reserved) },
            { label: "Declined", value: formatLargeCount(pool.declined) },
            { label: "Free", value: formatLargeCount(pool.free) },
            { label: "Instance", value: <Mono>{pool.instance}</Mono> },
            { label: pool.family === 4 ? "Network" : "Prefix", value: <Mono copy="network">{pool.prefix}</Mono> },
            { label: "Lease time", value: formatSpan(pool.leaseTimeSeconds) },
            {
              label: "Links served",
              value:
                pool.links.length === 0 ? "its own network" : <span className="mono">{pool.links.join(", ")}</span>,
            },
          ]}
        />
      </Panel>
      <Panel title="Ranges" labelledBy="pool-ranges" flush>
        <Table aria-labelledby="pool-ranges">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Range</Table.Th>
              <Table.Th>First</Table.Th>
              <Table.Th>Last</Table.Th>
              <Table.Th>Gives out</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pool.ranges.map((range) => (
              <Table.Tr key={range.name}>
                <Table.Td>{range.name}</Table.Td>
                <Table.Td className="mono">{range.low}</Table.Td>
                <Table.Td className="mono">{range.high}</Table.Td>
                <Table.Td>
                  {range.delegatedLength === null ? "addresses" : `prefixes of length ${range.delegatedLength}`}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Panel>
    </div>
  );
}

function History(props: { readonly pool: Pool; readonly span: Span; readonly control: ReactNode }) {
  const { pool, span } = props;
  const trpc = useTRPC();
  const history = useQuery(
    trpc.pools.history.queryOptions({ id: pool.id, span }, { refetchInterval: span === "hour" ? 15_000 : 60_000 }),
  );
  return (
    <Panel title="Over time" actions={props.control}>
      {history.isPending && <Loading label="Reading the past" />}
      {history.isError && <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />}
      {history.data !== undefined && <Chart pool={pool} history={history.data} />}
    </Panel>
  );
}

function Chart({ pool, history }: { readonly pool: Pool; readonly history: PoolHistory }) {
  const { samples } = history;
  if (samples.length < 2) {
    return (
      <p className={classes.noHistory}>
        Nothing to draw yet: the pool is looked at every {formatSpan(history.periodSeconds)} while Leasewire runs.
      </p>
    );
  }
  const actives = samples.map((sample) => sample.active);
  const low = formatLargeCount(Math.min(...actives));
  const high = formatLargeCount(Math.max(...actives));
  return (
    <PoolChart
      samples={samples}
      periodSeconds={history.periodSeconds}
      label={`Active leases of ${pool.name} over the last ${formatSpan((samples.at(-1)?.atSeconds ?? 0) - (samples[0]?.atSeconds ?? 0))}: between ${low} and ${high} of ${formatLargeCount(pool.total)}`}
    />
  );
}
