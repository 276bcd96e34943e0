import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./mark.module.css";

export type MarkTone = "good" | "warn" | "bad" | "info" | "dim";

/** One shape for each tone, so that nothing hangs on colour. */
const shapes: Readonly<Record<MarkTone, ReactNode>> = {
  good: <circle cx="5" cy="5" r="4" />,
  info: <path d="M5 0.6 9.4 5 5 9.4 0.6 5Z" />,
  warn: <path d="M5 0.8 9.6 9.2H0.4Z" />,
  bad: <rect x="1" y="1" width="8" height="8" />,
  dim: <circle cx="5" cy="5" r="3.4" className={classes.ring} />,
};

/** A state in words, with the colour and the shape of its tone. `meaning` explains it when it is pointed at. */
export function Mark(props: {
  readonly tone: MarkTone;
  readonly children: ReactNode;
  readonly meaning?: string;
  readonly state?: string;
}) {
  const mark = (
    <span className={classes.root} data-tone={props.tone} {...(props.state && { "data-state": props.state })}>
      <svg viewBox="0 0 10 10" className={classes.shape} aria-hidden="true">
        {shapes[props.tone]}
      </svg>
      {props.children}
    </span>
  );
  return props.meaning === undefined ? mark : <Tooltip label={props.meaning}>{mark}</Tooltip>;
}
