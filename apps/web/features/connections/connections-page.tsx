"use client";

import { Anchor, SegmentedControl } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { formatCountOf } from "#lib/format.ts";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { parseAsFamily } from "#lib/url-state.ts";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { ConnectionTable } from "./connection-table.tsx";
import { RequestorTable } from "./requestor-table.tsx";

const connectionsUrl = { family: parseAsFamily };

export function ConnectionsPage() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [url, setUrl] = useQueryStates(connectionsUrl, { history: "replace" });
  const connectionsOf = trpc.connections.list.queryOptions({});
  const guardOf = trpc.guard.list.queryOptions({});
  const connections = useQuery(connectionsOf);
  const guard = useQuery(guardOf);
  const pools = useQuery(trpc.pools.list.queryOptions({}, { staleTime: 30_000 }));
  useWatch("connections", () => void connections.refetch());
  useWatch("guard", () => void guard.refetch());
  useLiveEvent("connections", (next) => queryClient.setQueryData(connectionsOf.queryKey, [...next]));
  useLiveEvent("guard", (next) => queryClient.setQueryData(guardOf.queryKey, next));

  const meant = <T extends { readonly family: 4 | 6 }>(list: readonly T[]) =>
    url.family === null ? list : list.filter((one) => one.family === url.family);
  const quarantined = guard.data?.requestors.filter((one) => one.quarantine !== null).length ?? 0;

  return (
    <Page>
      <PageHeader
        title="Connections"
        description={
          <span role="status" data-testid="connections-count">
            {connections.data === undefined
              ? "Requestors that ask the local servers about leases"
              : `${formatCountOf(connections.data.length, "connection")} open, ${formatCountOf(guard.data?.total ?? 0, "requestor")} seen, ${quarantined} quarantined`}
          </span>
        }
        actions={
          <SegmentedControl
            aria-label="Family"
            value={String(url.family ?? "all")}
            onChange={(value) => void setUrl({ family: value === "4" ? 4 : value === "6" ? 6 : null })}
            data={[
              { value: "all", label: "All" },
              { value: "4", label: "DHCPv4" },
              { value: "6", label: "DHCPv6" },
            ]}
          />
        }
      />
      {pools.data?.servers.length === 0 && (
        <Notice tone="info" title="No local server is running, so nobody can ask">
          Configure one under{" "}
          <Anchor component={Link} href={paths.configuration()} size="sm" underline="always">
            Configuration
          </Anchor>
          : <span className="mono">set system services dhcp-local-server …</span>
        </Notice>
      )}
      {connections.isPending && <Loading label="Reading the connections" />}
      {connections.isError && (
        <ErrorNotice
          error={connections.error}
          title="The connections could not be read"
          onRetry={() => void connections.refetch()}
        />
      )}
      {connections.data !== undefined && <ConnectionTable connections={meant(connections.data)} family={url.family} />}
      {guard.isError && (
        <ErrorNotice
          error={guard.error}
          title="The requestors could not be read"
          onRetry={() => void guard.refetch()}
        />
      )}
      {guard.data !== undefined && (
        <RequestorTable
          requestors={meant(guard.data.requestors)}
          limits={guard.data.limits}
          hidden={guard.data.total - guard.data.requestors.length}
          family={url.family}
        />
      )}
    </Page>
  );
}
