"use client";

import type { ImportFormat } from "@leasewire/api";
import { Checkbox, FileInput, Select, Stack } from "@mantine/core";
import { IconFileImport, IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatOctets } from "#lib/format.ts";
import { allowed, can, denied, every } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { guessFormat, importFormats } from "./import-formats.ts";
import classes from "./imports.module.css";
import { sendFile, type UploadAnswer } from "./upload.ts";

const guessedOctets = 4096;

/** The file, what it is, and where it goes. */
export function ImportForm(props: {
  readonly busy: boolean;
  readonly onStarted: () => void;
  readonly onEnded: (id: string) => void;
}) {
  const trpc = useTRPC();
  const mayImport = can.importBindings(usePrincipal());
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<ImportFormat | null>(null);
  const [guessed, setGuessed] = useState(false);
  const [instance, setInstance] = useState("default:default");
  const [allOrNothing, setAllOrNothing] = useState(false);
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<Extract<UploadAnswer, { ok: false }> | null>(null);
  const pools = useQuery(trpc.pools.list.queryOptions({}, { staleTime: 30_000 }));
  const instances = [...new Set(["default:default", ...(pools.data?.servers ?? []).map((one) => one.instance)])];

  const choose = async (next: File | null) => {
    setFile(next);
    setRefused(null);
    if (next === null) return;
    const guess = guessFormat(await next.slice(0, guessedOctets).text());
    if (guess === null) return;
    setFormat(guess);
    setGuessed(true);
  };
  const start = async () => {
    if (file === null || format === null) return;
    setSending(true);
    setRefused(null);
    props.onStarted();
    const answer = await sendFile({ file, format, instance, allOrNothing });
    setSending(false);
    if (answer.ok) props.onEnded(answer.id);
    else setRefused(answer);
  };
  const permission = every(
    mayImport,
    file === null ? denied("Choose a file first.") : allowed,
    format === null ? denied("Say which format the file has.") : allowed,
    props.busy && !sending ? denied("An import is running: wait for its end, or cancel it.") : allowed,
  );
  const refusedField = (name: string) => (refused?.field === name ? refused.message : null);

  return (
    <Panel title="A lease file" labelledBy="import-form-title">
      <form
        aria-labelledby="import-form-title"
        data-testid="import-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (permission.allowed && !sending) void start();
        }}
      >
        <Stack gap="sm">
          <FileInput
            size="xs"
            label="File"
            placeholder="Choose a file"
            leftSection={<IconFileText size={14} aria-hidden />}
            clearable
            clearButtonProps={{ "aria-label": "Choose no file" }}
            value={file}
            onChange={(next) => void choose(next)}
            description={file === null ? "It is read as it is sent, however large it is." : formatOctets(file.size)}
          />
          <Select
            label="Format"
            placeholder="Choose a format"
            allowDeselect={false}
            data={importFormats.map(({ value, label }) => ({ value, label }))}
            value={format}
            onChange={(value) => {
              setFormat(value as ImportFormat);
              setGuessed(false);
            }}
            description={
              format === null
                ? "Recognised by its beginning where that is possible."
                : `${importFormats.find(({ value }) => value === format)?.hint}${guessed ? " (recognised)" : ""}`
            }
            error={refusedField("format")}
          />
          <Select
            label="Instance"
            allowDeselect={false}
            data={instances}
            value={instance}
            onChange={(value) => setInstance(value ?? "default:default")}
            description="The local server that will hold the leases."
            error={refusedField("instance")}
          />
          <Checkbox
            label="All or nothing"
            description="One wrong row refuses the whole file, and nothing is changed."
            checked={allOrNothing}
            onChange={(event) => setAllOrNothing(event.currentTarget.checked)}
          />
          {refused !== null && refusedField("format") === null && refusedField("instance") === null && (
            <Notice tone="bad" title="The file was not imported">
              {refused.message}
            </Notice>
          )}
          <div className={classes.submit}>
            <ActionButton
              type="submit"
              permission={permission}
              loading={sending}
              leftSection={<IconFileImport size={14} />}
              data-testid="import-start"
            >
              Import
            </ActionButton>
          </div>
        </Stack>
      </form>
    </Panel>
  );
}
