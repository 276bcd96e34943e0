"use client";

import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./copy.module.css";

/** Copies a value; `what` names it for screen readers: “Copy address”. */
export function CopyButton({ value, what }: { readonly value: string; readonly what: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const label = clipboard.copied ? "Copied" : `Copy ${what}`;
  return (
    <Tooltip label={label}>
      <ActionIcon size="xs" aria-label={label} onClick={() => clipboard.copy(value)}>
        {clipboard.copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** An address or identifier in monospace; with `copy`, followed by a copy button. */
export function Mono(props: { readonly children: string; readonly copy?: string }): ReactNode {
  if (props.copy === undefined) return <span className="mono">{props.children}</span>;
  return (
    <span className={classes.row}>
      <span className={`mono ${classes.text}`}>{props.children}</span>
      <CopyButton value={props.children} what={props.copy} />
    </span>
  );
}
