"use client";

import { useSyncExternalStore } from "react";

/**
 * Text that was typed and not put into the candidate yet. It outlives the page while the tab is open, so that looking
 * at a binding meanwhile loses nothing; a reload asks first.
 */
export interface Draft {
  readonly text: string;
  /** The candidate it began from, to notice when somebody else changed that. */
  readonly basedOn: string;
}

let draft: Draft | null = null;
const listeners = new Set<() => void>();

export function keepDraft(next: Draft | null): void {
  draft = next;
  for (const listener of listeners) listener();
}

export function useDraft(): Draft | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => draft,
    () => null,
  );
}
