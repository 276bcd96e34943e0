"use client";

import type { RelayStatistics, ServerBulkConnections, ServerStatistics } from "@leasewire/api";
import { Anchor, SegmentedControl, Select } from "@mantine/core";
import { IconEraser } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsStringLiteral, useQueryStates } from "nuqs";
import { useEffect, useState } from "react";
import { formatCount, formatTimeMs } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { parseAsFamily, parseAsText } from "#lib/url-state.ts";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { complain, say } from "#ui/toast.tsx";
import { CounterTable } from "./counter-table.tsx";
import { LeasequeryCounters } from "./leasequery-counters.tsx";
import { type Sample, withSample } from "./rates.ts";
import { RelayBulkCounters, RelayStates } from "./relay-counters.tsx";
import classes from "./statistics.module.css";

const refetchPeriodMs = 2_000;

/** What relays and servers count alike. */
type MessageStatistics = RelayStatistics | ServerStatistics;

const statisticsUrl = {
  family: parseAsFamily.withDefault(4),
  of: parseAsStringLiteral(["relay", "server"] as const).withDefault("relay"),
  instance: parseAsText(128).withDefault(""),
};

type Input = { readonly family: 4 | 6; readonly logicalSystem?: string; readonly routingInstance?: string };

export function StatisticsPage() {
  const [url, setUrl] = useQueryStates(statisticsUrl, { history: "replace" });
  const input = { family: url.family, ...selectorOf(url.instance) };
  const View = url.of === "server" ? ServerCounters : RelayCounters;
  const [sinceMs, setSinceMs] = useState<number | null>(null);

  return (
    <Page>
      <PageHeader
        title="Statistics"
        description={
          sinceMs === null
            ? `What the ${url.of === "server" ? "local servers" : "relays"} received, sent and dropped`
            : `Counted since ${formatTimeMs(sinceMs)} UTC, read every ${refetchPeriodMs / 1000} seconds`
        }
        actions={
          <>
            <SegmentedControl
              aria-label="Counters of"
              value={url.of}
              onChange={(of) => void setUrl({ of: of === "server" ? "server" : null, instance: null })}
              data={[
                { value: "relay", label: "Relay" },
                { value: "server", label: "Server" },
              ]}
            />
            <SegmentedControl
              aria-label="Family"
              value={String(url.family)}
              onChange={(family) => void setUrl({ family: family === "6" ? 6 : 4 })}
              data={[
                { value: "4", label: "DHCPv4" },
                { value: "6", label: "DHCPv6" },
              ]}
            />
            <InstanceFilter
              family={url.family}
              of={url.of}
              value={url.instance}
              onChange={(instance) => void setUrl({ instance: instance === "" ? null : instance })}
            />
            <ClearButtons input={input} of={url.of} where={url.instance} />
          </>
        }
      />
      <View key={url.of} input={input} onSince={setSinceMs} />
    </Page>
  );
}

interface CountersProps {
  readonly input: Input;
  readonly onSince: (sinceMs: number | null) => void;
}

const polled = { refetchInterval: refetchPeriodMs, placeholderData: keepPreviousData };

function RelayCounters({ input, onSince }: CountersProps) {
  const trpc = useTRPC();
  const relay = useQuery(trpc.statistics.relay.queryOptions(input, polled));
  const leasequery = useQuery(trpc.statistics.relayLeasequery.queryOptions(input, polled));
  const bulk = useQuery(trpc.statistics.relayBulkConnections.queryOptions(input, polled));
  const states = useQuery(trpc.statistics.relayBindingStates.queryOptions(input, polled));
  const samples = useSamples(relay.isPlaceholderData ? undefined : relay.data, relay.dataUpdatedAt);
  const failed = relay.error ?? leasequery.error ?? bulk.error ?? states.error;
  useSince(relay.data, onSince);
  return (
    <>
      {failed !== null && <ErrorNotice error={failed} title="The counters shown may be old" />}
      {(relay.isPending || leasequery.isPending) && failed === null && <Loading label="Reading counters" />}
      <div className={classes.page} data-testid="statistics">
        {states.data !== undefined && <RelayStates states={states.data} />}
        {relay.data !== undefined && (
          <CounterTable
            id="messages-forwarded"
            title="Messages passed on between clients and servers"
            nameTitle="Message"
            counters={relay.data.forwarded}
            none="Nothing was passed on: clients reach a relay over its access interfaces, and servers answer it."
            samples={samples}
          />
        )}
        {relay.data !== undefined && <MessageCounters statistics={relay.data} samples={samples} />}
        {leasequery.data !== undefined && <LeasequeryCounters statistics={leasequery.data} />}
        {bulk.data !== undefined && <RelayBulkCounters statistics={bulk.data} />}
      </div>
    </>
  );
}

