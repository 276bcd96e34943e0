"use client";

import type { BindingDetail, BindingRow } from "@leasewire/api";
import { Button, Drawer, Table, Text } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCopy, IconListSearch, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatCountOf, formatExpiry, nothing } from "#lib/format.ts";
import { useLiveEvent } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useThrottled } from "#lib/throttle.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Mono } from "#ui/copy.tsx";
import { type Fact, Facts } from "#ui/facts.tsx";
import { Loading } from "#ui/loading.tsx";
import { MessageView } from "#ui/message-view.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { ExplainedStateBadge, StateBadge } from "#ui/state-badge.tsx";
import { Time, TimeLeft } from "#ui/time.tsx";
import { complain, say } from "#ui/toast.tsx";
import classes from "./bindings-page.module.css";

/** Everything known about one binding; `id` is the one in the URL. */
export function BindingDrawer({ id, onClose }: { readonly id: string | null; readonly onClose: () => void }) {
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="min(760px, 96vw)"
      title="Binding"
      closeButtonProps={{ "aria-label": "Close" }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      data-testid="binding-drawer"
    >
      {id !== null && <BindingOnShow key={id} id={id} onClose={onClose} />}
    </Drawer>
  );
}

/** How often a binding that keeps changing is fetched again. */
const refetchPeriodMs = 500;

