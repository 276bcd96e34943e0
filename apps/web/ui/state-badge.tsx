import type { DhcpStateName } from "@leasewire/api";
import { Tooltip } from "@mantine/core";
import { stateMeanings } from "#ui/state-names.ts";
import classes from "./state-badge.module.css";

/** A state as text with its colour; never colour alone. */
export function StateBadge({ state }: { readonly state: DhcpStateName | "REMOVED" }) {
  return (
    <span className={classes.root} data-state={state}>
      {state}
    </span>
  );
}

/** The same, explaining itself when pointed at. */
export function ExplainedStateBadge({ state }: { readonly state: DhcpStateName }) {
  return (
    <Tooltip label={stateMeanings[state]}>
      <span>
        <StateBadge state={state} />
      </span>
    </Tooltip>
  );
}
