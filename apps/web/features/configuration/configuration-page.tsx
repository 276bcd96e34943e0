"use client";

import type { ConfigurationCommit } from "@leasewire/api";
import type { Finding } from "@leasewire/config";
import { Button, SegmentedControl, Tabs } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconDeviceFloppy, IconGitCommit } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useQueryStates } from "nuqs";
import { useEffect, useRef, useState } from "react";
import { formatClock, formatTimeMs } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { can, denied, every } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { complain, say } from "#ui/toast.tsx";
import { CommitDialog } from "./commit-dialog.tsx";
import { CompareTab } from "./compare-tab.tsx";
import { mended, rewrite, saysTheSame, type TextView } from "./config-text.ts";
import classes from "./configuration.module.css";
import { keepDraft, useDraft } from "./draft.ts";
import type { EditorHandle, EditorKey } from "./editor.tsx";
import { FindingsList } from "./findings-list.tsx";
import { HistoryTab } from "./history-tab.tsx";
import { configurationUrl, type SideTab } from "./url.ts";
import { useCheck, useConfiguration, useUnsavedWarning } from "./use-configuration.ts";

const Editor = dynamic(() => import("./editor.tsx").then((module) => module.Editor), {
  ssr: false,
  loading: () => <Loading label="Opening the editor" />,
});

export function ConfigurationPage() {
  const configuration = useConfiguration();
  const { candidate, active, history } = configuration;
  const error = candidate.error ?? active.error ?? history.error;
  if (candidate.data === undefined || active.data === undefined || history.data === undefined) {
    return (
      <Page>
        <PageHeader title="Configuration" />
        {error === null ? (
          <Loading label="Loading the configuration" />
        ) : (
          <ErrorNotice error={error} onRetry={configuration.refetch} />
        )}
      </Page>
    );
  }
  return (
    <Workplace
      configuration={configuration}
      candidate={candidate.data}
      active={active.data}
      history={history.data}
      error={error}
    />
  );
}

type Configuration = ReturnType<typeof useConfiguration>;

