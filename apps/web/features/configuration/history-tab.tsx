"use client";

import type { ConfigurationCommit } from "@leasewire/api";
import { Button, Text } from "@mantine/core";
import { IconArrowBackUp, IconGitCompare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Permission } from "#lib/permissions.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import { Time } from "#ui/time.tsx";
import classes from "./configuration.module.css";

/** Who committed what and when; each text can be read, compared with, and rolled back to. */
export function HistoryTab(props: {
  readonly history: readonly ConfigurationCommit[];
  readonly opened: number | null;
  readonly permission: Permission;
  readonly onOpen: (number: number | null) => void;
  readonly onCompare: (number: number) => void;
  readonly onRollback: (commit: ConfigurationCommit) => void;
}) {
  if (props.history.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was committed yet.
      </Text>
    );
  }
  return (
    <ol className={classes.history} data-testid="history">
      {props.history.map((commit) => {
        const open = props.opened === commit.number;
        return (
          <li key={commit.id} className={classes.commit} data-number={commit.number}>
            <button
              type="button"
              className={classes.commitHead}
              aria-expanded={open}
              onClick={() => props.onOpen(open ? null : commit.number)}
            >
              <span className={classes.commitNumber}>{commit.number}</span>
              <span className={classes.commitWords}>
                <span>
                  <Time seconds={Math.floor(commit.atMs / 1000)} />
                  {commit.number === 0 && <strong> active</strong>}
                </span>
                <span className={classes.dim}>
                  {commit.by}, {commit.via}
                </span>
                {commit.comment !== null && <span>{commit.comment}</span>}
              </span>
            </button>
            {open && (
              <div className={classes.commitBody}>
                <div className={classes.row}>
                  <Button
                    variant="default"
                    leftSection={<IconGitCompare size={14} />}
                    onClick={() => props.onCompare(commit.number)}
                  >
                    Compare with the text
                  </Button>
                  <ActionButton
                    permission={props.permission}
                    variant="default"
                    leftSection={<IconArrowBackUp size={14} />}
                    onClick={() => props.onRollback(commit)}
                  >
                    {`Rollback ${commit.number}`}
                  </ActionButton>
                </div>
                <CommitText number={commit.number} id={commit.id} />
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** The number of a commit changes with the next one, so its text is kept under its id. */
function CommitText({ number, id }: { readonly number: number; readonly id: string }) {
  const trpc = useTRPC();
  const text = useQuery(trpc.configuration.historyText.queryOptions({ number }, { staleTime: 0 }));
  if (text.isPending) return <Loading label="Loading the text" />;
  if (text.isError) return <ErrorNotice error={text.error} onRetry={() => void text.refetch()} />;
  if (text.data.commit.id !== id) return <Loading label="Loading the text" />;
  return (
    <div className={classes.commitText}>
      <CopyButton value={text.data.text} what="configuration" />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard */}
      <pre tabIndex={0}>{text.data.text === "" ? "(empty)" : text.data.text}</pre>
    </div>
  );
}
