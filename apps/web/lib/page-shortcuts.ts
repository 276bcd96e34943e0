"use client";

import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Shortcut } from "#lib/shortcuts.ts";

interface Registered extends Shortcut {
  readonly run?: () => void;
}

let registered: readonly Registered[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Registered[]): void {
  registered = next;
  for (const listener of listeners) listener();
}

/**
 * A key of the page on show, listed in the keyboard help while the page is. `key` is one character; give `keys` to name
 * keys that something else handles already (arrows in a table).
 */
export function useShortcut(shortcut: {
  readonly key?: string;
  readonly keys?: readonly string[];
  readonly does: string;
  readonly run?: () => void;
}): void {
  const latest = useRef(shortcut.run);
  latest.current = shortcut.run;
  const names = shortcut.key ?? shortcut.keys?.join(" ") ?? "";
  const runs = shortcut.run !== undefined;
  useEffect(() => {
    const entry: Registered = {
      keys: names.split(" "),
      does: shortcut.does,
      ...(runs && { run: () => latest.current?.() }),
    };
    change([...registered, entry]);
    return () => change(registered.filter((each) => each !== entry));
  }, [names, shortcut.does, runs]);
}

/** Runs what the page has under a key; false when it has nothing. */
export function runPageShortcut(key: string): boolean {
  const entry = registered.find((each) => each.run !== undefined && each.keys.includes(key));
  entry?.run?.();
  return entry !== undefined;
}

export function usePageShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => registered,
    () => none,
  );
}

const none: readonly Registered[] = [];
