"use client";

import type { QueryTemplate } from "@leasewire/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { describeError } from "#lib/errors.ts";
import { useNowSeconds } from "#lib/now.ts";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { can } from "#lib/permissions.ts";
import { useSendKey } from "#lib/send-key.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { type BulkForm, formOfInput, readBulkForm, whyNoBulk } from "./bulk-form.ts";
import { BulkFormPanel } from "./bulk-form-panel.tsx";
import classes from "./recovery.module.css";
import { TemplatesPanel } from "./templates-panel.tsx";
import { bulkFormUrl } from "./url.ts";

/** The form of a bulk query, beside the queries kept under a name. */
export function NewQuery({ onStarted }: { readonly onStarted: (id: string) => void }) {
  const trpc = useTRPC();
  const principal = usePrincipal();
  const targets = useQuery(trpc.leasequery.targets.queryOptions(undefined, { refetchInterval: 30_000 }));
  const [form, setUrl] = useQueryStates(bulkFormUrl, { history: "replace" });
  const [refusal, setRefusal] = useState<{ field: string | undefined; message: string } | null>(null);
  // Relative times move with the clock; once a minute is enough to show what they mean.
  const minute = Math.floor(useNowSeconds() / 60) * 60;
  const read = readBulkForm(form, minute);
  const start = useMutation(
    trpc.recovery.start.mutationOptions({
      onSuccess: ({ id }) => onStarted(id),
      onError: (error) => {
        const problem = describeError(error);
        setRefusal({ field: problem.field, message: problem.message });
      },
    }),
  );
  const change = (changes: Partial<BulkForm>) => {
    setRefusal(null);
    void setUrl(changes);
  };
  const send = () => {
    const { input } = readBulkForm(form, Date.now() / 1000);
    if (input === null || start.isPending || targets.data === undefined) return;
    if (!can.runLeasequery(principal).allowed || whyNoBulk(form, targets.data.relays) !== null) return;
    setRefusal(null);
    start.mutate(input);
  };
  useSendKey(send);
  useShortcut({ keys: ["Ctrl", "Enter"], does: "Start the bulk query" });

  if (targets.data === undefined) {
    return targets.isError ? (
      <ErrorNotice error={targets.error} onRetry={() => void targets.refetch()} />
    ) : (
      <Loading label="Loading relays and servers" />
    );
  }
  return (
    <div className={classes.newQuery}>
      <BulkFormPanel
        form={form}
        read={read}
        targets={targets.data}
        sending={start.isPending}
        refusal={refusal}
        onChange={change}
        onSubmit={send}
      />
      <TemplatesPanel
        input={read.input}
        onLoad={(template: QueryTemplate) => change(formOfInput(template.input))}
        onStarted={onStarted}
      />
    </div>
  );
}
