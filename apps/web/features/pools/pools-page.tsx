"use client";

import type { Pool, PoolsView } from "@leasewire/api";
import { Anchor, Button, SegmentedControl, Select, Table, Text, TextInput } from "@mantine/core";
import { IconSearch, IconStack2 } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { formatCountOf, formatSpan } from "#lib/format.ts";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { paths } from "#lib/paths.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { PoolDrawer } from "./pool-drawer.tsx";
import { poolStateNames, poolStates } from "./pool-states.ts";
import classes from "./pools.module.css";
import { bindingsOf, filteredPools, type PoolsUrl, poolsShownAtFirst, poolsUrl, poolWarnings } from "./pools-filter.ts";
import { Sparkline } from "./sparkline.tsx";
import { heldText, UsageBar } from "./usage-bar.tsx";

export function PoolsPage() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [url, setUrl] = useQueryStates(poolsUrl, { history: "replace" });
  const options = trpc.pools.list.queryOptions({});
  const view = useQuery(options);
  useWatch("pools", () => void view.refetch());
  useLiveEvent("pools", (next) => queryClient.setQueryData(options.queryKey, next));
  useShortcut({ key: "u", does: "Sort the pools by use, or by name again", run: () => toggleSort() });

  const toggleSort = () => void setUrl({ sort: url.sort === "used" ? null : "used" });
  const pools = view.data?.pools ?? [];
  const shown = filteredPools(pools, url);
  const opened = url.id === null ? undefined : pools.find((pool) => pool.id === url.id);

  return (
    <Page>
      <PageHeader
        title="Pools"
        description={
          <span role="status" data-testid="pools-count">
            {view.data === undefined || pools.length === 0
              ? "What the local servers give out, and how much of it is left"
              : countText(view.data, shown.length)}
          </span>
        }
        actions={pools.length > 0 && <Filters url={url} change={(change) => void setUrl(change)} />}
      />
      {view.data !== undefined &&
        poolWarnings(view.data).map((warning) => (
          <Notice key={warning.text} tone={warning.tone} title={warning.text}>
            Add a range under{" "}
            <Anchor component={Link} href={paths.configuration()} size="sm" underline="always">
              Configuration
            </Anchor>
            : <span className="mono">set access address-assignment pool … family … range …</span>
          </Notice>
        ))}
      {view.isPending && <Loading label="Reading the pools" />}
      {view.isError && (
        <ErrorNotice error={view.error} title="The pools could not be read" onRetry={() => void view.refetch()} />
      )}
      {view.data !== undefined && pools.length === 0 && <NoPools view={view.data} />}
      {pools.length > 0 && shown.length === 0 && (
        <Panel>
          <EmptyState
            title="No pool passes these filters"
            action={
              <Button variant="default" onClick={() => void setUrl({ family: null, state: null, q: null })}>
                Show every pool
              </Button>
            }
          />
        </Panel>
      )}
      {shown.length > 0 && (
        <PoolTable
          pools={shown}
          sortedByUse={url.sort === "used"}
          onSort={toggleSort}
          onOpen={(id) => void setUrl({ id }, { history: "push" })}
        />
      )}
      <PoolDrawer
        id={url.id}
        pool={opened}
        gone={view.isSuccess && url.id !== null && opened === undefined}
        span={url.span}
        onSpan={(span) => void setUrl({ span })}
        onClose={() => void setUrl({ id: null })}
      />
    </Page>
  );
}

function countText({ pools, servers }: PoolsView, shown: number): string {
  const all = formatCountOf(pools.length, "pool");
  const listed = shown === pools.length ? all : `${shown} of ${all}`;
  return `${listed} of ${formatCountOf(servers.length, "local server")}`;
}

function Filters(props: { readonly url: PoolsUrl; readonly change: (change: Partial<PoolsUrl>) => void }) {
  const { url, change } = props;
  return (
    <>
      <SegmentedControl
        aria-label="Family"
        value={String(url.family ?? "all")}
        onChange={(value) => change({ family: value === "4" ? 4 : value === "6" ? 6 : null })}
        data={[
          { value: "all", label: "All" },
          { value: "4", label: "DHCPv4" },
          { value: "6", label: "DHCPv6" },
        ]}
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        clearable
        w={140}
        value={url.state}
        onChange={(state) => change({ state: state as PoolsUrl["state"] })}
        data={poolStateNames.map((value) => ({ value, label: poolStates[value].label }))}
      />
      <TextInput
        aria-label="Search pools"
        placeholder="Name, network, instance…"
        leftSection={<IconSearch size={14} aria-hidden />}
        data-search-field
        w={200}
        defaultValue={url.q ?? ""}
        onChange={(event) => change({ q: event.currentTarget.value.trim() || null })}
        spellCheck={false}
        autoComplete="off"
      />
    </>
  );
}

