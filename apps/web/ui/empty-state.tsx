import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

/** Nothing to show: says so, says why, and offers what to do next. */
export function EmptyState(props: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly icon?: ReactNode;
  /** Room for statements of the configuration. */
  readonly wide?: boolean;
}) {
  return (
    <div className={classes.root} data-testid="empty-state">
      {props.icon !== undefined && <div className={classes.icon}>{props.icon}</div>}
      <Text fw={600} size="md">
        {props.title}
      </Text>
      {props.children !== undefined && (
        <Text component="div" size="sm" c="dimmed" maw={props.wide ? 780 : 520}>
          {props.children}
        </Text>
      )}
      {props.action !== undefined && <div className={classes.action}>{props.action}</div>}
    </div>
  );
}