function Workplace(props: {
  readonly configuration: Configuration;
  readonly candidate: NonNullable<Configuration["candidate"]["data"]>;
  readonly active: NonNullable<Configuration["active"]["data"]>;
  readonly history: readonly ConfigurationCommit[];
  readonly error: unknown;
}) {
  const { configuration, candidate, active, history } = props;
  const trpc = useTRPC();
  const principal = usePrincipal();
  const permission = can.changeConfiguration(principal);
  const readOnly = !permission.allowed;
  const [url, setUrl] = useQueryStates(configurationUrl, { history: "replace" });
  const editor = useRef<EditorHandle>(null);
  const [committing, setCommitting] = useState(false);
  /** Findings of a refused load or commit, until the text changes. */
  const [refused, setRefused] = useState<{ readonly text: string; readonly findings: readonly Finding[] } | null>(null);

  const draft = useDraft();
  const shownCandidate = inView(candidate.text, url.view);
  const text = draft?.text ?? shownCandidate;
  const unsaved = draft !== null && !saysTheSame(draft.text, candidate.text);
  const overtaken = unsaved && !saysTheSame(draft.basedOn, candidate.text);
  useUnsavedWarning(unsaved);

  const checked = useCheck(text);
  const findings = refused?.text === text ? refused.findings : checked.findings;
  const errors = findings?.filter((finding) => finding.severity === "error").length ?? 0;

  const edit = (next: string) => {
    if (!readOnly) keepDraft({ text: next, basedOn: draft?.basedOn ?? candidate.text });
  };

  const load = useMutation(trpc.configuration.load.mutationOptions());
  const save = async (): Promise<boolean> => {
    if (readOnly || load.isPending) return false;
    if (draft === null) return true;
    const sent = draft.text;
    try {
      const result = await load.mutateAsync({ text: sent, mode: "replace" });
      if (!result.ok) {
        setRefused({ text: sent, findings: result.findings });
        void setUrl({ tab: "findings" });
        complain(new Error("The text has errors: they are listed under Findings. Nothing was changed."), "Not saved");
        return false;
      }
      configuration.setCandidate(result.candidate);
      keepDraft(null);
      return true;
    } catch (error) {
      complain(error, "Not saved");
      return false;
    }
  };

  const commit = useMutation(
    trpc.configuration.commit.mutationOptions({
      onSuccess: (result) => {
        configuration.refetch();
        if (!result.ok) {
          setCommitting(false);
          setRefused({ text, findings: result.findings });
          void setUrl({ tab: "findings" });
          complain(new Error("The check refused it: the reasons are listed under Findings."), "Not committed");
          return;
        }
        setCommitting(false);
        say(result.confirmBeforeMs === null ? "Commit complete." : "Commit complete; it waits for its confirmation.");
      },
    }),
  );
  const taken = {
    onSuccess: (view: Parameters<typeof configuration.setCandidate>[0]) => {
      keepDraft(null);
      configuration.setCandidate(view);
      configuration.refetch();
    },
    onError: (error: unknown) => complain(error),
  };
  const rollback = useMutation(trpc.configuration.rollback.mutationOptions(taken));
  const discard = useMutation(trpc.configuration.discard.mutationOptions(taken));

  const show = (view: TextView) => {
    if (draft !== null) {
      const other = rewrite(draft.text, view);
      if (!other.ok) {
        complain(
          new Error(`The text has an error, mend it first: ${other.finding.message}`),
          "The view stays as it is",
        );
        return;
      }
      keepDraft({ ...draft, text: other.text });
    }
    void setUrl({ view });
  };
  const remedy = (finding: Finding) => {
    const result = mended(text, finding, url.view);
    if (result.ok) edit(result.text);
    else complain(new Error(`Another error is in the way, mend it first: ${result.finding.message}`));
  };
  const askDiscard = () =>
    confirm({
      title: "Discard the changes?",
      body: "The candidate becomes the active configuration again, and text that is not saved is lost. Nothing in force changes.",
      action: "Discard",
      dangerous: true,
      onConfirm: () => discard.mutate(),
    });
  const askRollback = (earlier: ConfigurationCommit) => {
    if (!unsaved && !candidate.changed) return rollback.mutate({ number: earlier.number });
    confirm({
      title: `Rollback ${earlier.number}?`,
      body: `The candidate becomes the configuration of ${formatTimeMs(earlier.atMs)} UTC; the changes it holds now are lost. Nothing in force changes before a commit.`,
      action: `Rollback ${earlier.number}`,
      onConfirm: () => rollback.mutate({ number: earlier.number }),
    });
  };

  const nothingToCommit = !unsaved && !candidate.changed && active.confirmBeforeMs === null;
  const commitPermission = every(
    permission,
    nothingToCommit ? denied("The text equals the active configuration: there is nothing to commit.") : permission,
    errors > 0 ? denied("The check finds errors: mend them first, they are listed under Findings.") : permission,
  );
  const openCommit = () => {
    if (commitPermission.allowed) setCommitting(true);
  };
  const saveAndSay = () =>
    void save().then((saved) => {
      if (saved && draft !== null) say("Saved into the candidate.");
    });
  const check = () => {
    setRefused(null);
    checked.checkNow();
    void setUrl({ tab: "findings" });
  };

  const keys: readonly EditorKey[] = [
    { key: "Mod-s", run: saveAndSay },
    { key: "Mod-Enter", run: openCommit },
  ];
  usePageKeys({ s: saveAndSay, Enter: openCommit }, committing);
  useShortcut({ keys: ["Ctrl", "S"], does: "Save the text into the candidate" });
  useShortcut({ keys: ["Ctrl", "Enter"], does: "Commit" });
  useShortcut({ keys: ["Ctrl", "Space"], does: "Complete the statement being typed" });
  useShortcut({ keys: ["F8"], does: "Go to the next finding" });
  useShortcut({ keys: ["Ctrl", "F"], does: "Search the text" });
  useShortcut({ keys: ["Esc", "Tab"], does: "Leave the editor" });

  const state = unsaved ? "unsaved" : candidate.changed ? "changed" : "active";
  return (
    <Page fill>
      <PageHeader
        title="Configuration"
        description={
          active.commit === null
            ? "Nothing was committed yet"
            : `Active since ${formatTimeMs(active.commit.atMs)} UTC, committed by ${active.commit.by}`
        }
        actions={
          <>
            <SegmentedControl
              aria-label="View as"
              value={url.view}
              onChange={(view) => show(view as TextView)}
              data={[
                { value: "set", label: "set" },
                { value: "braces", label: "braces" },
              ]}
            />
            <Button variant="default" leftSection={<IconCheck size={14} />} onClick={check}>
              Check
            </Button>
            <ActionButton
              permission={every(
                permission,
                candidate.changed || unsaved ? permission : denied("The candidate equals the active configuration."),
              )}
              variant="default"
              leftSection={<IconArrowBackUp size={14} />}
              onClick={askDiscard}
            >
              Discard
            </ActionButton>
            <ActionButton
              permission={every(permission, unsaved ? permission : denied("Everything is saved in the candidate."))}
              variant="default"
              loading={load.isPending}
              leftSection={<IconDeviceFloppy size={14} />}
              onClick={saveAndSay}
            >
              Save
            </ActionButton>
            <ActionButton
              permission={commitPermission}
              leftSection={<IconGitCommit size={14} />}
              onClick={openCommit}
              data-testid="commit"
            >
              Commit…
            </ActionButton>
          </>
        }
      />
      {props.error !== null && <ErrorNotice error={props.error} title="What is shown may be old" />}
      {!permission.allowed && (
        <Notice tone="info" title="Read only">
          {permission.reason}
        </Notice>
      )}
      {active.confirmBeforeMs !== null && (
        <ConfirmBanner
          deadlineMs={active.confirmBeforeMs}
          permission={every(
            permission,
            candidate.changed || unsaved
              ? denied(
                  "The candidate holds further changes, which a confirmation would commit too: use Commit, or discard them.",
                )
              : permission,
          )}
          busy={commit.isPending}
          onConfirm={() => commit.mutate({}, { onError: (error) => complain(error, "Not confirmed") })}
        />
      )}
      {overtaken && (
        <Notice
          tone="warn"
          title={`${candidate.changedBy ?? "Somebody"} changed the candidate while you were typing`}
          action={
            <span className={classes.row}>
              <Button variant="default" onClick={() => keepDraft(null)}>
                Take theirs
              </Button>
              <Button variant="default" onClick={() => draft && keepDraft({ ...draft, basedOn: candidate.text })}>
                Keep mine
              </Button>
            </span>
          }
        >
          Saving your text replaces theirs as a whole.
        </Notice>
      )}
      <div className={classes.work}>
        <section className={classes.editor} aria-label="Configuration text">
          <div className={classes.editorBody}>
            <Editor
              ref={editor}
              label={readOnly ? "Configuration, read only" : "Configuration"}
              text={text}
              readOnly={readOnly}
              findings={findings ?? noFindings}
              keys={keys}
              onChange={edit}
            />
          </div>
          <div className={classes.editorFoot}>
            <span className={classes.state} data-state={state} data-testid="text-state" role="status">
              {stateWords(state, candidate.changedBy)}
            </span>
            {!readOnly && <span>Ctrl+Space completes · Ctrl+S saves · Ctrl+Enter commits · F8 next finding</span>}
          </div>
        </section>
        <section className={classes.side} aria-label="Check, difference and history">
          <Tabs
            value={url.tab}
            onChange={(tab) => void setUrl({ tab: tab as SideTab })}
            keepMounted={false}
            style={{ display: "flex", flexDirection: "column", minHeight: 0, flex: 1 }}
          >
            <Tabs.List>
              <Tabs.Tab value="findings">Findings{findings === null ? "" : ` (${findings.length})`}</Tabs.Tab>
              <Tabs.Tab value="compare">Compare</Tabs.Tab>
              <Tabs.Tab value="history">History</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="findings" className={classes.panel} aria-busy={checked.stale}>
              {checked.error !== null && <ErrorNotice error={checked.error} title="The text could not be checked" />}
              <FindingsList
                findings={findings}
                text={text}
                readOnly={readOnly}
                onGoTo={(line, column) => editor.current?.goTo(line, column)}
                onRemedy={remedy}
              />
            </Tabs.Panel>
            <Tabs.Panel value="compare" className={classes.panel}>
              <CompareTab
                text={text}
                rollback={url.rollback}
                history={history}
                onRollback={(number) => void setUrl({ rollback: number })}
              />
            </Tabs.Panel>
            <Tabs.Panel value="history" className={classes.panel}>
              <HistoryTab
                history={history}
                opened={url.commit}
                permission={permission}
                onOpen={(number) => void setUrl({ commit: number })}
                onCompare={(number) => void setUrl({ tab: "compare", rollback: number })}
                onRollback={askRollback}
              />
            </Tabs.Panel>
          </Tabs>
        </section>
      </div>
      <CommitDialog
        opened={committing}
        text={text}
        findings={findings ?? noFindings}
        busy={commit.isPending || load.isPending}
        problem={commit.error}
        onClose={() => {
          commit.reset();
          setCommitting(false);
        }}
        onCommit={(wish) =>
          void save().then((saved) => {
            if (saved) commit.mutate(wish);
            else setCommitting(false);
          })
        }
      />
    </Page>
  );
}