function PoolTable(props: {
  readonly pools: readonly Pool[];
  readonly sortedByUse: boolean;
  readonly onSort: () => void;
  readonly onOpen: (id: string) => void;
}) {
  const [shown, setShown] = useState(poolsShownAtFirst);
  const rows = props.pools.slice(0, shown);
  const several = new Set(props.pools.map((pool) => pool.instance)).size > 1;
  return (
    <Panel flush>
      <Table.ScrollContainer minWidth={880}>
        <Table aria-label="Address pools" data-testid="pools" className={classes.table} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Pool</Table.Th>
              <Table.Th>Network</Table.Th>
              <Table.Th aria-sort={props.sortedByUse ? "descending" : "none"}>
                <button type="button" className={classes.sort} onClick={props.onSort}>
                  In use{props.sortedByUse ? " ↓" : ""}
                </button>
              </Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Last hour</Table.Th>
              <Table.Th className={classes.whole}>Lease time</Table.Th>
              <Table.Th>
                <span className={classes.hidden}>Bindings</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((pool) => (
              <Row key={pool.id} pool={pool} withInstance={several} onOpen={props.onOpen} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {rows.length < props.pools.length && (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setShown(shown + poolsShownAtFirst)}>
            Show {Math.min(poolsShownAtFirst, props.pools.length - rows.length)} more of{" "}
            {formatCountOf(props.pools.length, "pool")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Row(props: { readonly pool: Pool; readonly withInstance: boolean; readonly onOpen: (id: string) => void }) {
  const { pool } = props;
  const state = poolStates[pool.state];
  const held = heldText(pool);
  return (
    <Table.Tr data-pool={pool.name} data-pool-state={pool.state}>
      <Table.Td>
        <button type="button" className={classes.name} onClick={() => props.onOpen(pool.id)}>
          {pool.name}
        </button>
        <Text size="xs" c="dimmed">
          DHCPv{pool.family}
          {props.withInstance && <> in {pool.instance}</>}
        </Text>
      </Table.Td>
      <Table.Td className="mono">{pool.prefix}</Table.Td>
      <Table.Td className={classes.usageCell}>
        <UsageBar pool={pool} name={pool.name} />
        {held !== "" && (
          <Text size="xs" c="dimmed">
            {held}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Mark tone={state.tone} meaning={state.meaning} state={pool.state}>
          {state.label}
        </Mark>
      </Table.Td>
      <Table.Td>
        <Sparkline points={pool.trend} label={`${pool.name} over the last hour`} />
      </Table.Td>
      <Table.Td className={classes.whole}>{formatSpan(pool.leaseTimeSeconds)}</Table.Td>
      <Table.Td className={classes.links}>
        <Anchor component={Link} href={bindingsOf(pool)} size="sm" aria-label={`Bindings of ${pool.name}`}>
          Bindings
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}

function NoPools({ view }: { readonly view: PoolsView }) {
  return (
    <Panel>
      <EmptyState
        wide
        icon={<IconStack2 size={28} stroke={1.4} />}
        title="No address pool is configured"
        action={
          <Button component={Link} href={paths.configuration()}>
            Open the configuration
          </Button>
        }
      >
        {view.servers.length === 0
          ? "A local server gives out addresses from pools. Configure one of each, for example:"
          : "A local server is running and has nothing to give out. Configure a pool, for example:"}
        <pre className={classes.example}>
          {view.servers.length === 0 && "set system services dhcp-local-server listen-address 192.0.2.1\n"}
          {"set access address-assignment pool homes family inet network 192.0.2.0/24\n"}
          {"set access address-assignment pool homes family inet range clients low 192.0.2.10 high 192.0.2.250"}
        </pre>
      </EmptyState>
    </Panel>
  );
}
