"use client";

import type { RelayStatistics } from "@leasewire/api";
import { SegmentedControl, Select } from "@mantine/core";
import { IconEraser } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useEffect, useState } from "react";
import { formatTimeMs } from "#lib/format.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { parseAsFamily, parseAsText } from "#lib/url-state.ts";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { complain, say } from "#ui/toast.tsx";
import { CounterTable } from "./counter-table.tsx";
import { LeasequeryCounters } from "./leasequery-counters.tsx";
import { type Sample, withSample } from "./rates.ts";
import classes from "./statistics.module.css";

const refetchPeriodMs = 2_000;

const statisticsUrl = { family: parseAsFamily.withDefault(4), instance: parseAsText(128).withDefault("") };

export function StatisticsPage() {
  const trpc = useTRPC();
  const [url, setUrl] = useQueryStates(statisticsUrl, { history: "replace" });
  const input = { family: url.family, ...selectorOf(url.instance) };
  const polled = { refetchInterval: refetchPeriodMs, placeholderData: keepPreviousData };
  const relay = useQuery(trpc.statistics.relay.queryOptions(input, polled));
  const leasequery = useQuery(trpc.statistics.relayLeasequery.queryOptions(input, polled));
  const samples = useSamples(relay.isPlaceholderData ? undefined : relay.data, relay.dataUpdatedAt);
  const failed = relay.error ?? leasequery.error;

  return (
    <Page>
      <PageHeader
        title="Statistics"
        description={
          relay.data === undefined
            ? "What the relays sent, received and dropped"
            : `Counted since ${formatTimeMs(relay.data.sinceMs)} UTC, read every ${refetchPeriodMs / 1000} seconds`
        }
        actions={
          <>
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
              value={url.instance}
              onChange={(instance) => void setUrl({ instance: instance === "" ? null : instance })}
            />
            <ClearButtons input={input} where={url.instance} />
          </>
        }
      />
      {failed !== null && <ErrorNotice error={failed} title="The counters shown may be old" />}
      {(relay.isPending || leasequery.isPending) && failed === null && <Loading label="Reading counters" />}
      <div className={classes.page} data-testid="statistics">
        {leasequery.data !== undefined && <LeasequeryCounters statistics={leasequery.data} />}
        {relay.data !== undefined && (
          <>
            <CounterTable
              id="packets-dropped"
              title="Packets dropped"
              nameTitle="Reason"
              counters={relay.data.drops}
              total={relay.data.dropsTotal}
              none="Nothing was dropped."
              samples={samples}
            />
            {relay.data.notes.length > 0 && (
              <CounterTable
                id="notes"
                title="Packets used, but unusual"
                nameTitle="What"
                counters={relay.data.notes}
                none=""
                samples={samples}
              />
            )}
            <div className={classes.columns}>
              <CounterTable
                id="messages-received"
                title="Messages received"
                nameTitle="Message"
                counters={relay.data.received}
                none="Nothing was received."
                samples={samples}
              />
              <CounterTable
                id="messages-sent"
                title="Messages sent"
                nameTitle="Message"
                counters={relay.data.sent}
                none="Nothing was sent."
                samples={samples}
              />
            </div>
          </>
        )}
      </div>
    </Page>
  );
}

function InstanceFilter(props: {
  readonly family: 4 | 6;
  readonly value: string;
  readonly onChange: (instance: string) => void;
}) {
  const trpc = useTRPC();
  const targets = useQuery(trpc.leasequery.targets.queryOptions(undefined, { staleTime: 30_000 }));
  const known = (targets.data?.relays ?? []).filter((relay) => relay.family === props.family);
  const instances = [
    ...new Set([...known.map((relay) => relay.instance), ...(props.value === "" ? [] : [props.value])]),
  ];
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

function ClearButtons(props: {
  readonly input: { readonly family: 4 | 6; readonly logicalSystem?: string; readonly routingInstance?: string };
  readonly where: string;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const permission = can.clearStatistics(usePrincipal());
  const clear = useMutation(
    trpc.statistics.clear.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.statistics.pathKey() });
        say("The counters are cleared.");
      },
      onError: (error) => complain(error, "Nothing was cleared"),
    }),
  );
  const where = props.where === "" ? "every instance" : props.where;
  const ask = (what: "leasequery" | undefined, title: string) =>
    confirm({
      title,
      body: `The ${what === undefined ? "relay" : what} counters of DHCPv${props.input.family} in ${where} begin again at zero. The values shown now are lost.`,
      action: "Clear",
      dangerous: true,
      onConfirm: () => clear.mutate({ ...props.input, what }),
    });
  const common = { permission, variant: "default", leftSection: <IconEraser size={14} /> };
  return (
    <>
      <ActionButton {...common} onClick={() => ask("leasequery", "Clear leasequery counters?")}>
        Clear leasequery
      </ActionButton>
      <ActionButton {...common} onClick={() => ask(undefined, "Clear all counters?")}>
        Clear all
      </ActionButton>
    </>
  );
}

/** The values of the last seconds, to tell how fast they rise. Another family or instance begins anew. */
function useSamples(statistics: RelayStatistics | undefined, atMs: number): readonly Sample[] {
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

function valuesOf(statistics: RelayStatistics): ReadonlyMap<string, number> {
  const named = (id: string, counters: RelayStatistics["drops"]) =>
    counters.map((counter) => [`${id} ${counter.name}`, counter.value] as const);
  return new Map([
    ["packets-dropped total", statistics.dropsTotal],
    ...named("packets-dropped", statistics.drops),
    ...named("notes", statistics.notes),
    ...named("messages-received", statistics.received),
    ...named("messages-sent", statistics.sent),
  ]);
}

function selectorOf(instance: string): { logicalSystem?: string; routingInstance?: string } {
  const [logicalSystem, routingInstance] = instance.split(":");
  return instance === "" ? {} : { logicalSystem, routingInstance };
}
