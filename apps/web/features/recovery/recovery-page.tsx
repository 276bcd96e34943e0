"use client";

import { Button, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { BulkRunPage } from "./bulk-run-page.tsx";
import { LabRestart } from "./lab-restart.tsx";
import { NewQuery } from "./new-query.tsx";
import { RunsTable } from "./runs-table.tsx";
import { Streams } from "./streams.tsx";
import { type RecoveryView, recoveryUrl } from "./url.ts";

/** What relays get back by bulk leasequery, and the streams that keep them current. */
export function RecoveryPage() {
  const [url, setUrl] = useQueryStates(recoveryUrl, { history: "push" });
  const open = (view: RecoveryView) => void setUrl({ view, run: null, against: null });
  const showRun = (run: string) => void setUrl({ view: "runs", run, against: null });
  useShortcut({ key: "n", does: "New bulk query", run: () => open("query") });

  return (
    <Page>
      <PageHeader
        title="Recovery"
        description="A relay that lost its bindings gets them back from the servers in bulk; streams keep it current."
        actions={
          <>
            <LabRestart />
            <Button leftSection={<IconPlus size={14} />} onClick={() => open("query")}>
              New bulk query
            </Button>
          </>
        }
      />
      <Tabs value={url.view} onChange={(view) => view !== null && open(view as RecoveryView)} keepMounted={false}>
        <Tabs.List aria-label="Recovery">
          <Tabs.Tab value="runs">Runs</Tabs.Tab>
          <Tabs.Tab value="query">Bulk query</Tabs.Tab>
          <Tabs.Tab value="streams">Stream health</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="runs" pt="md">
          {url.run === null ? (
            <RunsTable
              filters={url.show}
              onFilters={(show) => void setUrl({ show }, { history: "replace" })}
              onOpen={showRun}
              onNew={() => open("query")}
            />
          ) : (
            <BulkRunPage
              id={url.run}
              against={url.against}
              onAgainst={(against) => void setUrl({ against }, { history: "replace" })}
              onClose={() => open("runs")}
              onStarted={showRun}
            />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="query" pt="md">
          <NewQuery onStarted={showRun} />
        </Tabs.Panel>
        <Tabs.Panel value="streams" pt="md">
          <Streams
            opened={url.stream}
            span={url.span}
            onOpen={(stream) => void setUrl({ stream }, { history: "replace" })}
            onSpan={(span) => void setUrl({ span }, { history: "replace" })}
          />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
