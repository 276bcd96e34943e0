"use client";

import type { ImportJob } from "@leasewire/api";
import { Anchor, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { formatCount } from "#lib/format.ts";
import { useLiveEvent, useWatch } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { parseAsText } from "#lib/url-state.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { Ago } from "#ui/time.tsx";
import { ImportForm } from "./import-form.tsx";
import { importStates } from "./import-formats.ts";
import { ImportOnShow } from "./import-on-show.tsx";
import classes from "./imports.module.css";

const importUrl = { id: parseAsText(64) };

export function ImportPage() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [url, setUrl] = useQueryStates(importUrl, { history: "replace" });
  const options = trpc.imports.list.queryOptions({});
  const jobs = useQuery(options);
  useWatch("imports", () => void jobs.refetch());
  useLiveEvent("imports", (next) => queryClient.setQueryData(options.queryKey, [...next]));
  const running = jobs.data?.find((job) => job.state === "reading" || job.state === "storing");
  const shownId = url.id ?? running?.id ?? null;

  return (
    <Page>
      <PageHeader
        title="Import bindings"
        description="Take the leases of another DHCP server over from its file: they become leases of the local server"
        actions={
          <Anchor component={Link} href={paths.bindings({ role: "server" })} size="sm">
            Bindings of the local servers
          </Anchor>
        }
      />
      <div className={classes.columns}>
        <ImportForm
          busy={running !== undefined}
          onStarted={() => void setUrl({ id: null })}
          onEnded={(id) => {
            void setUrl({ id });
            void queryClient.invalidateQueries({ queryKey: trpc.imports.pathKey() });
          }}
        />
        <div className={classes.main}>
          {shownId !== null && (
            <ImportOnShow key={shownId} id={shownId} live={jobs.data?.find(({ id }) => id === shownId)} />
          )}
          <Panel title="Imports" labelledBy="imports-title" flush>
            {jobs.isPending && <Loading label="Reading the imports" />}
            {jobs.isError && <ErrorNotice error={jobs.error} onRetry={() => void jobs.refetch()} />}
            {jobs.data?.length === 0 && (
              <EmptyState title="Nothing has been imported yet">
                Choose the lease file of a Kea or ISC server on the left. Rows that are wrong are listed one by one with
                their line; with all or nothing, one of them refuses the whole file.
              </EmptyState>
            )}
            {jobs.data !== undefined && jobs.data.length > 0 && <History jobs={jobs.data} shownId={shownId} />}
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function History({ jobs, shownId }: { readonly jobs: readonly ImportJob[]; readonly shownId: string | null }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table aria-labelledby="imports-title" data-testid="imports">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>File</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th className="num">Taken</Table.Th>
            <Table.Th className="num">Refused</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Table.Tr
              key={job.id}
              data-import={job.id}
              data-import-state={job.state}
              className={job.id === shownId ? classes.shown : undefined}
            >
              <Table.Td>
                <Anchor
                  component={Link}
                  href={paths.importBindings({ id: job.id })}
                  size="sm"
                  className={classes.fileName}
                  {...(job.id === shownId && { "aria-current": "true" as const })}
                >
                  {job.fileName}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {job.format} into {job.instance}
                </Text>
              </Table.Td>
              <Table.Td>
                <Mark tone={importStates[job.state].tone} meaning={importStates[job.state].meaning} state={job.state}>
                  {importStates[job.state].label}
                </Mark>
              </Table.Td>
              <Table.Td className="num">{formatCount(job.rowsTaken)}</Table.Td>
              <Table.Td className="num">{formatCount(job.rowsRefused)}</Table.Td>
              <Table.Td>{job.startedBy}</Table.Td>
              <Table.Td>
                <Ago seconds={job.startedAtMs / 1000} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
