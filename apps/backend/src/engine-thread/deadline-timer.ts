/** One timer for whatever is due next. */
export class DeadlineTimer {
  readonly #now: () => number;
  readonly #next: () => number | null;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | null = null;
  #atMs: number | null = null;
  #stopped = false;

  /** `next` says when something is due, in the time of `now`, null for never. */
  constructor(now: () => number, next: () => number | null, onDue: () => void) {
    this.#now = now;
    this.#next = next;
    this.#onDue = onDue;
  }

  /** What is due next may have changed. */
  schedule(): void {
    const next = this.#next();
    if (next === this.#atMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#atMs = next;
    if (next === null || this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#atMs = null;
        this.#onDue();
      },
      Math.min(Math.max(0, next - this.#now()), timeoutMsMax),
    );
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Longer ones fire at once. */
const timeoutMsMax = 2 ** 31 - 1;
