"use client";

import type { Family, GuardLimits, GuardRequestor } from "@leasewire/api";
import { Table, Text } from "@mantine/core";
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatCount, formatCountOf, formatPercent, formatSpan, formatTimeMs } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { can, denied, every } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Mark } from "#ui/mark.tsx";
import { Panel } from "#ui/page.tsx";
import { Ago } from "#ui/time.tsx";
import { complain, say } from "#ui/toast.tsx";
import { requestorTone, unknownPercent } from "./connection-words.ts";
import classes from "./connections.module.css";
import { QuarantineDialog, type QuarantineTarget } from "./quarantine-dialog.tsx";

/** Requestors of individual leasequery as the storm guard sees them. */
export function RequestorTable(props: {
  readonly requestors: readonly GuardRequestor[];
  readonly limits: readonly GuardLimits[];
  readonly hidden: number;
  readonly family: Family | null;
}) {
  const { requestors, limits } = props;
  const [target, setTarget] = useState<QuarantineTarget | null>(null);
  const permission = can.quarantine(usePrincipal());
  const served =
    limits.length === 0
      ? denied("No local server answers leasequeries: set system services dhcp-local-server allow-leasequery.")
      : permission;
  const limitsOf = (one: GuardRequestor) =>
    limits.find((each) => each.family === one.family && each.instance === one.instance);

  return (
    <Panel
      title="Requestors of individual leasequeries"
      labelledBy="requestors-title"
      flush
      actions={
        <ActionButton
          permission={every(permission, served)}
          variant="default"
          size="compact-xs"
          onClick={() => setTarget({ family: props.family ?? 4, instance: null, address: "" })}
        >
          Quarantine an address…
        </ActionButton>
      }
    >
      {requestors.length === 0 ? (
        <EmptyState
          icon={<IconShieldCheck size={28} stroke={1.4} />}
          title={`Nobody has sent a leasequery${props.family === null ? "" : ` for DHCPv${props.family}`}`}
        >
          Whoever asks about single leases over UDP appears here with its rate. The storm guard stops answering those
          that ask too much, or mostly for what nobody knows.
        </EmptyState>
      ) : (
        <>
          <LimitsText limits={limits} />
          <Table.ScrollContainer minWidth={980}>
            <Table aria-labelledby="requestors-title" data-testid="requestors" className={classes.table}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Requestor</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th className="num">Queries/s</Table.Th>
                  <Table.Th className="num">Queries</Table.Th>
                  <Table.Th>Unknown of the last ones</Table.Th>
                  <Table.Th className="num">Dropped</Table.Th>
                  <Table.Th>Last asked</Table.Th>
                  <Table.Th>
                    <span className={classes.hidden}>Quarantine</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {requestors.map((one) => (
                  <Row key={one.id} requestor={one} limits={limitsOf(one)} onQuarantine={setTarget} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {props.hidden > 0 && (
            <Text size="sm" c="dimmed" p="sm">
              {formatCountOf(props.hidden, "further requestor")} with lower rates {props.hidden === 1 ? "is" : "are"}{" "}
              not listed.
            </Text>
          )}
        </>
      )}
      <QuarantineDialog target={target} limits={limits} onClose={() => setTarget(null)} />
    </Panel>
  );
}

function Row(props: {
  readonly requestor: GuardRequestor;
  readonly limits: GuardLimits | undefined;
  readonly onQuarantine: (target: QuarantineTarget) => void;
}) {
  const { requestor, limits } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const permission = can.quarantine(usePrincipal());
  const release = useMutation(
    trpc.guard.release.mutationOptions({
      onSuccess: async () => {
        say(`${requestor.address} is answered again.`);
        await queryClient.invalidateQueries({ queryKey: trpc.guard.pathKey() });
      },
      onError: (error) => complain(error, "The requestor was not released"),
    }),
  );
  const tone = requestorTone(requestor, limits);
  const unknown = unknownPercent(requestor, limits);
  const button = { permission, variant: "default", size: "compact-xs" } as const;
  const [logicalSystem, routingInstance] = requestor.instance.split(":");

  return (
    <Table.Tr data-requestor={requestor.address} data-quarantined={requestor.quarantine !== null}>
      <Table.Td>
        <div className="mono">{requestor.address}</div>
        <Text size="xs" c="dimmed">
          DHCPv{requestor.family} at {requestor.instance}
        </Text>
      </Table.Td>
      <Table.Td className={classes.state}>
        <Mark tone={tone} meaning={toneMeaning[tone]}>
          {requestor.quarantine !== null ? "quarantined" : tone === "warn" ? "near a limit" : "answered"}
        </Mark>
        {requestor.quarantine !== null && <Quarantine quarantine={requestor.quarantine} />}
      </Table.Td>
      <Table.Td className="num">{formatRate(requestor.queriesPerSecond)}</Table.Td>
      <Table.Td className="num">{formatCount(requestor.queries)}</Table.Td>
      <Table.Td>
        {unknown === null ? (
          <Text size="sm" c="dimmed">
            too few to judge
          </Text>
        ) : (
          <>
            {formatPercent(unknown)}
            <Text size="xs" c="dimmed">
              {formatCount(requestor.windowUnknown)} of {formatCount(requestor.windowQueries)}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td className="num">{formatCount(requestor.dropped)}</Table.Td>
      <Table.Td className={classes.whole}>
        {requestor.lastQueryAtMs === null ? "never" : <Ago seconds={requestor.lastQueryAtMs / 1000} />}
      </Table.Td>
      <Table.Td className={classes.actions}>
        {requestor.quarantine === null ? (
          <ActionButton
            {...button}
            leftSection={<IconShieldX size={13} />}
            onClick={() =>
              props.onQuarantine({
                family: requestor.family,
                instance: requestor.instance,
                address: requestor.address,
              })
            }
          >
            Quarantine<span className={classes.hidden}> {requestor.address}</span>
          </ActionButton>
        ) : (
          <ActionButton
            {...button}
            leftSection={<IconShieldCheck size={13} />}
            loading={release.isPending}
            onClick={() =>
              confirm({
                title: `Release ${requestor.address}?`,
                body: `Its DHCPv${requestor.family} leasequeries at ${requestor.instance} are answered again from now on. If it goes on as before, the storm guard stops it again.`,
                action: "Release",
                onConfirm: () =>
                  release.mutate({
                    family: requestor.family,
                    logicalSystem,
                    routingInstance,
                    address: requestor.address,
                  }),
              })
            }
          >
            Release<span className={classes.hidden}> {requestor.address}</span>
          </ActionButton>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Quarantine({ quarantine }: { readonly quarantine: NonNullable<GuardRequestor["quarantine"]> }) {
  const now = useNowSeconds();
  const left = quarantine.untilMs / 1000 - now;
  return (
    <Text size="xs" c="dimmed" className={classes.reason}>
      {quarantine.reason}, by {quarantine.by ?? "the storm guard"}, until{" "}
      <time dateTime={new Date(quarantine.untilMs).toISOString()}>
        {formatTimeMs(quarantine.untilMs).slice(11)} UTC
      </time>
      {left > 0 && ` (${formatSpan(left)})`}
    </Text>
  );
}

function LimitsText({ limits }: { readonly limits: readonly GuardLimits[] }) {
  const texts = [
    ...new Set(
      limits.map(
        (one) =>
          `more than ${formatCount(one.queriesPerSecondMax)} queries a second, or more than ${one.unknownRatioMaxPercent} % unknown among at least ${formatCount(one.unknownQueriesMin)} queries in ${formatSpan(one.unknownWindowSeconds)}: quarantine for ${formatSpan(one.quarantineSeconds)}`,
      ),
    ),
  ];
  if (texts.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" px="sm" pt="xs">
      {texts.length === 1
        ? `The guard: ${texts[0]}.`
        : "The guard's limits differ between the servers; see the configuration."}
    </Text>
  );
}

const toneMeaning: Partial<Record<ReturnType<typeof requestorTone>, string>> = {
  good: "Its queries are answered.",
  warn: "Its rate, or the share of unknown leases it asks for, is near what the storm guard allows.",
  bad: "Its queries are left unanswered.",
};

function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
}
