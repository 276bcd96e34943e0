/** Time and timers of the services, so that tests can let an hour pass at once. */
export interface Clock {
  now(): number;
  /** Calls `wake` at the time, or soon after; the returned function takes it back. */
  at(timeMs: number, wake: () => void): () => void;
}

/** setTimeout takes at most 2^31 - 1 ms. */
const sleepMsMax = 2_000_000_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(timeMs, wake) {
    let timer: NodeJS.Timeout;
    const sleep = () => {
      const left = timeMs - Date.now();
      if (left <= 0) return wake();
      timer = setTimeout(sleep, Math.min(left, sleepMsMax));
      timer.unref();
    };
    timer = setTimeout(sleep, Math.max(0, Math.min(timeMs - Date.now(), sleepMsMax)));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
