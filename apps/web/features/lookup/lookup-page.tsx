"use client";

import type { LookupAnswer } from "@leasewire/api";
import { Button, Checkbox, SegmentedControl, Text, Textarea, TextInput } from "@mantine/core";
import {
  IconClearAll,
  IconCopy,
  IconDownload,
  IconListNumbers,
  IconListSearch,
  IconPlayerStop,
} from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { useEffect, useRef, useState } from "react";
import { describeError } from "#lib/errors.ts";
import { formatCount, formatCountOf } from "#lib/format.ts";
import { useShortcut } from "#lib/page-shortcuts.ts";
import { allowed, can, denied, every, type Permission } from "#lib/permissions.ts";
import { useSendKey } from "#lib/send-key.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPCClient } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { ProgressBar } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page, Panel } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { say } from "#ui/toast.tsx";
import { csvOf, fits, type ResultFilter, resultFilters, tabbedOf } from "./answers.ts";
import { AnswersTable } from "./answers-table.tsx";
import { askedAtOnce, linesMax, linesOf } from "./lines.ts";
import classes from "./lookup.module.css";
import { lookupUrl } from "./url.ts";

interface Work {
  readonly done: number;
  readonly total: number;
}

/** Many keys at once: one answer a line. */
export function LookupPage() {
  const client = useTRPCClient();
  const principal = usePrincipal();
  const [url, setUrl] = useQueryStates(lookupUrl, { history: "replace" });
  const [typed, setTyped] = useState("");
  const [answers, setAnswers] = useState<readonly LookupAnswer[]>([]);
  const [work, setWork] = useState<Work | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const lines = linesOf(typed);
  const role = url.ask ? can.askInLookups(principal) : allowed;
  const permission: Permission = every(
    role,
    lines.length === 0 ? denied("Write or paste at least one line first.") : allowed,
    lines.length > linesMax
      ? denied(`${formatCount(lines.length)} lines are more than ${formatCount(linesMax)}: look them up in parts.`)
      : allowed,
  );

  const run = async () => {
    if (!permission.allowed || work !== null) return;
    const abort = new AbortController();
    stop.current = abort;
    setProblem(null);
    setAnswers([]);
    setWork({ done: 0, total: lines.length });
    const selector = url.family === null ? {} : { family: url.family };
    try {
      if (url.ask) {
        // A few lines at a time: one sees how far it is, and may stop.
        for (let from = 0; from < lines.length && !abort.signal.aborted; from += askedAtOnce) {
          const some = lines.slice(from, from + askedAtOnce);
          const more = await client.lookups.ask.mutate({ lines: some, ...selector }, { signal: abort.signal });
          setAnswers((before) => [...before, ...more.answers]);
          setWork({ done: Math.min(lines.length, from + some.length), total: lines.length });
        }
      } else {
        const all = await client.lookups.run.mutate({ lines: [...lines], ...selector }, { signal: abort.signal });
        setAnswers(all.answers);
      }
    } catch (error) {
      if (!abort.signal.aborted) setProblem(describeError(error).message);
    } finally {
      if (stop.current === abort) setWork(null);
    }
  };
  useSendKey(() => void run());
  useShortcut({ keys: ["Ctrl", "Enter"], does: "Look the lines up" });

  const shown = answers.filter((answer) => fits(answer, url.show, url.q));
  return (
    <Page>
      <PageHeader
        title="Look-up"
        description="Many addresses, prefixes, MAC addresses or client identifiers at once, in any notation: one answer a line."
      />
      <div className={classes.page}>
        <Panel title="Keys" labelledBy="lookup-keys">
          <form
            className={classes.form}
            aria-labelledby="lookup-keys"
            onSubmit={(event) => {
              event.preventDefault();
              void run();
            }}
          >
            <Textarea
              label="One key a line"
              description={
                typed === ""
                  ? `At most ${formatCount(linesMax)} lines. 0011.2233.4455, 00-11-22-33-44-55 and 001122334455 are the same MAC address.`
                  : `${formatCountOf(lines.length, "line")}${lines.length > linesMax ? `: at most ${formatCount(linesMax)}` : ""}`
              }
              placeholder={"192.0.2.7\n2001:db8:100::/56\n0011.2233.4455\nascii:modem7"}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              rows={14}
              classNames={{ input: `mono ${classes.keys}` }}
              spellCheck={false}
              autoComplete="off"
              data-search-field
              data-testid="lookup-keys"
            />
            <SegmentedControl
              fullWidth
              aria-label="Family"
              value={String(url.family ?? "both")}
              onChange={(value) => void setUrl({ family: value === "4" ? 4 : value === "6" ? 6 : null })}
              data={[
                { value: "both", label: "Both" },
                { value: "4", label: "DHCPv4" },
                { value: "6", label: "DHCPv6" },
              ]}
            />
            <Checkbox
              label="Ask the servers too"
              description="By individual leasequery, for lines the table has no active binding of; the answers become bindings"
              checked={url.ask}
              onChange={(event) => void setUrl({ ask: event.currentTarget.checked })}
              data-testid="lookup-ask"
            />
            <div className={classes.submit}>
              <ActionButton
                permission={work === null ? permission : denied("The look-up is under way.")}
                type="submit"
                leftSection={<IconListSearch size={14} />}
                data-testid="lookup-run"
              >
                Look up
              </ActionButton>
              {work !== null && (
                <Button
                  variant="default"
                  leftSection={<IconPlayerStop size={14} />}
                  onClick={() => stop.current?.abort()}
                >
                  Stop
                </Button>
              )}
              <Text size="xs" c="dimmed">
                {permission.allowed ? "Ctrl+Enter does it from anywhere on the page." : permission.reason}
              </Text>
            </div>
          </form>
        </Panel>
        <Panel
          title={
            answers.length === 0
              ? "Answers"
              : `Answers (${formatCount(shown.length)} of ${formatCount(answers.length)})`
          }
          labelledBy="answers"
          flush
          actions={answers.length > 0 && <Take answers={shown} />}
        >
          {work !== null && (
            <div className={classes.work} role="status">
              <Text size="sm">
                {url.ask
                  ? `${formatCount(work.done)} of ${formatCountOf(work.total, "line")} answered`
                  : `Looking ${formatCountOf(work.total, "line")} up`}
                …
              </Text>
              <ProgressBar label="How far the look-up is" {...(url.ask && { value: work.done, max: work.total })} />
            </div>
          )}
          {problem !== null && (
            <Notice tone="bad" title="The look-up ended early">
              {problem}
            </Notice>
          )}
          {answers.length === 0 && work === null && (
            <EmptyState icon={<IconListNumbers size={28} stroke={1.4} />} title="Nothing was looked up yet">
              Paste keys on the left: a column of a spreadsheet, lines of a log, a list from a ticket. Every line gets
              its answer here, in the same order, and lines that are no key say why.
            </EmptyState>
          )}
          {answers.length > 0 && (
            <>
              <div className={classes.filters}>
                <SegmentedControl
                  aria-label="Show"
                  value={url.show}
                  onChange={(value) => void setUrl({ show: value as ResultFilter })}
                  data={resultFilters.map(({ value, label }) => ({
                    value,
                    label: `${label} (${formatCount(answers.filter((answer) => fits(answer, value, "")).length)})`,
                  }))}
                />
                <TextInput
                  aria-label="Filter answers"
                  placeholder="Filter by any text"
                  value={url.q}
                  onChange={(event) => void setUrl({ q: event.currentTarget.value })}
                  maxLength={100}
                />
                {(url.q !== "" || url.show !== "all") && (
                  <Button
                    variant="subtle"
                    leftSection={<IconClearAll size={14} />}
                    onClick={() => void setUrl({ q: "", show: "all" })}
                  >
                    Show all
                  </Button>
                )}
              </div>
              <AnswersTable answers={shown} />
            </>
          )}
        </Panel>
      </div>
    </Page>
  );
}

function Take({ answers }: { readonly answers: readonly LookupAnswer[] }) {
  const none: Permission = answers.length > 0 ? allowed : denied("No answer is shown.");
  return (
    <span className={classes.take}>
      <ActionButton
        permission={none}
        variant="default"
        size="compact-xs"
        leftSection={<IconCopy size={13} />}
        onClick={() =>
          void navigator.clipboard
            .writeText(tabbedOf(answers))
            .then(() => say(`${formatCountOf(answers.length, "answer")} copied; they paste into a spreadsheet.`))
        }
      >
        Copy
      </ActionButton>
      <ActionButton
        permission={none}
        variant="default"
        size="compact-xs"
        leftSection={<IconDownload size={13} />}
        onClick={() => save("leasewire-look-up.csv", csvOf(answers))}
        data-testid="lookup-csv"
      >
        CSV
      </ActionButton>
    </span>
  );
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