function BindingOnShow({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const trpc = useTRPC();
  const detail = useQuery(trpc.bindings.detail.queryOptions({ id }));
  const refetch = useThrottled(() => void detail.refetch(), refetchPeriodMs);
  const [removed, setRemoved] = useState(false);
  useLiveEvent("bindings", (batch) => {
    if (batch.removed.includes(id)) setRemoved(true);
    else if (batch.rows.some((row) => row.id === id)) {
      setRemoved(false);
      refetch();
    }
  });
  useLiveEvent("durable", () => {
    if (detail.data?.row.stored === false) refetch();
  });

  if (detail.isPending) return <Loading label="Fetching the binding" />;
  if (detail.isError) return <ErrorNotice error={detail.error} onRetry={() => void detail.refetch()} />;
  return (
    <>
      {removed && (
        <Notice tone="warn" title="This binding has just been removed">
          What is below is what was known of it last.
        </Notice>
      )}
      <Detail detail={detail.data} onClose={onClose} />
    </>
  );
}

function Detail({ detail, onClose }: { readonly detail: BindingDetail; readonly onClose: () => void }) {
  const { row } = detail;
  return (
    <div className={classes.drawerBody}>
      <div className={classes.drawerTitle}>
        <h2 className={`mono ${classes.drawerAddress}`} style={{ margin: 0 }}>
          {row.address}
        </h2>
        <ExplainedStateBadge state={row.state} />
        <Text size="sm" c={row.stored ? "dimmed" : undefined} data-testid="binding-stored">
          {row.stored ? "stored" : "storing…"}
        </Text>
      </div>
      <Actions detail={detail} onClose={onClose} />
      {detail.placement !== null && (
        <Notice tone="info" title="Not placed on an access interface">
          {detail.placement}
        </Notice>
      )}
      <Panel title="Summary">
        <Facts facts={summary(detail)} />
      </Panel>
      <Panel title="Relay data">
        <Facts facts={relayFacts(row)} />
        <MessageView label="Relay data" fields={detail.relayData} hex={detail.relayDataHex} />
      </Panel>
      <Panel title="Options">
        <MessageView label="Options" fields={detail.options} hex={detail.optionsHex} />
      </Panel>
      <Panel title="History" flush>
        <History detail={detail} />
      </Panel>
    </div>
  );
}

function Actions({ detail, onClose }: { readonly detail: BindingDetail; readonly onClose: () => void }) {
  const { row } = detail;
  const principal = usePrincipal();
  const router = useRouter();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const clipboard = useClipboard();
  const [logicalSystem, routingInstance] = row.instance.split(":");
  const clear = useMutation(
    trpc.bindings.clear.mutationOptions({
      onSuccess: ({ cleared }) => {
        say(`Cleared ${formatCountOf(cleared, "binding")}.`);
        void queryClient.invalidateQueries({ queryKey: trpc.bindings.summary.pathKey() });
        onClose();
      },
      onError: (error) => complain(error, "The binding was not cleared"),
    }),
  );

  return (
    <div className={classes.drawerActions}>
      {row.role === "relay" && (
        <ActionButton
          permission={can.runLeasequery(principal)}
          leftSection={<IconListSearch size={14} />}
          onClick={() => router.push(askAgain(row))}
        >
          Ask again by leasequery
        </ActionButton>
      )}
      <Button
        variant="default"
        leftSection={<IconCopy size={14} />}
        onClick={() => {
          clipboard.copy(JSON.stringify(detail, null, 2));
          say("Copied the binding as JSON.");
        }}
      >
        Copy as JSON
      </Button>
      <ActionButton
        variant="default"
        permission={can.clearBindings(principal)}
        leftSection={<IconTrash size={14} />}
        loading={clear.isPending}
        onClick={() =>
          confirm({
            title: `Clear the binding of ${row.address}?`,
            body: whatClearingDoes(row),
            action: "Clear binding",
            dangerous: true,
            onConfirm: () =>
              clear.mutate({
                family: row.family,
                role: row.role,
                logicalSystem,
                routingInstance,
                address: row.address,
              }),
          })
        }
      >
        Clear binding
      </ActionButton>
    </div>
  );
}

function whatClearingDoes(row: BindingRow): string {
  const client = row.hostName ?? row.hardwareAddress ?? row.clientId ?? "its client";
  return row.role === "server"
    ? `The lease of ${row.address} (${row.instance}) ends here and now, and the address may be given to somebody else. ${client} is not told: it uses the address until it renews. This cannot be undone.`
    : `Leasewire forgets that ${row.address} (${row.instance}) is held by ${client}. The server keeps its lease; a leasequery brings the binding back.`;
}

/** The leasequery that would find this binding again. A prefix is asked for by its first address. */
function askAgain(row: BindingRow): string {
  return paths.leasequery({
    family: row.family,
    kind: "address",
    key: row.address.split("/")[0],
    gateway: row.family === 4 ? (row.linkAddress ?? undefined) : undefined,
    instance: row.instance,
    server: row.serverAddress ?? undefined,
  });
}

function identifier(text: string | number | null, copy: string) {
  return text === null ? nothing : <Mono copy={copy}>{String(text)}</Mono>;
}

function summary({ row, ...detail }: BindingDetail): readonly Fact[] {
  return [
    { label: row.kind === "prefix" ? "Prefix" : "Address", value: identifier(row.address, "address") },
    { label: "Instance", value: <Mono>{row.instance}</Mono> },
    { label: "MAC", value: identifier(row.hardwareAddress, "MAC") },
    { label: row.family === 4 ? "Client identifier" : "DUID", value: identifier(row.clientId, "client identifier") },
    ...(row.hostName === null ? [] : [{ label: "Host name", value: identifier(row.hostName, "host name") }]),
    ...(row.family === 6 ? [{ label: "IAID", value: identifier(row.iaid, "IAID") }] : []),
    {
      label: "Lease ends",
      value: (
        <>
          <span className="mono">{formatExpiry(row.expiresAt)}</span>
          {typeof row.expiresAt === "number" && (
            <>
              {" · "}
              <TimeLeft expiresAt={row.expiresAt} />
            </>
          )}
        </>
      ),
    },
    ...(row.family === 6
      ? [{ label: "Preferred until", value: <span className="mono">{formatExpiry(row.preferredUntil)}</span> }]
      : []),
    { label: "In this state since", value: <Time seconds={row.startTimeOfState} /> },
    { label: "Client last heard", value: <Time seconds={row.clientLastTransactionTime} /> },
    { label: "Interface", value: row.interfaceName === null ? nothing : <Mono>{row.interfaceName}</Mono> },
    { label: "Server", value: identifier(row.serverAddress, "server address") },
    { label: "Server identifier", value: identifier(detail.serverIdentifier, "server identifier") },
    {
      label: "Data source",
      value: detail.dataSource === "local" ? "local: the server itself" : "remote: from another server",
    },
    { label: "Origin", value: row.role === "server" ? `${row.origin}, at the local server` : row.origin },
    { label: "Change no.", value: <Mono>{String(row.sequence)}</Mono> },
  ];
}

function relayFacts(row: BindingRow): readonly Fact[] {
  return [
    { label: row.family === 4 ? "giaddr" : "Link address", value: identifier(row.linkAddress, "link address") },
    { label: row.family === 4 ? "Circuit-id" : "Interface-id", value: identifier(row.circuitId, "circuit-id") },
    { label: "Remote-id", value: identifier(row.remoteId, "remote-id") },
    { label: "Relay-id", value: identifier(row.relayId, "relay-id") },
  ];
}

function History({ detail }: { readonly detail: BindingDetail }) {
  if (detail.history.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        Nothing is in the database yet: the first change is being stored.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label="History">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When (UTC)</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>MAC or client</Table.Th>
            <Table.Th>Lease ends</Table.Th>
            <Table.Th>Because of</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {detail.history.map((entry) => (
            <Table.Tr key={entry.sequence}>
              <Table.Td>
                <Time seconds={entry.atSeconds} />
              </Table.Td>
              <Table.Td>
                <StateBadge state={entry.state} />
              </Table.Td>
              <Table.Td className="mono">{entry.hardwareAddress ?? entry.clientId ?? nothing}</Table.Td>
              <Table.Td className="mono">{formatExpiry(entry.expiresAt)}</Table.Td>
              <Table.Td>{entry.cause}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