function ServerCounters({ input, onSince }: CountersProps) {
  const trpc = useTRPC();
  const server = useQuery(trpc.statistics.server.queryOptions(input, polled));
  const bulk = useQuery(trpc.statistics.serverBulkConnections.queryOptions(input, polled));
  const pools = useQuery(trpc.pools.list.queryOptions({}, { staleTime: 30_000 }));
  const samples = useSamples(server.isPlaceholderData ? undefined : server.data, server.dataUpdatedAt);
  const failed = server.error ?? bulk.error;
  useSince(server.data, onSince);
  const running = pools.data?.servers.some((one) => one.family === input.family);
  return (
    <>
      {failed !== null && <ErrorNotice error={failed} title="The counters shown may be old" />}
      {(server.isPending || bulk.isPending) && failed === null && <Loading label="Reading counters" />}
      {running === false && (
        <Notice tone="info" title={`No DHCPv${input.family} local server is running, so nothing is counted`}>
          Configure one under{" "}
          <Anchor component={Link} href={paths.configuration()} size="sm" underline="always">
            Configuration
          </Anchor>
          : <span className="mono">set system services dhcp-local-server {input.family === 6 ? "dhcpv6 " : ""}…</span>
        </Notice>
      )}
      <div className={classes.page} data-testid="statistics">
        {bulk.data !== undefined && <BulkConnections statistics={bulk.data} />}
        {server.data !== undefined && <MessageCounters statistics={server.data} samples={samples} />}
      </div>
    </>
  );
}

function useSince(statistics: MessageStatistics | undefined, onSince: CountersProps["onSince"]): void {
  const sinceMs = statistics?.sinceMs ?? null;
  useEffect(() => onSince(sinceMs), [sinceMs, onSince]);
}

