"use client";

import type { BulkStartInput, QueryTemplate } from "@leasewire/api";
import { NumberInput, Table, Text, TextInput } from "@mantine/core";
import { IconDeviceFloppy, IconPencil, IconPlayerPlay, IconTemplate, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatSpan, formatTimeMs } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { can, denied, every, type Permission } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Loading } from "#ui/loading.tsx";
import { Mark } from "#ui/mark.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain, say } from "#ui/toast.tsx";
import { formOfInput, readBulkForm } from "./bulk-form.ts";
import classes from "./recovery.module.css";

const minutesMax = 10_080;

/** Queries kept under a name: load, start, repeat again and again. */
export function TemplatesPanel(props: {
  /** What the form asks now; null while it cannot be sent. */
  readonly input: BulkStartInput | null;
  readonly onLoad: (template: QueryTemplate) => void;
  readonly onStarted: (id: string) => void;
}) {
  const trpc = useTRPC();
  const templates = useQuery(trpc.templates.list.queryOptions(undefined, { refetchInterval: 15_000 }));
  const rows = templates.data ?? [];
  return (
    <Panel title="Templates" labelledBy="templates" flush>
      <SaveForm input={props.input} known={rows} />
      {templates.isError && <ErrorNotice error={templates.error} onRetry={() => void templates.refetch()} />}
      {templates.isPending && <Loading label="Reading the templates" />}
      {templates.data !== undefined && rows.length === 0 && (
        <EmptyState icon={<IconTemplate size={28} stroke={1.4} />} title="No query is kept yet">
          Fill in the form, name it above and save it. A template starts with one click, and by itself every few minutes
          if you say so: an incremental one then keeps a relay current from servers without active leasequery.
        </EmptyState>
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={620}>
          <Table aria-labelledby="templates" data-testid="templates" className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Repeated</Table.Th>
                <Table.Th>Last run</Table.Th>
                <Table.Th>
                  <span className={classes.hidden}>What to do</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((template) => (
                <Row
                  key={template.id}
                  template={template}
                  onLoad={() => props.onLoad(template)}
                  onStarted={props.onStarted}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function SaveForm(props: { readonly input: BulkStartInput | null; readonly known: readonly QueryTemplate[] }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const principal = usePrincipal();
  const [name, setName] = useState("");
  const [minutes, setMinutes] = useState<number | string>("");
  const same = props.known.find((template) => template.name === name.trim());
  const everyMinutes = typeof minutes === "number" ? minutes : null;
  const save = useMutation(
    trpc.templates.save.mutationOptions({
      onSuccess: async (template) => {
        setName("");
        setMinutes("");
        say(`“${template.name}” is saved.`);
        await queryClient.invalidateQueries({ queryKey: trpc.templates.pathKey() });
      },
      onError: (error) => complain(error, "Not saved"),
    }),
  );
  const permission: Permission = every(
    can.keepTemplates(principal),
    props.input === null ? denied("The form cannot be sent as it stands: fix it first.") : { allowed: true },
    name.trim() === "" ? denied("Give the template a name first.") : { allowed: true },
  );
  return (
    <form
      className={classes.saveForm}
      aria-label="Save the form as a template"
      onSubmit={(event) => {
        event.preventDefault();
        if (!permission.allowed || props.input === null) return;
        save.mutate({ ...(same && { id: same.id }), name, input: props.input, everyMinutes });
      }}
    >
      <TextInput
        label="Save this query as"
        placeholder="core, every client of bng-a"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={80}
        autoComplete="off"
        data-testid="template-name"
      />
      <NumberInput
        label="Repeat every"
        placeholder="never"
        suffix=" min"
        value={minutes}
        onChange={setMinutes}
        min={1}
        max={minutesMax}
        allowDecimal={false}
        clampBehavior="strict"
        w={120}
        data-testid="template-minutes"
      />
      <ActionButton
        permission={permission}
        type="submit"
        variant="default"
        loading={save.isPending}
        leftSection={<IconDeviceFloppy size={14} />}
        data-testid="template-save"
      >
        {same === undefined ? "Save" : "Replace"}
      </ActionButton>
    </form>
  );
}

function Row(props: {
  readonly template: QueryTemplate;
  readonly onLoad: () => void;
  readonly onStarted: (id: string) => void;
}) {
  const { template } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const principal = usePrincipal();
  const changed = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.templates.pathKey() }) };
  const run = useMutation(
    trpc.templates.run.mutationOptions({
      onSuccess: ({ id }) => props.onStarted(id),
      onError: (error) => complain(error, `“${template.name}” was not started`),
    }),
  );
  const remove = useMutation(
    trpc.templates.remove.mutationOptions({ ...changed, onError: (error) => complain(error, "Not removed") }),
  );
  const command = readBulkForm(formOfInput(template.input), Date.now() / 1000).command;
  const hidden = <span className={classes.hidden}> {template.name}</span>;
  return (
    <Table.Tr data-template={template.name}>
      <Table.Td className={classes.query}>
        <div className={classes.templateName}>{template.name}</div>
        <Text size="xs" c="dimmed" className="mono">
          {(command ?? "").replace("npx leasewire request ", "")}
        </Text>
        <Text size="xs" c="dimmed">
          by {template.createdBy}
        </Text>
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Repeated template={template} />
      </Table.Td>
      <Table.Td className={classes.status}>
        {template.lastRunId === null ? (
          <span className={classes.dim}>never</span>
        ) : (
          <button type="button" className={classes.link} onClick={() => props.onStarted(template.lastRunId ?? "")}>
            {template.lastRunAtMs === null ? "show" : formatTimeMs(template.lastRunAtMs)}
          </button>
        )}
        {template.lastRefusal !== null && (
          <>
            <div>
              <Mark tone="bad">not started</Mark>
            </div>
            <Text size="xs" c="dimmed">
              {template.lastRefusal}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td>
        <div className={classes.templateActions}>
          <ActionButton
            permission={can.runLeasequery(principal)}
            variant="default"
            size="compact-xs"
            leftSection={<IconPlayerPlay size={13} />}
            loading={run.isPending}
            onClick={() => run.mutate({ id: template.id })}
          >
            Start{hidden}
          </ActionButton>
          <ActionButton
            permission={{ allowed: true }}
            variant="default"
            size="compact-xs"
            leftSection={<IconPencil size={13} />}
            onClick={props.onLoad}
          >
            Load{hidden}
          </ActionButton>
          <ActionButton
            permission={can.keepTemplates(principal)}
            variant="default"
            size="compact-xs"
            leftSection={<IconTrash size={13} />}
            onClick={() =>
              confirm({
                title: `Remove “${template.name}”?`,
                body: "Its runs stay. It is not repeated any more.",
                action: "Remove template",
                dangerous: true,
                onConfirm: () => remove.mutate({ id: template.id }),
              })
            }
          >
            Remove{hidden}
          </ActionButton>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function Repeated({ template }: { readonly template: QueryTemplate }) {
  const now = useNowSeconds();
  if (template.everyMinutes === null) return <span className={classes.dim}>by hand</span>;
  const { nextRunAtMs } = template;
  return (
    <>
      every {formatSpan(template.everyMinutes * 60)}
      {nextRunAtMs !== null && (
        <Text size="xs" c="dimmed">
          next in {formatSpan(Math.max(0, nextRunAtMs / 1000 - now))}
        </Text>
      )}
    </>
  );
}
