"use client";

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let nowSeconds = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowSeconds = Math.floor(Date.now() / 1000);
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time in unix seconds, ticking; one timer serves the whole page. */
export function useNowSeconds(): number {
  return useSyncExternalStore(
    subscribe,
    () => {
      if (timer === undefined) nowSeconds = Math.floor(Date.now() / 1000);
      return nowSeconds;
    },
    () => nowSeconds,
  );
}