/** Connections for bulk leasequery: the fields of the vendor's schema. */
function BulkConnections({ statistics }: { readonly statistics: ServerBulkConnections }) {
  const figures = [
    ["Accepted", statistics.accepted],
    ["Not accepted", statistics.notAccepted],
    ["Closed due to error", statistics.closedDueToError],
    ["Closed due to max-empty-replies", statistics.closedDueToMaxEmptyReplies],
    ["In flight", statistics.inFlight],
  ] as const;
  return (
    <Panel
      title="Connections for bulk leasequery"
      labelledBy="bulk-connections"
      flush
      actions={
        <Anchor component={Link} href={paths.connections({ family: statistics.family })} size="sm">
          Those open now
        </Anchor>
      }
    >
      <dl className={classes.totals} data-testid="bulk-connections">
        {figures.map(([name, value]) => (
          <div key={name} className={classes.figure}>
            <dt>{name}</dt>
            <dd>{formatCount(value)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function MessageCounters(props: { readonly statistics: MessageStatistics; readonly samples: readonly Sample[] }) {
  const { statistics, samples } = props;
  return (
    <>
      <CounterTable
        id="packets-dropped"
        title="Packets dropped"
        nameTitle="Reason"
        counters={statistics.drops}
        total={statistics.dropsTotal}
        none="Nothing was dropped."
        samples={samples}
      />
      {statistics.notes.length > 0 && (
        <CounterTable
          id="notes"
          title="Packets used, but unusual"
          nameTitle="What"
          counters={statistics.notes}
          none=""
          samples={samples}
        />
      )}
      <div className={classes.columns}>
        <CounterTable
          id="messages-received"
          title="Messages received"
          nameTitle="Message"
          counters={statistics.received}
          none="Nothing was received."
          samples={samples}
        />
        <CounterTable
          id="messages-sent"
          title="Messages sent"
          nameTitle="Message"
          counters={statistics.sent}
          none="Nothing was sent."
          samples={samples}
        />
      </div>
    </>
  );
}

function InstanceFilter(props: {
  readonly family: 4 | 6;
  readonly of: "relay" | "server";
  readonly value: string;
  readonly onChange: (instance: string) => void;
}) {
  const trpc = useTRPC();
  const targets = useQuery(trpc.leasequery.targets.queryOptions(undefined, { staleTime: 30_000 }));
  const pools = useQuery(trpc.pools.list.queryOptions({}, { staleTime: 30_000 }));
  const all = props.of === "server" ? pools.data?.servers : targets.data?.relays;
  const known = (all ?? []).filter((one) => one.family === props.family);
  const instances = [...new Set([...known.map((one) => one.instance), ...(props.value === "" ? [] : [props.value])])];
  return (
    <Select
      aria-label="Instance"
      w={190}
      allowDeselect={false}
      value={props.value}
      onChange={(value) => props.onChange(value ?? "")}
      data={[{ value: "", label: "Every instance" }, ...instances.map((value) => ({ value, label: value }))]}
    />
  );
}

function ClearButtons(props: { readonly input: Input; readonly of: "relay" | "server"; readonly where: string }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const permission = can.clearStatistics(usePrincipal());
  const cleared = {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.statistics.pathKey() });
      say("The counters are cleared.");
    },
    onError: (error: unknown) => complain(error, "Nothing was cleared"),
  };
  const clearRelay = useMutation(trpc.statistics.clear.mutationOptions(cleared));
  const clearServer = useMutation(trpc.statistics.clearServer.mutationOptions(cleared));
  const where = props.where === "" ? "every instance" : props.where;
  const ask = (title: string, what: string, clear: () => void) =>
    confirm({
      title,
      body: `The ${what} counters of DHCPv${props.input.family} in ${where} begin again at zero. The values shown now are lost.`,
      action: "Clear",
      dangerous: true,
      onConfirm: clear,
    });
  const common = { permission, variant: "default", leftSection: <IconEraser size={14} /> };
  if (props.of === "server") {
    const bulk = "bulk-leasequery-connections" as const;
    return (
      <>
        <ActionButton
          {...common}
          onClick={() =>
            ask("Clear bulk connection counters?", "bulk connection", () =>
              clearServer.mutate({ ...props.input, what: bulk }),
            )
          }
        >
          Clear bulk connections
        </ActionButton>
        <ActionButton
          {...common}
          onClick={() => ask("Clear all counters?", "server", () => clearServer.mutate(props.input))}
        >
          Clear all
        </ActionButton>
      </>
    );
  }
  return (
    <>
      <ActionButton
        {...common}
        onClick={() =>
          ask("Clear leasequery counters?", "leasequery", () =>
            clearRelay.mutate({ ...props.input, what: "leasequery" }),
          )
        }
      >
        Clear leasequery
      </ActionButton>
      <ActionButton
        {...common}
        onClick={() =>
          ask("Clear bulk connection counters?", "bulk connection", () =>
            clearRelay.mutate({ ...props.input, what: "bulk-leasequery-connections" }),
          )
        }
      >
        Clear bulk connections
      </ActionButton>
      <ActionButton
        {...common}
        onClick={() => ask("Clear all counters?", "relay", () => clearRelay.mutate(props.input))}
      >
        Clear all
      </ActionButton>
    </>
  );
}

/** The values of the last seconds, to tell how fast they rise. Another family or instance begins anew. */
function useSamples(statistics: MessageStatistics | undefined, atMs: number): readonly Sample[] {
  const [kept, setKept] = useState<{ readonly of: string; readonly samples: readonly Sample[] }>({
    of: "",
    samples: [],
  });
  useEffect(() => {
    if (statistics === undefined) return;
    const of = `${statistics.family} ${statistics.sinceMs}`;
    const sample = { atMs, values: valuesOf(statistics) };
    setKept((before) => ({ of, samples: withSample(before.of === of ? before.samples : [], sample) }));
  }, [statistics, atMs]);
  return kept.samples;
}

function valuesOf(statistics: MessageStatistics): ReadonlyMap<string, number> {
  const named = (id: string, counters: MessageStatistics["drops"]) =>
    counters.map((counter) => [`${id} ${counter.name}`, counter.value] as const);
  return new Map([
    ["packets-dropped total", statistics.dropsTotal],
    ...named("packets-dropped", statistics.drops),
    ...named("notes", statistics.notes),
    ...named("messages-received", statistics.received),
    ...named("messages-sent", statistics.sent),
    ...("forwarded" in statistics ? named("messages-forwarded", statistics.forwarded) : []),
  ]);
}

function selectorOf(instance: string): { logicalSystem?: string; routingInstance?: string } {
  const [logicalSystem, routingInstance] = instance.split(":");
  return instance === "" ? {} : { logicalSystem, routingInstance };
}
