import { Tooltip } from "@mantine/core";
import classes from "./leasequery.module.css";
import type { StateWords } from "./run-state.ts";

/** A state in words with its colour; never colour alone. */
export function RunBadge({ words, state }: { readonly words: StateWords; readonly state: string }) {
  return (
    <Tooltip label={words.meaning}>
      <span className={classes.badge} data-tone={words.tone} data-state={state}>
        {words.label}
      </span>
    </Tooltip>
  );
}
