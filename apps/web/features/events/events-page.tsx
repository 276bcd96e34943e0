"use client";

import type { AuditEntry } from "@leasewire/api";
import { Button, SegmentedControl, Table, Text, TextInput } from "@mantine/core";
import { IconFileDescription, IconLock, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { parseAsStringLiteral, useQueryStates } from "nuqs";
import { formatCountOf } from "#lib/format.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC, useTRPCClient } from "#lib/trpc.tsx";
import { parseAsText } from "#lib/url-state.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { Time } from "#ui/time.tsx";
import classes from "./events.module.css";
import { type OutcomeFilter, outcomeFilters, shownEntries } from "./events-filter.ts";

const pageSize = 200;
const refetchPeriodMs = 5_000;

const eventsUrl = {
  q: parseAsText(128).withDefault(""),
  outcome: parseAsStringLiteral(outcomeFilters).withDefault("all"),
};

export function EventsPage() {
  const permission = can.readAudit(usePrincipal());
  return (
    <Page>
      <PageHeader title="Events" description="Who did what, by which way, and what was refused" />
      {permission.allowed ? (
        <AuditLog />
      ) : (
        <EmptyState title="The audit log is not for you to read" icon={<IconLock size={28} stroke={1.4} />}>
          {permission.reason}
        </EmptyState>
      )}
    </Page>
  );
}

function AuditLog() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [url, setUrl] = useQueryStates(eventsUrl, { history: "replace" });
  const log = useInfiniteQuery({
    queryKey: [...trpc.audit.list.queryKey(), "pages"],
    queryFn: ({ pageParam, signal }) => client.audit.list.query({ limit: pageSize, before: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: readonly AuditEntry[]) =>
      page.length === pageSize ? page[page.length - 1]?.id : undefined,
    // Further pages are history, which does not change: only the first is asked for again and again.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : refetchPeriodMs),
  });
  const entries = log.data?.pages.flat() ?? [];
  const shown = shownEntries(entries, url.q, url.outcome);

  if (log.isPending) return <Loading label="Loading events" />;
  if (log.isError && log.data === undefined) {
    return <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />;
  }
  return (
    <>
      {log.isError && <ErrorNotice error={log.error} title="The events shown may be old" />}
      <Panel
        flush
        labelledBy="events-title"
        title={
          shown.length === entries.length
            ? formatCountOf(entries.length, "event")
            : `${shown.length} of ${formatCountOf(entries.length, "event")}`
        }
        actions={
          <div className={classes.filters}>
            <TextInput
              aria-label="Search events"
              placeholder="Actor, action, subject, detail"
              leftSection={<IconSearch size={14} aria-hidden />}
              w={260}
              maxLength={128}
              value={url.q}
              onChange={(event) =>
                void setUrl({ q: event.currentTarget.value === "" ? null : event.currentTarget.value })
              }
              data-search-field
            />
            <SegmentedControl
              aria-label="Outcome"
              value={url.outcome}
              onChange={(outcome) => void setUrl({ outcome: outcome as OutcomeFilter })}
              data={outcomeFilters.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
            />
          </div>
        }
      >
        {shown.length === 0 ? (
          <EmptyState
            title={entries.length === 0 ? "Nothing happened yet" : "No event matches"}
            icon={<IconFileDescription size={28} stroke={1.4} />}
          >
            {entries.length === 0
              ? "Sign-ins, queries, commits and refusals are listed here as they happen."
              : "Change the words or the outcome, or load older events below."}
          </EmptyState>
        ) : (
          <Table.ScrollContainer minWidth={860}>
            <Table aria-labelledby="events-title" data-testid="events">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Time (UTC)</Table.Th>
                  <Table.Th>Actor</Table.Th>
                  <Table.Th>Via</Table.Th>
                  <Table.Th>Action</Table.Th>
                  <Table.Th>Outcome</Table.Th>
                  <Table.Th>Subject</Table.Th>
                  <Table.Th>Detail</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map((entry) => (
                  <Table.Tr key={entry.id} data-outcome={entry.outcome}>
                    <Table.Td className={classes.time}>
                      <Time seconds={Math.floor(entry.atMs / 1000)} />
                    </Table.Td>
                    <Table.Td className={classes.actor}>{entry.actor}</Table.Td>
                    <Table.Td>{entry.via}</Table.Td>
                    <Table.Td className="mono">{entry.action}</Table.Td>
                    <Table.Td>
                      <span className={classes.outcome} data-outcome={entry.outcome}>
                        {entry.outcome}
                      </span>
                    </Table.Td>
                    <Table.Td className={`mono ${classes.words}`}>{entry.subject}</Table.Td>
                    <Table.Td className={classes.words}>{entry.detail}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {log.hasNextPage && (
          <div className={classes.more}>
            <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
              Load older events
            </Button>
            <Text size="xs" c="dimmed">
              New events appear by themselves while only the latest {pageSize} are shown.
            </Text>
          </div>
        )}
      </Panel>
    </>
  );
}
