/** Failures of one client for one account before it has to wait. */
export const failuresPerAccountMax = 5;
/** Failures of one client address over all accounts: somebody tries names. */
export const failuresPerAddressMax = 20;
/** Failures of one account from everywhere: somebody tries from many addresses. */
export const failuresPerAccountFromAnywhereMax = 50;
/** Failures count this long; whoever is limited waits until the oldest of them is forgotten. */
export const failureWindowSeconds = 60;
/** Counters kept at most. Beyond it the oldest go: a flood of addresses must not fill the memory. */
export const countersMax = 20_000;

/**
 * Counts failed attempts to sign in, and says how long to wait. An attempt is counted as failed before its answer is
 * known, since attempts sent at once must not all find the counter low; success takes that back.
 */
export class SignInLimit {
  /** Times of failures, milliseconds, oldest first. Insertion order of the map is order of last use. */
  readonly #failures = new Map<string, number[]>();

  /** Seconds to wait before the next attempt; 0 = go ahead. */
  waitSeconds(address: string, account: string, nowMs: number): number {
    return Math.max(
      this.#wait(`${address} ${account}`, failuresPerAccountMax, nowMs),
      this.#wait(address, failuresPerAddressMax, nowMs),
      this.#wait(` ${account}`, failuresPerAccountFromAnywhereMax, nowMs),
    );
  }

  failed(address: string, account: string, nowMs: number): void {
    for (const key of [`${address} ${account}`, address, ` ${account}`]) {
      const times = this.#recent(key, nowMs);
      times.push(nowMs);
      this.#failures.delete(key);
      this.#failures.set(key, times.slice(-failuresPerAccountFromAnywhereMax));
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= countersMax) break;
      this.#failures.delete(key);
    }
  }

  /** Takes back the failure counted in advance, and forgets those of this person from this address. */
  succeeded(address: string, account: string): void {
    this.#failures.delete(`${address} ${account}`);
    for (const key of [address, ` ${account}`]) this.#failures.get(key)?.pop();
  }

  get size(): number {
    return this.#failures.size;
  }

  #wait(key: string, max: number, nowMs: number): number {
    const times = this.#recent(key, nowMs);
    const blocking = times.at(-max);
    return blocking === undefined ? 0 : Math.ceil((blocking + failureWindowSeconds * 1000 - nowMs) / 1000);
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((time) => time > nowMs - failureWindowSeconds * 1000);
  }
}
