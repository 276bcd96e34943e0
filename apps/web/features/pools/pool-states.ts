import type { PoolState } from "@leasewire/api";
import type { MarkTone } from "#ui/mark.tsx";

/** How a pool is doing, in words, and what that means. */
export const poolStates: Readonly<
  Record<PoolState, { readonly label: string; readonly tone: MarkTone; readonly meaning: string }>
> = {
  plenty: { label: "plenty", tone: "good", meaning: "Less than 90 % of the pool is in use." },
  "nearly-empty": {
    label: "nearly empty",
    tone: "warn",
    meaning: "At least 90 % of the pool is in use: add a range before it is empty.",
  },
  empty: { label: "empty", tone: "bad", meaning: "Nothing is free: new clients are turned away." },
  disabled: {
    label: "no server",
    tone: "dim",
    meaning: "The pool is configured, and no local server of its instance and family gives it out.",
  },
};

export const poolStateNames = Object.keys(poolStates) as readonly PoolState[];
