"use client";

import type { LeasequeryTargets } from "@leasewire/api";
import { IconListSearch } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { describeError } from "#lib/errors.ts";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { can } from "#lib/permissions.ts";
import { useSendKey } from "#lib/send-key.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import classes from "./leasequery.module.css";
import { formOfRun, type QueryForm, readForm, whyNoRelay } from "./query-form.ts";
import { QueryFormPanel } from "./query-form-panel.tsx";
import { RecentRuns } from "./recent-runs.tsx";
import { RunView } from "./run-view.tsx";
import { leasequeryUrl } from "./url.ts";
import { useRun } from "./use-runs.ts";

export function LeasequeryPage() {
  const trpc = useTRPC();
  const targets = useQuery(trpc.leasequery.targets.queryOptions(undefined, { refetchInterval: 30_000 }));
  return (
    <Page>
      <PageHeader
        title="Leasequery"
        description="Ask DHCP servers about one address, MAC or client. What they answer goes into the bindings."
      />
      {targets.isError && targets.data === undefined && (
        <ErrorNotice error={targets.error} onRetry={() => void targets.refetch()} />
      )}
      {targets.isPending && <Loading label="Loading relays and servers" />}
      {targets.data !== undefined && <Workplace targets={targets.data} />}
    </Page>
  );
}

function Workplace({ targets }: { readonly targets: LeasequeryTargets }) {
  const trpc = useTRPC();
  const principal = usePrincipal();
  const [url, setUrl] = useQueryStates(leasequeryUrl, { history: "replace" });
  const [refusal, setRefusal] = useState<{ field: string | undefined; message: string } | null>(null);
  const form: QueryForm = url;
  const read = readForm(form, targets.relays);
  const run = useRun(url.run);
  const start = useMutation(
    trpc.leasequery.start.mutationOptions({
      onSuccess: ({ id }) => void setUrl({ run: id, message: null }, { history: "push" }),
      onError: (error) => {
        const problem = describeError(error);
        setRefusal({ field: problem.field, message: problem.message });
      },
    }),
  );

  const change = (changes: Partial<QueryForm>) => {
    setRefusal(null);
    void setUrl(changes);
  };
  const send = (what: QueryForm) => {
    const { input } = readForm(what, targets.relays);
    if (input === null || start.isPending) return;
    if (!can.runLeasequery(principal).allowed || whyNoRelay(what, targets.relays) !== null) return;
    setRefusal(null);
    start.mutate(input);
  };

  useSendKey(() => send(form));
  useShortcut({ keys: ["Ctrl", "Enter"], does: "Send the query" });

  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <QueryFormPanel
          form={form}
          read={read}
          targets={targets}
          sending={start.isPending}
          refusal={refusal}
          onChange={change}
          onSubmit={() => send(form)}
        />
        <RecentRuns
          selected={url.run}
          onSelect={(id) => void setUrl({ run: id, message: null }, { history: "push" })}
        />
      </div>
      <div className={classes.main}>
        {url.run === null && (
          <EmptyState title="No run is shown" icon={<IconListSearch size={28} stroke={1.4} />}>
            Fill in the form and send it, or choose one of the recent runs. Each server's progress and every message
            appear here.
          </EmptyState>
        )}
        {url.run !== null && run.isPending && <Loading label="Loading the run" />}
        {url.run !== null && run.isError && run.data === undefined && (
          <ErrorNotice error={run.error} title="This run cannot be shown" onRetry={() => void run.refetch()} />
        )}
        {url.run !== null && run.data !== undefined && (
          <RunView
            run={run.data}
            message={url.message}
            onMessage={(message) => void setUrl({ message })}
            onEdit={() => change(formOfRun(run.data))}
            onRepeat={() => {
              const again = formOfRun(run.data);
              change(again);
              send(again);
            }}
          />
        )}
      </div>
    </div>
  );
}
