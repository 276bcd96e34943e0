"use client";

import type { Finding } from "@leasewire/config";
import { Button, Checkbox, Group, Modal, NumberInput, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { formatCountOf } from "#lib/format.ts";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { useCompare } from "./compare-tab.tsx";
import classes from "./configuration.module.css";
import { DiffView } from "./diff-view.tsx";

const confirmedMinutesMax = 65_535;
const commentLengthMax = 512;

export interface CommitWish {
  readonly comment: string | undefined;
  readonly confirmedMinutes: number | undefined;
}

/** The last look before a commit: what changes, what the check says, a remark, and whether it goes back by itself. */
export function CommitDialog(props: {
  readonly opened: boolean;
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly busy: boolean;
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onCommit: (wish: CommitWish) => void;
}) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title="Commit"
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
      data-testid="commit-dialog"
    >
      {props.opened && <CommitForm {...props} />}
    </Modal>
  );
}

function CommitForm(props: Parameters<typeof CommitDialog>[0]) {
  const [comment, setComment] = useState("");
  const [confirmed, setConfirmed] = useState(false);
  const [minutes, setMinutes] = useState<number | string>(10);
  const compared = useCompare(props.text, 0);
  const errors = props.findings.filter((finding) => finding.severity === "error");
  const others = props.findings.length - errors.length;
  const minutesGood = typeof minutes === "number" && minutes >= 1 && minutes <= confirmedMinutesMax;
  const ready = errors.length === 0 && (!confirmed || minutesGood) && !props.busy;
  const commit = () => {
    if (!ready) return;
    props.onCommit({
      comment: comment.trim() === "" ? undefined : comment.trim(),
      confirmedMinutes: confirmed ? (minutes as number) : undefined,
    });
  };
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          commit();
        }
      }}
    >
      {compared.isError && <ErrorNotice error={compared.error} />}
      {compared.data !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard
        <div className={classes.commitDiff} tabIndex={0}>
          <DiffView diff={compared.data.diff} label="What changes" />
        </div>
      )}
      {errors.length > 0 && (
        <Notice tone="bad" title={`${formatCountOf(errors.length, "error")}: this cannot be committed`}>
          {errors[0]?.message}
        </Notice>
      )}
      {errors.length === 0 && others > 0 && (
        <Notice tone="warn" title={`${formatCountOf(others, "remark")} of the check`}>
          They do not hold up the commit; the list stands under Findings.
        </Notice>
      )}
      <Textarea
        label="Comment"
        description="Stands in the history"
        maxLength={commentLengthMax}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value.replace(/[\r\n]+/g, " "))}
        data-autofocus
        autosize
        maxRows={4}
      />
      <Group align="flex-end" gap="sm">
        <Checkbox
          label="Go back by itself unless confirmed within"
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
          mb={6}
        />
        <NumberInput
          aria-label="Minutes to confirm"
          suffix=" min"
          w={110}
          min={1}
          max={confirmedMinutesMax}
          allowDecimal={false}
          value={minutes}
          onChange={setMinutes}
          disabled={!confirmed}
          error={confirmed && !minutesGood ? `1 to ${confirmedMinutesMax}` : undefined}
        />
      </Group>
      {props.problem != null && <ErrorNotice error={props.problem} title="Not committed" />}
      <Group justify="flex-end" gap="xs">
        <Text size="xs" c="dimmed">
          Ctrl+Enter commits
        </Text>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!ready} loading={props.busy} data-testid="commit-confirm">
          Commit
        </Button>
      </Group>
    </form>
  );
}
