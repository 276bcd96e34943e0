"use client";

import { useEffect, useMemo, useRef } from "react";

/** Runs `work` now, then at most once per period; the last call of a burst always runs. */
export function throttle(work: () => void, periodMs: number): { run(): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const start = () => {
    timer = setTimeout(() => {
      timer = undefined;
      if (!again) return;
      again = false;
      work();
      start();
    }, periodMs);
  };
  return {
    run() {
      if (timer !== undefined) {
        again = true;
        return;
      }
      work();
      start();
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
      again = false;
    },
  };
}

/** The same, as a callback that always calls the newest `work`. */
export function useThrottled(work: () => void, periodMs: number): () => void {
  const latest = useRef(work);
  latest.current = work;
  const throttled = useMemo(() => throttle(() => latest.current(), periodMs), [periodMs]);
  useEffect(() => () => throttled.cancel(), [throttled]);
  return throttled.run;
}