const noFindings: readonly Finding[] = [];

/** The candidate comes as set statements. A stored one always parses; should it not, it is shown as it is. */
function inView(text: string, view: TextView): string {
  if (view === "set") return text;
  const other = rewrite(text, view);
  return other.ok ? other.text : text;
}

function stateWords(state: "unsaved" | "changed" | "active", by: string | null): string {
  switch (state) {
    case "unsaved":
      return "Unsaved text";
    case "changed":
      return by === null ? "Candidate with changes" : `Candidate, changed by ${by}`;
    case "active":
      return "Equals the active configuration";
  }
}

/** A commit that goes back by itself, counting down. */
function ConfirmBanner(props: {
  readonly deadlineMs: number;
  readonly permission: ReturnType<typeof can.changeConfiguration>;
  readonly busy: boolean;
  readonly onConfirm: () => void;
}) {
  const now = useNowSeconds();
  const left = Math.max(0, Math.ceil(props.deadlineMs / 1000 - now));
  return (
    <div data-testid="confirm-banner">
      <Notice
        tone="warn"
        title="The commit waits for its confirmation"
        action={
          <ActionButton permission={props.permission} loading={props.busy} onClick={props.onConfirm}>
            Confirm the commit
          </ActionButton>
        }
      >
        {left > 0 ? (
          <>
            It goes back by itself in <span className="mono">{formatClock(left)}</span>, at{" "}
            {formatTimeMs(props.deadlineMs)} UTC.
          </>
        ) : (
          "It is going back now."
        )}
      </Notice>
    </div>
  );
}

/** Ctrl with a key, outside of the editor too. */
function usePageKeys(keys: Readonly<Record<string, () => void>>, dialogOpen: boolean): void {
  const latest = useRef({ keys, dialogOpen });
  latest.current = { keys, dialogOpen };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const run = latest.current.keys[event.key];
      if (run === undefined || latest.current.dialogOpen) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
