"use client";

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { describeError } from "#lib/errors.ts";
import classes from "./notice.module.css";

export type NoticeTone = "info" | "good" | "warn" | "bad";

const icons = { info: IconInfoCircle, good: IconCircleCheck, warn: IconAlertTriangle, bad: IconAlertTriangle };

/** A line or two the reader must not miss. Errors are announced at once (`role="alert"`). */
export function Notice(props: {
  readonly tone: NoticeTone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  const Icon = icons[props.tone];
  return (
    <div className={classes.root} data-tone={props.tone} role={props.tone === "bad" ? "alert" : "status"}>
      <Icon size={16} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        {props.title !== undefined && <div className={classes.title}>{props.title}</div>}
        {props.children !== undefined && <div>{props.children}</div>}
      </div>
      {props.action}
    </div>
  );
}

/** A failed question to the backend: what it said, and a way to ask again. */
export function ErrorNotice(props: {
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: () => void;
}) {
  return (
    <Notice
      tone="bad"
      title={props.title}
      action={
        props.onRetry && (
          <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={props.onRetry}>
            Try again
          </Button>
        )
      }
    >
      {describeError(props.error).message}
    </Notice>
  );
}
